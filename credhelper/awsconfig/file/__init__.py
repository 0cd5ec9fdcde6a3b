"""The locked, atomic edit of a file, and its history."""
