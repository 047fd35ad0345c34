from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.verbs.build import build

TRANSFER: dict[str, Any] = {"target": [{"type": "phone", "number": "1"}], "mode": "warm"}


def refused(options: dict[str, Any], version: str | None = None) -> str:
    with pytest.raises(InvalidVerb) as caught:
        build("transfer", options, jambonz_version=version)
    return str(caught.value)


def test_it_says_to_whom_and_how() -> None:
    """Both are needed, and a newer server."""
    assert build("transfer", {"mode": "blind"}, positional=TRANSFER["target"]).options["mode"] == "blind"
    assert refused({"mode": "warm"}) == "transfer needs target"
    assert refused({"target": TRANSFER["target"]}) == "transfer needs mode"
    assert refused({**TRANSFER, "target": []}) == "transfer.target must not be an empty list"
    assert refused(TRANSFER, "10.2") == "transfer needs jambonz 10.3 or newer, not 10.2"


def test_its_hooks() -> None:
    """What detects machines reports on the other leg."""
    hooks = {"on_hold_hook": "/music", "event_hook": "/event", "action_hook": "/over"}
    verb = build("transfer", {**TRANSFER, **hooks, "amd": {"action_hook": "/amd"}})
    assert {use.name: use.kind for use in verb.hooks} == {
        "/music": HookKind.WAIT,
        "/event": HookKind.NOTIFY,
        "/over": HookKind.ACTION,
        "/amd": HookKind.LEG_REPORT,
    }


def test_the_person_is_told_something() -> None:
    """In words; a template is for models."""
    assert build("transfer", {**TRANSFER, "brief": {"text": "A caller."}}).options["brief"] == {"text": "A caller."}
    assert refused({**TRANSFER, "brief": {"template": "x"}}).startswith("transfer.brief has no option 'template'")
    assert refused({**TRANSFER, "brief": "auto"}) == "transfer.brief must be a dict of options, not 'auto'"


def test_voicemail_is_somewhere() -> None:
    """Whichever outcome leads there."""
    assert build("transfer", {**TRANSFER, "disposition": {"on_busy": "hangup"}})
    assert build("transfer", {**TRANSFER, "disposition": {"on_busy": "voicemail", "voicemail_url": "sip:v@x"}})
    assert refused({**TRANSFER, "disposition": {"onBusy": "voicemail"}}) == (
        "transfer.disposition needs voicemail_url, since on_busy is voicemail"
    )
