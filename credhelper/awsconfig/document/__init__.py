"""A config file as a lossless document: text in, text out. Pure."""
