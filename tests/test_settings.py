"""What an endpoint has been told: what is taken, what is refused, and what is shown of it."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pytest

from jambonz_sync.settings import Settings


def test_secrets_are_not_shown() -> None:
    """What is printed of the settings, in an error report say, has neither credentials nor variables in it."""
    shown = repr(Settings(auth=("jambonz", "hunter2"), app_json={"KEY": {"default": "opensesame"}}, max_calls=7))
    assert "max_calls=7" in shown
    for secret in ("auth", "hunter2", "app_json", "opensesame"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"auth": "jambonz:hunter2"}, TypeError),
        ({"ack_timeout": 0}, ValueError),
        ({"ack_timeout": 5}, ValueError),
        ({"reconnect_timeout": -1}, ValueError),
        ({"max_calls": 0}, ValueError),
        ({"logger": None}, TypeError),
        ({"logger": "jambonz_sync"}, TypeError),
        ({"no_such_setting": 1}, TypeError),
    ],
)
def test_all_or_nothing(changes: dict[str, Any], error: type[Exception]) -> None:
    """What cannot be meant raises, and whatever else was given with it is not taken over either."""
    settings = Settings(max_calls=7, ack_timeout=1.5)
    before = dataclasses.asdict(dataclasses.replace(settings, logger=logging.getLogger("before")))
    with pytest.raises(error):
        Settings(**changes)
    with pytest.raises(error):
        settings.change(**{"strict": False, "jambonz_version": "10", **changes})
    assert dataclasses.asdict(dataclasses.replace(settings, logger=logging.getLogger("before"))) == before


def test_change() -> None:
    """What is given is taken over, checked as at the beginning; the rest stays, for whoever holds the settings."""
    settings = held = Settings(max_calls=7, ack_timeout=1.5)
    settings.change(max_calls=None, auth=["jambonz", "hunter2"])
    assert (held.max_calls, held.auth, held.ack_timeout) == (None, ("jambonz", "hunter2"), 1.5)


@pytest.mark.parametrize(
    "logger", [logging.getLogger("shop"), logging.LoggerAdapter(logging.getLogger("shop"), {})], ids=["one", "adapter"]
)
def test_loggers(logger: Any) -> None:
    """A logger will do, and what stands for one."""
    assert Settings(logger=logger).logger is logger


def test_logger_that_is_none() -> None:
    """It is said at once, not when the first line is to be written."""
    with pytest.raises(TypeError, match="logger is one of the module logging, not None"):
        Settings(logger=None)  # type: ignore[arg-type]
