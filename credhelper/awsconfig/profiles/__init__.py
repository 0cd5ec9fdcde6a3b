"""What the sections of the files mean. Pure."""
