"""Events: what jambonz says in words."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.audio.event import BadEvent, parse_event

DTMF = '{"event":"dtmf","dtmf":"5","duration":"1600"}'
DONE = (
    '{"type":"playDone","data":{"id":"clip-1","playbackSeconds":"1","playbackMilliseconds":"1240",'
    '"playbackLastOffsetPos":"9920"}}'
)


def test_dtmf():
    """A key comes without a type, and its duration in ticks, as a text."""
    event = parse_event(DTMF)
    assert (event.name, event.digit, event.duration, dict(event)) == ("dtmf", "5", 0.2, {"digit": "5", "duration": 0.2})
    assert event.names == {"dtmf", "dtmf:5", "*"}
    assert event.raw == json.loads(DTMF)
    assert event
    assert "dtmf" in repr(event)


def test_dtmf_without_duration():
    """What is missing is missing."""
    event = parse_event('{"event":"dtmf","dtmf":"#","duration":"long"}')
    assert dict(event) == {"digit": "#"}
    with pytest.raises(AttributeError, match="this dtmf event has no 'duration'"):
        _ = event.duration


def test_play_done():
    """Numbers come as texts, and are numbers here."""
    event = parse_event(DONE)
    assert (event.name, event.id, event.playback_seconds, event.playback_milliseconds) == (
        "playDone",
        "clip-1",
        1,
        1240,
    )
    assert event.playback_last_offset_pos == event["playback_last_offset_pos"] == 9920
    assert event.names == {"playDone", "play_done", "playDone:clip-1", "*"}


def test_play_done_of_nobody():
    """A clip need not have a name, and a name that is a number stays a text."""
    assert dict(parse_event('{"type":"playDone","data":{"playbackSeconds":1}}')) == {"playback_seconds": 1}
    assert parse_event('{"type":"playDone","data":{"id":"7"}}').id == "7"


@pytest.mark.parametrize("outcome", ["playout", "cleared"])
def test_mark(outcome):
    """A mark has the name that it was given, which is not that of the event."""
    event = parse_event(json.dumps({"type": "mark", "data": {"name": "end", "event": outcome}}))
    assert (event.name, event.mark, event.event) == ("mark", "end", outcome)
    assert event.names == {"mark", "mark:end", "*"}


def test_unknown():
    """What is new is passed on as it is."""
    event = parse_event('{"type":"loudness","data":{"peakLevel":"7"}}')
    assert (event.name, dict(event)) == ("loudness", {"peakLevel": "7"})
    assert dict(parse_event('{"type":"odd","data":7}')) == {"data": 7}


@pytest.mark.parametrize("text", ["", "no", "7", "[]", "{}", '{"type":""}', '{"type":7}', "[" * 100_000])
def test_bad(text):
    """What is none is refused."""
    with pytest.raises(BadEvent, match=r"is not|has no"):
        parse_event(text)
