from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build, from_wire
from jambonz_sync.verbs.notice import Notice, warn_once


def test_the_path_is_put_together_from_inside() -> None:
    """Levels come innermost first; the sentence follows the whole path."""
    notice = Notice("has no effect", "synthesizer")
    notice.parts.append("tts_stream")
    assert notice.line("config") == "config.tts_stream.synthesizer has no effect"
    assert Notice("goes to nobody").line("transcribe") == "transcribe goes to nobody"


def test_a_line_is_logged_once(warned: Callable[[], list[str]]) -> None:
    """Another one is logged as well."""
    for line in ("one", "two", "one"):
        warn_once(line)
    assert warned() == ["one", "two"]


def test_a_line_is_logged_once_by_many_threads(warned: Callable[[], list[str]]) -> None:
    """Whoever comes first."""
    barrier = threading.Barrier(8)

    def warn() -> None:
        barrier.wait()
        for number in range(20):
            warn_once(f"line {number}")

    threads = [threading.Thread(target=warn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(warned()) == sorted(f"line {number}" for number in range(20))


def test_an_option_without_effect_is_named(warned: Callable[[], list[str]]) -> None:
    """With what to use instead, and once however often it is given."""
    for _ in range(2):
        build("gather", {"speech_timeout": 1, "input": ["speech"]})
        build("gather", {"speechTimeout": 2})
    assert warned() == ["gather.speech_timeout has no effect on jambonz 0.9: use timeout"]


def test_it_is_named_by_its_path(warned: Callable[[], list[str]]) -> None:
    """By the names of Python, without the places in lists, at any depth."""
    synthesizer = {"vendor": "google"}
    build("config", {"ttsStream": {"enable": True, "synthesizer": synthesizer}})
    from_wire(
        [{"verb": "pause", "length": 1}, {"verb": "listen", "url": "/a", "auth": {"username": "a", "password": "b"}}]
    )
    targets = [{"type": "phone", "number": "1"}]
    captured = {"parent_call": ["*1"]}
    build("dial", {"target": targets, "dtmf_capture": captured, "dtmf_hook": "/keys"})
    give_up = {
        "noResponseGiveUpTimeout": 9,
        "giveUpActions": [{"verb": "say", "text": "a", "closeStreamOnEmpty": True}],
    }
    build("config", {"action_hook_delay_action": give_up})
    assert [line.partition(" ")[0] for line in warned()] == [
        "config.tts_stream.synthesizer",
        "listen.auth",
        "dial.dtmf_capture.parent_call",
        "config.action_hook_delay_action.give_up_actions.close_stream_on_empty",
    ]


def test_another_name_is_another_verb(warned: Callable[[], list[str]]) -> None:
    """The warning names what was written."""
    build("stream", {"url": "/a", "auth": {"username": "a", "password": "b"}})
    assert warned() == ["stream.auth has no effect on jambonz 0.9: use ws_auth"]


def test_a_newer_server_has_its_effects(warned: Callable[[], list[str]]) -> None:
    """Nothing is said if the version is known to be one."""
    options = {"noise_isolation": {"enable": True}, "notify_events": False}
    build("config", options, jambonz_version="10")
    assert warned() == []
    build("config", options, jambonz_version="0.9")
    assert warned() == [
        "config.noise_isolation has no effect on jambonz 0.9: only newer servers have it",
        "config.notify_events cannot be taken back on jambonz 0.9: False has no effect",
    ]


def test_an_option_that_is_not_given_is_not_named(warned: Callable[[], list[str]]) -> None:
    """None counts as not given."""
    build("gather", {"speech_timeout": None})
    assert warned() == []


def test_a_verb_that_is_refused_warns_of_nothing(warned: Callable[[], list[str]]) -> None:
    """There is an error to read first."""
    with pytest.raises(InvalidVerb):
        build("gather", {"speech_timeout": 1, "num_digits": "x"})
    with pytest.raises(InvalidVerb):
        build("gather", {"speech_timeout": "x"})
    assert warned() == []
