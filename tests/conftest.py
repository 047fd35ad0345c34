"""Fixtures for all tests."""

from __future__ import annotations

import gc
import logging
import signal
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

# Before they are imported, so that a failed assertion in them is explained too.
pytest.register_assert_rewrite("tests.scenarios.application", "tests.scenarios.jambonz_side")

from tests.scenarios.application import Application, LogLines  # noqa: E402


def pytest_configure() -> None:
    """Let programs that tests start be interrupted, also where these tests run in the background of a shell.

    There SIGINT is ignored, and whatever is ignored is so in child processes too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector out of what is collected: modules and thousands of tests, of which none is garbage.

    It would look through all of that many times while they are collected, and again in each test that makes much
    garbage or asks for a collection.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def log() -> Iterator[LogLines]:
    """The lines that the library logs, at every level."""
    logger = logging.getLogger("jambonz_sync")
    lines = LogLines()
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.setLevel(level)
    logger.removeHandler(lines)


@pytest.fixture
def make_app(log: LogLines) -> Iterator[Callable[..., Application]]:
    """Makes applications, which are closed after the test."""
    made: list[Application] = []

    def make(**options: Any) -> Application:
        application = Application(log, **options)
        made.append(application)
        return application

    yield make
    for application in made:
        application.close()


@pytest.fixture
def app(make_app: Callable[..., Application]) -> Application:
    """An application with one service at ``/app``."""
    return make_app()


@pytest.fixture
def quick_app(make_app: Callable[..., Application]) -> Application:
    """An application that answers in its handlers' place after 0.2 s, and not 4."""
    return make_app(ack_timeout=0.2)
