"""The use cases of the `profile` commands."""
