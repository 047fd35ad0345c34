"""What may grow in a session: that the figures are those of what they say."""

from __future__ import annotations

import logging

import pytest

from benchmarks import growth_session
from benchmarks.growth_curve import Curve
from benchmarks.growth_session import EVENTS, NAMES, VERBS
from benchmarks.growth_talk import Talk
from jambonz_sync.protocol.mailbox import Mailbox


@pytest.mark.parametrize("curve", [VERBS, EVENTS, NAMES], ids=lambda curve: curve.name)
def test_every_size(curve: Curve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each size there is a sample of each figure, and no call has anything to complain of."""
    monkeypatch.setattr(growth_session, "Timing", OneCall)
    with caplog.at_level(logging.WARNING):
        for size in curve.sizes:
            with curve.place(size) as sample:
                taken = sample()
            assert len(taken) == len(curve.figures)
            assert all(value is not None and value > 0 for value in taken)
    assert not caplog.records


class OneCall:
    """Calls a function once for a sample, which takes a second."""

    def __init__(self, function: object) -> None:
        assert callable(function)
        self._function = function

    def __call__(self) -> float:
        self._function()
        return 1.0


def test_per_verb_and_per_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are shares of what a turn takes."""
    monkeypatch.setattr(growth_session, "Timing", OneCall)
    with VERBS.place(10) as sample:
        assert sample() == (1.0, 0.1)
    with NAMES.place(10) as sample:
        assert sample() == (1.0, 0.1, 1.0, 1.0)


@pytest.mark.parametrize("kind", ["call:status", "verb:status"])
def test_events_stay(kind: str) -> None:
    """As many are there when one has been taken as before, up to the bound of the mailbox."""
    assert EVENTS.sizes[-1] == Mailbox().limit - 1
    take = growth_session._behind(Mailbox().limit - 1, kind)
    mailbox = take.__closure__[0].cell_contents.session._conversation.call.mailbox  # type: ignore[attr-defined,index]
    for _ in range(3):
        assert take().type == "verb:status"
        assert len(mailbox) == Mailbox().limit - 1
        assert mailbox.dropped == 0


def test_names_are_known() -> None:
    """Those that were named before are known to the call, all of them, though they come in several messages."""
    names = [f"/hook-{number}" for number in range(250)]
    talk = growth_session._that_knows(names)
    assert isinstance(talk, Talk)
    assert talk.session._conversation.call.unknown_hooks([*names, "/heard", "/not"]) == ["/not"]
