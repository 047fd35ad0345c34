"""What is complained of at the end of a test."""

from __future__ import annotations

import logging

from jambonz_sync.simulator import RealClock, Transcript
from jambonz_sync.testing.complaints import Complaints


def transcript(*entries: tuple[str, str]) -> Transcript:
    made = Transcript(RealClock())
    for who, what in entries:
        made.add(who, what)  # type: ignore[arg-type]
    return made


def test_faults():
    """Of a transcript it is the faults, whatever their words, and nothing else."""
    calls = [
        transcript(("note", "the command redirect is lost"), ("fault", "one"), ("app", "is lost")),
        transcript(("fault", "two")),
    ]
    assert Complaints().all(calls) == ["one", "two"]


def test_log():
    """Of a log it is the warnings and errors, with their exceptions."""
    logger = logging.getLogger("tests.complaints")
    complaints = Complaints()
    complaints.listen_to(logger)
    complaints.listen_to(logger)
    logger.info("all is well")
    logger.warning("%s is late", "/menu")
    try:
        raise ValueError("no such order")
    except ValueError:
        logger.exception("raised")
    complaints.close()
    logger.warning("nobody listens")
    warned, raised = complaints.all([])
    assert warned == "/menu is late"
    assert raised.startswith("raised\nTraceback")
    assert raised.endswith("ValueError: no such order")


def test_tolerated():
    """What is tolerated is left out, of both."""
    logger = logging.getLogger("tests.complaints")
    complaints = Complaints()
    complaints.listen_to(logger)
    logger.warning("/menu is late")
    complaints.tolerate("is la?te")
    complaints.tolerate("^one")
    assert complaints.all([transcript(("fault", "one"), ("fault", "not one"))]) == ["not one"]
    complaints.close()
