from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build
from jambonz_sync.verbs.registry import VERBS


def test_it_needs_nothing() -> None:
    """An empty one is heard by nobody, and is of use as such."""
    assert build("config").wire() == {"verb": "config"}


def test_its_hooks() -> None:
    """Each of its kind."""
    verb = build("config", {"refer_hook": "/refer", "sip_request_within_dialog_hook": "/sip"})
    assert verb.hooks == (HookUse("/refer", HookKind.ENTER), HookUse("/sip", HookKind.NOTIFY))


def test_settings_that_begin_or_end_something_say_which() -> None:
    """An empty object is refused."""
    for name in ("barge_in", "listen", "transcribe", "tts_stream", "filler_noise"):
        with pytest.raises(InvalidVerb, match=f"config.{name} needs enable"):
            build("config", {name: {}})


def test_settings_without_effect_are_marked() -> None:
    """They are accepted, and say why they do nothing."""
    ignored = {field.name for field in VERBS["config"].fields if field.ignored}
    assert ignored == {"stream", "noise_isolation", "turn_taking", "track_tts_playout", "early_media"}


def test_events_once_asked_for_keep_coming(warned: Callable[[], list[str]]) -> None:
    """False does nothing."""
    build("config", {"notify_events": True})
    assert warned() == []
    build("config", {"notifyEvents": False})
    assert warned() == ["config.notify_events cannot be taken back on jambonz 0.9: False has no effect"]


def test_listen_has_two_names() -> None:
    """One of them at a time."""
    with pytest.raises(InvalidVerb, match="config has listen and stream"):
        build("config", {"listen": {"enable": False}, "stream": {"enable": False}})
