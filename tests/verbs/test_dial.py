from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.verbs.build import build

TARGET = [{"type": "phone", "number": "1"}]


def test_it_calls_somebody() -> None:
    """At least one."""
    with pytest.raises(InvalidVerb, match="dial needs target"):
        build("dial", {"action_hook": "/x"})
    with pytest.raises(InvalidVerb, match="dial has no option 'number'; it is an option of target"):
        build("dial", {"number": "+15551234"})
    with pytest.raises(InvalidVerb, match=r"dial\.target must not be an empty list"):
        build("dial", {"target": []})


def test_its_hooks() -> None:
    """Each of its kind; what is nested reports on the leg."""
    names = ["action_hook", "confirm_hook", "on_hold_hook", "refer_hook", "dtmf_hook"]
    verb = build(
        "dial",
        {
            "target": TARGET,
            **{name: f"/{name}" for name in names},
            "listen": {"url": "/audio", "action_hook": "/heard", "transcribe": {"transcription_hook": "/said"}},
            "transcribe": {"transcription_hook": "/said", "translation_hook": "/translated"},
        },
    )
    assert [(use.name, use.kind) for use in verb.hooks] == [
        ("/action_hook", HookKind.ACTION),
        ("/confirm_hook", HookKind.CONFIRM),
        ("/on_hold_hook", HookKind.WAIT),
        ("/refer_hook", HookKind.ENTER),
        ("/dtmf_hook", HookKind.NOTIFY),
        ("/heard", HookKind.LEG_REPORT),
        ("/said", HookKind.LEG_REPORT),
        ("/said", HookKind.LEG_REPORT),
        ("/translated", HookKind.LEG_REPORT),
    ]


def test_names_with_capitals() -> None:
    """The wire's spelling is no plain camelCase there."""
    assert build("dial", {"target": TARGET, "forward_pai": False}).options["forwardPAI"] is False
    assert build("dial", {"target": TARGET, "forwardPAI": False}).options["forwardPAI"] is False
    with pytest.raises(InvalidVerb, match="'forwardPai'; did you mean forward_pai"):
        build("dial", {"target": TARGET, "forwardPai": False})


def test_key_patterns() -> None:
    """A list, or one for each side."""
    assert build("dial", {"target": TARGET, "dtmf_capture": ["*2"]}).options["dtmfCapture"] == ["*2"]
    verb = build("dial", {"target": TARGET, "dtmf_capture": {"child_call": ["*2"]}})
    assert verb.options["dtmfCapture"] == {"childCall": ["*2"]}


def test_what_passes_as_it_stands() -> None:
    """The tag, and the names of headers."""
    options = {"target": TARGET, "tag": {"a_b": None}, "headers": {"x_y": "1"}}
    assert build("dial", options).options == options


def test_tracks_have_no_verb_key() -> None:
    """Nor has anything else that is nested here."""
    with pytest.raises(InvalidVerb, match=r"dial\.dub\[0\] takes no 'verb'"):
        build("dial", {"target": TARGET, "dub": [{"verb": "dub", "action": "addTrack", "track": "a"}]})


def test_ten_can_be_called() -> None:
    """Not more."""
    assert build("dial", {"target": TARGET * 10})
    with pytest.raises(InvalidVerb, match="dial has 11 targets, and jambonz calls ten at most"):
        build("dial", {"target": TARGET * 11})


def test_listen_has_two_names() -> None:
    """One of them at a time."""
    assert build("dial", {"target": TARGET, "stream": {"url": "/a"}})
    with pytest.raises(InvalidVerb, match="dial has listen and stream, which are two names for one thing; keep listen"):
        build("dial", {"target": TARGET, "stream": {"url": "/a"}, "listen": {"url": "/a"}})


def test_keys_to_look_out_for_and_their_hook_go_together(warned: Callable[[], list[str]]) -> None:
    """One without the other has no effect."""
    build("dial", {"target": TARGET, "dtmf_hook": "/keys", "dtmf_capture": ["*1"]})
    assert warned() == []
    build("dial", {"target": TARGET, "dtmf_hook": "/keys"})
    build("dial", {"target": TARGET, "dtmf_capture": ["*1"]})
    assert warned() == [
        "dial.dtmf_hook is never told of keys without dtmf_capture beside it",
        "dial.dtmf_capture has no effect without dtmf_hook beside it",
    ]
