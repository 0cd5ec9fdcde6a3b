"""The text of docs/compatibility.md around the table."""

HEAD = """# Compatibility

TODO

"""
BEHIND = """
## Not run

"""
