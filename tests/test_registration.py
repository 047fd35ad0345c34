"""Functions that are registered by name."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from jambonz_sync.registration import Registration


@pytest.fixture
def registration():
    """That of some service."""
    return Registration("a shop", ("order", "error"), "For prices ask at the counter")


def test_a_function_and_a_decorator(registration):
    """Either way the function is returned as it is, and found by its name; the last one counts."""
    assert registration.get("order") is None
    assert registration.on("order", print) is print
    assert registration.get("order") is print
    assert registration.on("order")(repr) is repr
    assert registration.get("order") is repr


def test_another_name(registration):
    """It is refused, with the names that there are, and with where else it may belong."""
    with pytest.raises(ValueError, match=r"a shop has no 'price'; it has order, error\. For prices ask at the counter"):
        registration.on("price", print)


def test_no_function(registration):
    """What cannot be called is refused."""
    with pytest.raises(TypeError, match=r"on\('order'\) needs a function, not 5"):
        registration.on("order", 5)


def test_errors(registration, caplog):
    """They are told to the function for them, whose own are logged; without one nothing happens."""
    subject = SimpleNamespace(log=logging.getLogger("a shop"))
    error = LookupError("sold out")
    registration.report_error(subject, error, "it raised, too")
    told = []
    registration.on("error", lambda *given: told.append(given))
    registration.report_error(subject, error, "it raised, too")
    assert told == [(subject, error)]
    registration.on("error", lambda *given: 1 / 0)
    registration.report_error(subject, error, "it raised, too")
    assert [(record.levelname, record.message) for record in caplog.records] == [("ERROR", "it raised, too")]
    assert "ZeroDivisionError" in caplog.text
