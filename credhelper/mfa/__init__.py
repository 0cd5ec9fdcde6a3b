"""One-time codes: from the terminal or from a program."""
