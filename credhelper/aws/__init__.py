"""AWS through botocore: shared files, endpoints, source credentials and STS."""
