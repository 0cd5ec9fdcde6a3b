"""Why a role does not reach a bucket or an object."""
