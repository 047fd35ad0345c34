"""Fixtures for the tests of the transport."""

from __future__ import annotations

import pytest

from tests.transport.peers import Tls


@pytest.fixture(scope="session")
def tls() -> Tls:
    """A certificate for 127.0.0.1, with a context for each side."""
    return Tls()
