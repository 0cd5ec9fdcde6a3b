"""Pure values: credentials, the role request, the process document, freshness and printable text."""
