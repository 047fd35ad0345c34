"""Who listens in the background, and when the caller then speaks."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, Presses, Says, Silence, Transcript

from .server import HANGUP, App, call, gather, say

#: Something that listens and never answers.
LISTENS = {"verb": "config", "transcribe": {"enable": True, "transcriptionHook": "http://127.0.0.1/"}}
PAUSE = {"verb": "pause", "length": 20}


def heard(*steps: Any, verbs: Any) -> Transcript:
    return call(lambda app: (app.begin(LISTENS, *verbs), app.until_closed()), *steps, HangsUp(at=60))


def when(transcript: Transcript, what: str) -> float:
    return next(entry.time for entry in transcript.entries if entry.what == what)


@pytest.mark.parametrize(
    ("step", "verbs", "at"),
    [
        (Says("hello"), [PAUSE], 0.5),
        (Says("hello"), [say("one two"), PAUSE], 1.3),
        (Says("hello"), [{"verb": "pause", "length": 0.3}] * 9, 0.5),
        (Says("hello", barge_in=True), [say("one two three four")], 0.5),
        (Says("hello"), [say("one two")], 1.3),
    ],
)
def test_when(step, verbs, at):
    """The caller speaks half a second into a pause, or into whatever is heard if it is said to barge in."""
    assert when(heard(step, verbs=verbs), "hello") == pytest.approx(at)


def test_in_order():
    """Steps follow each other, half a second after the one before."""
    transcript = heard(Says("one two"), Presses("12"), Silence(3), Says("three"), verbs=[PAUSE])
    assert when(transcript, "presses 12") == pytest.approx(0.5 + 0.8 + 0.5)
    assert when(transcript, "three") == pytest.approx(1.8 + 0.4 + 3)


def test_hang_up():
    """A caller may hang up in a pause."""
    assert heard(HangsUp(), verbs=[PAUSE]).entries[-1].time == pytest.approx(0.5)


def test_gather_comes_first():
    """While a gather waits for the caller it is the gather that is answered."""

    def application(app: App) -> None:
        app.begin(LISTENS, gather("speech", timeout=9, say={"text": "Yes?"}))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    transcript = call(application, "hello")
    assert when(transcript, "hello") == pytest.approx(0.9)
    assert "by HTTP" in transcript.of("note")[0]


def test_nobody_listens():
    """Where nobody listens the caller keeps silent."""
    transcript = call(lambda app: (app.begin(PAUSE, HANGUP), app.until_closed()), "hello", HangsUp(at=30))
    assert transcript.of("caller") == ["hangs up"]
