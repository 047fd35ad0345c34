"""Tools for those who work on the library; not part of it."""
