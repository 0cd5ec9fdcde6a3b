"""Reading and editing ~/.aws/config without losing a byte."""
