"""The audit trail: one line for every hand-out, written and read."""
