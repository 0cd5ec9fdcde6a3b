"""The encrypted cache: what an entry is, where it lies and which key seals it."""
