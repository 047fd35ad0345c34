"""Fixtures for the tests of audio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.scenarios.application import LogLines

from .application import AudioApplication


@pytest.fixture
def make_audio(log: LogLines) -> Iterator[Callable[..., AudioApplication]]:
    """Makes applications that take audio; they are closed after the test, which must have found every warning."""
    made: list[AudioApplication] = []

    def make(**options: Any) -> AudioApplication:
        application = AudioApplication(**options)
        made.append(application)
        return application

    yield make
    for application in made:
        application.close()
    assert log.unexpected() == []


@pytest.fixture
def audio(make_audio: Callable[..., AudioApplication]) -> AudioApplication:
    """An application that takes audio at ``/audio``."""
    return make_audio()
