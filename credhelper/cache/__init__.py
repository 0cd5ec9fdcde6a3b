"""Sealed entries on disk, and the short memory of failures."""
