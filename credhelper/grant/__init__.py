"""What a grant is: a role with its trust in one account, and the right to assume it in another. Pure."""
