"""The only part that imports botocore."""
