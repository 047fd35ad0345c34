"""The command ``dial``."""

from __future__ import annotations

from typing import Any

import pytest

from .sending import message, refused

TARGET = {"type": "phone", "number": "+15550101"}


@pytest.mark.parametrize(
    ("options", "text", "path"),
    [
        ({"to": TARGET, "call_hook": "/x"}, "inject_dial needs from_", "inject_dial.from_"),
        ({"from_": "1", "call_hook": "/x"}, "inject_dial needs to", "inject_dial.to"),
        (
            {"from_": "1", "to": TARGET},
            "inject_dial needs call_hook or application_sid, which say who gets the call",
            "inject_dial.call_hook",
        ),
        (
            {"from_": "1", "to": "+15550101", "call_hook": "/x"},
            "inject_dial.to must be a dict of options, not '+15550101'",
            "inject_dial.to",
        ),
        (
            {"from_": "1", "to": {"type": "sip"}, "call_hook": "/x"},
            "inject_dial.to needs sip_uri, since type is sip",
            "inject_dial.to.sip_uri",
        ),
        (
            {"from_": "1", "to": TARGET, "callHook": "/x"},
            "inject_dial has no option 'callHook'; did you mean call_hook?",
            "inject_dial.callHook",
        ),
        (
            {"from_": "1", "from": "1", "to": TARGET, "call_hook": "/x"},
            "inject_dial has from_ twice, as 'from_' and as 'from'; keep one",
            "inject_dial.from",
        ),
    ],
)
def test_what_a_call_needs(options: dict[str, Any], text: str, path: str) -> None:
    """Who calls, who is called, and who answers; the server would tell nobody what is missing."""
    assert refused(lambda s: s.inject_dial(**options)) == (text, path)


def test_either_says_who_gets_the_call() -> None:
    """Both together are fine too."""
    for who in ({"call_hook": "/x"}, {"application_sid": "a"}, {"call_hook": {"url": "/x"}, "application_sid": "a"}):
        assert message(lambda s, who=who: s.inject_dial(from_="1", to=TARGET, **who))["data"].keys() >= who.keys()


def test_own_data_is_left_alone() -> None:
    """Its keys are none of ours."""
    sent = message(lambda s: s.inject_dial(from_="1", to=TARGET, call_hook="/x", tag={"some_key": {"otherKey": None}}))
    assert sent["data"]["tag"] == {"some_key": {"otherKey": None}}
