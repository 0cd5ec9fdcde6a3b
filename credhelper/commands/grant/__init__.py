"""Grants between two accounts: what is there, what is missing, and the calls that make it so."""
