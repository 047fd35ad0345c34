"""Whole calls over real sockets, told like stories."""
