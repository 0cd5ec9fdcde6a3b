"""Use cases: each takes values and returns a result; none prints."""
