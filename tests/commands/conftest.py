"""Fixtures for the tests of the commands."""

from __future__ import annotations

from tests.verbs.conftest import warned

__all__ = ["warned"]
