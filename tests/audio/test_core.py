"""One connection as a state machine, without sockets, threads and clocks."""

from __future__ import annotations

import json
import logging

import pytest

from jambonz_sync.audio.core import AudioCore
from jambonz_sync.audio.metadata import parse_metadata

from .application import facts


def core(**options) -> AudioCore:
    return AudioCore(parse_metadata(json.dumps(facts())), **{"max_lag": 1.0, **options})


def key(digit: str) -> str:
    return json.dumps({"event": "dtmf", "dtmf": digit, "duration": "800"})


def test_events_in_order():
    """Events are taken in order of arrival, by any of their names."""
    machine = core()
    for digit in "123":
        machine.receive(key(digit))
    assert machine.take({"mark"}) is None
    assert machine.take({"dtmf:2", "mark"}).digit == "2"
    assert [machine.take({"*"}).digit for _ in range(2)] == ["1", "3"]
    assert machine.take({"*"}) is None


def test_most_events():
    """Of events that nobody takes the newest are kept, and that is said, though not each time."""
    machine = core()
    for number in range(1200):
        machine.receive(key(str(number)))
    assert machine.take({"dtmf"}).digit == "200"
    assert [notice.level for notice in machine.notices] == [logging.WARNING]


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}"])
def test_bad_messages(text):
    """What cannot be read is no event, and is complained of once in a while."""
    machine = core()
    for now in (0.0, 1.0, 11.0):
        machine.now = now
        machine.receive(text)
    assert len(machine.notices) == 2
    assert text in machine.notices[0].text


def test_lag():
    """Who reads and is late is told, once in a while; who does not read is not."""
    machine = core()
    machine.receive(bytes(16_000))
    machine.receive(bytes(320))
    assert machine.notices == []
    machine.inflow.take(320)
    for _ in range(3):
        machine.receive(bytes(320))
    machine.now = 20.0
    machine.receive(bytes(320))
    assert [notice.text.partition(" of audio")[0] for notice in machine.notices[1:]] == [
        "dropped 0.02 s",
        "dropped 0.04 s",
    ]
    assert "1.0 s behind the caller" in machine.notices[0].text
    assert all(notice.locate for notice in machine.notices)


def test_end():
    """The end is told once, and nothing is sent after it."""
    machine = core()
    machine.send("before")
    machine.closed(1000, "done")
    machine.closed(1006, "twice")
    machine.send("after")
    machine.disconnect()
    machine.kill_audio()
    assert machine.ending == (1000, "done")
    assert machine.outbox == []


def test_closed_from_here():
    """Nothing is sent once this side has closed, though what the other side sends still comes, and its end is told."""
    machine = core()
    machine.close(1000, "enough")
    machine.close(1011, "twice")
    machine.send("after")
    machine.receive(bytes(320))
    assert (machine.over, machine.ending) == ((1000, "enough"), None)
    assert machine.inflow.take(320) == bytes(320)
    machine.closed(1006, "it never answered")
    assert machine.over == machine.ending == (1006, "it never answered")
    assert machine.outbox == []


def test_kill():
    """Where nothing was sent yet there may still be something to kill; a stream is killed whole."""
    machine = core()
    machine.kill_audio()
    assert not machine.streams
    assert machine.use("send_audio") == ""
    machine.kill_audio()
    assert machine.streams
    assert [json.loads(message) for message in machine.outbox] == [{"type": "killAudio"}] * 2
    assert machine.outflow.kills == 1
    assert "play_audio() after send_audio()" in machine.use("play_audio")


def test_rates():
    """What is streamed has the rate of what is heard, unless it is said otherwise."""
    assert core().outflow.rate == 8000
    assert core(playout_rate=16_000).outflow.rate == 16_000


def test_fault_of_the_facts():
    """What is wrong with the first message is for the log."""
    machine = AudioCore(parse_metadata(b""), max_lag=1.0)
    assert ["did not begin" in notice.text for notice in machine.notices] == [True]
