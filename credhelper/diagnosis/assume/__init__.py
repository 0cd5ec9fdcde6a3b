"""Why a role is refused, by the policies of both sides."""
