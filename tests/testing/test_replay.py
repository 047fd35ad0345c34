"""A recorded call, played again."""

from __future__ import annotations

import json

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator.transcript import WireMessage
from jambonz_sync.testing.replay import record as record_messages
from jambonz_sync.testing.replay import recorded


def application(greeting="Say something.", **options):
    """An application that says back what it hears; ``options`` are those of its gather."""
    endpoint = create_endpoint()
    service = endpoint.make_service("/echo")

    @service.on("session:new")
    def answer(session):
        session.say(greeting).gather(input=["speech"], action_hook="/said", **options).send()
        while True:
            evt = session.wait_for("/said")
            session.say(f"You said: {evt.transcript}").gather(input=["speech"], action_hook="/said").reply()

    return endpoint


@pytest.fixture
def record(jambonz, tmp_path):
    """The record of a call to the application."""
    call = jambonz.call(application(), "/echo")
    call.says("hello")
    assert call.heard("You said: hello")
    call.says("again")
    assert call.heard("You said: again")
    call.hangs_up()
    path = tmp_path / "call.jsonl"
    call.record(path)
    return path


def test_the_same_application(jambonz, record):
    """An application that does what it did passes."""
    jambonz.replay(application(), record, "/echo")


def test_other_ids_and_times(jambonz, record):
    """Verbs may have other ids, and statuses name those; an application may be slower than it was."""
    endpoint = create_endpoint()
    service = endpoint.make_service("/echo")

    @service.on("session:new")
    def answer(session):
        session.sleep(1)
        session.say("Say something.").gather(id="mine", input=["speech"], action_hook="/said").send()
        for number in range(2):
            evt = session.wait_for("/said")
            assert evt.verb_id == ("mine" if number == 0 else "1st")
            session.say(f"You said: {evt.transcript}")
            session.gather(id="1st", input=["speech"], action_hook="/said").reply()
        session.wait_for("/said")

    jambonz.replay(endpoint, record, "/echo")


def test_another_text(jambonz, record):
    """What is different is shown, with both messages."""
    with pytest.raises(
        AssertionError, match=r"(?s)message 2 of the record is another one now:.*- .*Say some.*\+ .*Go on"
    ):
        jambonz.replay(application("Go on."), record, "/echo")


def test_another_option(jambonz, record):
    """An option more is a difference too."""
    with pytest.raises(AssertionError, match=r'(?s)\+ .*"timeout": 7'):
        jambonz.replay(application(timeout=7), record, "/echo")


def test_a_message_that_is_missing(jambonz, record):
    """An application that sends less than it did fails."""
    endpoint = create_endpoint()
    service = endpoint.make_service("/echo")

    @service.on("session:new")
    def answer(session):
        session.say("Say something.").gather(input=["speech"], action_hook="/said").send()
        session.wait_for("/said").reply()
        session.wait_for("/never")

    jambonz.tolerates("/never|/said")
    with pytest.raises(AssertionError, match=r"message \d+ of the record is another one now"):
        jambonz.replay(endpoint, record, "/echo")


def test_a_message_too_many(jambonz, record):
    """An application that sends more than it did fails."""
    lines = record.read_text().splitlines()
    last = max(number for number, line in enumerate(lines) if json.loads(line)["direction"] == "out")
    record.write_text("\n".join(lines[:last] + lines[last + 1 :]))
    with pytest.raises(AssertionError, match="behind the end of the record the application sends"):
        jambonz.replay(application(), record, "/echo")


def test_a_record_can_be_read(record):
    """A record is JSON lines with time, direction and message."""
    messages = recorded(record)
    assert [one.direction for one in messages[:2]] == ["in", "out"]
    assert messages[0].message["type"] == "session:new"
    assert messages[-1].time >= messages[0].time


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"time": 1, "direction": "up", "message": {}}', '"text"'])
def test_no_record(tmp_path, line):
    """What is no record is refused, with the number of the line."""
    path = tmp_path / "call.jsonl"
    path.write_text(f'{{"time": 0, "direction": "in", "message": {{}}}}\n{line}\n')
    with pytest.raises(ValueError, match=r"line 2 of .* is no record of a message"):
        recorded(path)


def test_line_separators(tmp_path):
    """A text with a character that ends a line, in Unicode's view, is read again as it was."""
    one = WireMessage(0.0, "in", {"type": "x", "text": "two\u2028lines\x85more"})
    record_messages([one], tmp_path / "r.jsonl")
    assert recorded(tmp_path / "r.jsonl") == [one]


def test_a_masked_secret(jambonz, record):
    """What was masked in the record stands for whatever the application sends in its place."""
    text = record.read_text(encoding="utf-8")
    assert '"You said: again"' in text
    record.write_text(text.replace('"You said: again"', '"***"'), encoding="utf-8")
    jambonz.replay(application(), record, "/echo")
    record.write_text(text.replace('"text": "You said: again"', '"text": "You said: again", "password": "***"'))
    with pytest.raises(AssertionError, match="password"):
        jambonz.replay(application(), record, "/echo")
