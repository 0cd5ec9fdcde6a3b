"""Why a profile gives no credentials: what is looked at, in the order in which a request passes it."""
