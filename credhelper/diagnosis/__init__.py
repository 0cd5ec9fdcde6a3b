"""Why access is denied: what is known, which causes it leaves, and how certain each of them is. Pure."""
