from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_its_hooks() -> None:
    """Waiting and entering want their verbs in the answer itself."""
    names = ["action_hook", "wait_hook", "enter_hook", "status_hook"]
    verb = build("conference", {name: f"/{name}" for name in names}, positional="weekly")
    assert [use.kind for use in verb.hooks] == [HookKind.ACTION, HookKind.WAIT, HookKind.ENTER, HookKind.NOTIFY]


def test_a_nested_listen_only_reports() -> None:
    """The call does not stand still for it."""
    verb = build("conference", {"name": "weekly", "listen": {"url": "/audio", "action_hook": "/heard"}})
    assert verb.hooks == (HookUse("/heard", HookKind.REPORT),)


def test_events_and_their_hook_go_together(warned: Callable[[], list[str]]) -> None:
    """One without the other has no effect."""
    build("conference", {"status_hook": "/status", "status_events": ["join"]}, positional="weekly")
    assert warned() == []
    build("conference", {"status_hook": "/status", "status_events": []}, positional="weekly")
    build("conference", {"status_events": ["join"]}, positional="weekly")
    assert warned() == [
        "conference.status_hook is told of nothing without status_events beside it",
        "conference.status_events has no effect without status_hook beside it",
    ]


def test_listen_has_two_names() -> None:
    """One of them at a time."""
    with pytest.raises(InvalidVerb, match="conference has listen and stream"):
        build("conference", {"listen": {"url": "/a"}, "stream": {"url": "/a"}}, positional="weekly")
