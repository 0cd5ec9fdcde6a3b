"""One request: from a profile's name to credentials, and its face for SDKs."""
