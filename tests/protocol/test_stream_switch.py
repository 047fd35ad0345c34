"""Whether a stream is open."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.stream_switch import StreamSwitch
from jambonz_sync.protocol.verb import Verb

ON = Verb("config", {"ttsStream": {"enable": True}})
OFF = Verb("config", {"ttsStream": {"enable": False}})


@pytest.mark.parametrize(
    ("verbs", "is_open"),
    [
        ([], False),
        ([ON], True),
        ([ON, OFF], False),
        ([OFF, ON], True),
        ([ON, Verb("config", {"reset": "synthesizer"}), Verb("say", {"text": "Hello."})], True),
        ([Verb("config", {"ttsStream": "on"})], False),
        ([Verb("say", {"stream": True})], True),
        ([Verb("say", {"text": "Hello.", "stream": False})], False),
        ([Verb("say", {"stream": True}), Verb("hangup")], True),
        ([Verb("play", {"stream": True, "ttsStream": {"enable": True}})], False),
    ],
)
def test_verbs(verbs, is_open):
    """The last verb that says something about it decides."""
    switch = StreamSwitch()
    switch.see_verbs(verbs)
    assert switch.is_open is is_open


def test_command():
    """The options of a command do the same as those of the verb."""
    switch = StreamSwitch()
    switch.see_config({"ttsStream": {"enable": True}})
    assert switch.is_open
    switch.see_config({"bargeIn": {"enable": True}})
    assert switch.is_open
    switch.see_config({"ttsStream": {"enable": False}})
    assert not switch.is_open


def test_events():
    """jambonz says when it is opened and closed; what else it says of the stream changes nothing."""
    switch = StreamSwitch()
    for kind in (None, "stream_resumed", "stream_open", "stream_paused", "user_interruption"):
        switch.see_event(kind)
        assert switch.is_open is (kind in ("stream_open", "stream_paused", "user_interruption"))
    switch.see_event("stream_closed")
    assert not switch.is_open


def test_failed():
    """A stream that has failed has to be opened anew."""
    switch = StreamSwitch()
    switch.see_verbs([ON])
    switch.fail()
    assert not switch.is_open
