"""The log of a call names the call in every line."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from jambonz_sync.call_log import CallLog

LOGGER = logging.getLogger("jambonz_sync.tests.call_log")


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        ({"call_sid": "c1"}, "call c1: it rings twice"),
        ({"call_sid": None}, "call without sid: it rings twice"),
        ({}, "call without sid: it rings twice"),
    ],
)
def test_lines(extra: dict[str, Any], line: str, caplog: pytest.LogCaptureFixture) -> None:
    """The sid is in front, or that there is none."""
    with caplog.at_level(logging.INFO, LOGGER.name):
        CallLog(LOGGER, extra).info("it rings %s", "twice")
    assert caplog.messages == [line]


def test_a_sid_that_comes_later(caplog: pytest.LogCaptureFixture) -> None:
    """It is that of the moment at which something is logged."""
    extra: dict[str, Any] = {}
    log = CallLog(LOGGER, extra)
    extra["call_sid"] = "c1"
    log.warning("it rings")
    assert caplog.messages == ["call c1: it rings"]


def test_a_forged_sid(caplog: pytest.LogCaptureFixture) -> None:
    """A sid comes over the network: it does not begin a line of its own."""
    CallLog(LOGGER, {"call_sid": "c1\nERROR all is lost\x1b[2J\u2028"}).warning("it rings")
    assert caplog.messages == ["call c1?ERROR all is lost?[2J?: it rings"]
