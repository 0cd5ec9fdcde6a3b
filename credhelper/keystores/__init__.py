"""Where the master key is kept: one small secret in a store of the operating system."""
