"""The audit trail: one line each time credentials are issued, written and read."""
