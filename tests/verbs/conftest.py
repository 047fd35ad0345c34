"""Fixtures for the tests of the verbs."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from jambonz_sync.verbs import notice


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the warnings logged since the last call, in a process that has said nothing yet."""
    monkeypatch.setattr(notice, "_said", set())

    def lines() -> list[str]:
        found = [
            line for name, level, line in caplog.record_tuples if (name, level) == ("jambonz_sync", logging.WARNING)
        ]
        caplog.clear()
        return found

    return lines
