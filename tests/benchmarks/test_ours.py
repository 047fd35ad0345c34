from __future__ import annotations

from benchmarks import ours
from benchmarks.starting import start


def test_the_plain_turn() -> None:
    """A say and a gather, checked and ready to be sent, and the queue is empty again."""
    session = ours.session()
    for _ in range(2):
        assert [verb.wire() for verb in ours.plain(session)] == [
            {"verb": "say", "text": "Say something."},
            {"verb": "gather", "input": ["speech"], "actionHook": "/transcript", "timeout": 15},
        ]


def test_the_typical_turn() -> None:
    """With objects inside, in the wire's spelling."""
    say, gather = [verb.wire() for verb in ours.typical(ours.session())]
    assert say["synthesizer"]["vendor"] == "google"
    assert gather["actionHook"] == "/name"
    assert gather["say"] == {"text": "Whom would you like to speak to?"}
    assert gather["recognizer"]["hints"] == ["sales", "support"]


def test_side() -> None:
    """It has one way, with both turns, which can be taken again and again."""
    side = ours.side()
    assert (side.name, side.module) == ("jambonz-sync", "jambonz_sync")
    (way,) = side.ways
    assert list(way.turns) == ["plain", "typical"]
    for turn in way.turns.values():
        assert turn() == turn()


def test_the_first_turn_runs_by_itself() -> None:
    """In an interpreter that has imported nothing."""
    start(ours.side().first_turn)
