"""What SDKs read differently or reject. Pure."""
