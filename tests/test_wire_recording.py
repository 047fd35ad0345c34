"""Recording the messages of running calls."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import pathlib
import resource
import stat
import threading

import pytest

from jambonz_sync.simulator import Says, SimulatedCall
from jambonz_sync.testing.replay import recorded
from jambonz_sync.wire_recording import Recordings, WireRecording
from tests.transport.peers import TIMEOUT, Background, eventually

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"
LOG = logging.getLogger("jambonz_sync.tests.wire_recording")

NEW = {"type": "session:new", "msgid": "m1", "call_sid": "c1", "data": {"call_sid": "c1"}}


@pytest.fixture
def warnings(caplog):
    """The warnings so far."""
    return lambda: [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.fixture
def recording(tmp_path):
    return WireRecording(tmp_path)


def noted(recording, *messages):
    """Messages are received and written; a text is sent as it is."""
    for message in messages:
        recording.note(0.0, "received", message if isinstance(message, str) else json.dumps(message))
    recording.write(LOG)


def messages(path):
    return [one.message for one in recorded(path)]


# The file


def test_what_it_holds(recording, tmp_path):
    """A line for each message: its time since the first, its direction, and the whole of it."""
    recording.note(100.0, "received", json.dumps(NEW))
    recording.note(100.1234, "sent", '{"type":"ack","msgid":"m1"}')
    recording.write(LOG)
    assert [json.loads(line) for line in (tmp_path / "c1.jsonl").read_text().splitlines()] == [
        {"time": 0.0, "direction": "in", "message": NEW},
        {"time": 0.123, "direction": "out", "message": {"type": "ack", "msgid": "m1"}},
    ]


def test_it_grows(recording, tmp_path):
    """What has been written is there, and is not kept."""
    noted(recording, NEW)
    assert messages(tmp_path / "c1.jsonl") == [NEW]
    noted(recording, {"type": "call:status"}, {"type": "queue:status"})
    assert [message["type"] for message in messages(tmp_path / "c1.jsonl")] == [
        "session:new",
        "call:status",
        "queue:status",
    ]
    assert not recording._noted


def test_nobody_else_may_read_it(recording, tmp_path):
    """What callers say is private."""
    noted(recording, NEW)
    assert stat.S_IMODE((tmp_path / "c1.jsonl").stat().st_mode) & 0o077 == 0


def test_nothing_came(tmp_path):
    """A call of which there was no message leaves no file."""
    WireRecording(tmp_path).write(LOG)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_could_be_replayed(recording, tmp_path):
    """What is no message makes no file either."""
    noted(recording, "hello")
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_masked_and_texts_are_whole(recording, tmp_path):
    """By the rules of the log; nothing is cut."""
    text = "word " * 5_000
    noted(recording, NEW, {"type": "x", "data": {"token": "hunter2", "text": text, "env_vars": {"A": "secret"}}})
    assert messages(tmp_path / "c1.jsonl")[1]["data"] == {"token": "***", "text": text, "env_vars": {"A": "***"}}


@pytest.mark.parametrize("text", ["Gr\u00fc\u00df dich", "two\u2028lines", "\x85\x0b\x1e", "\ud800 alone", "a\nb"])
def test_any_text(recording, tmp_path, text):
    """Whatever characters are in it, it is one line, and is read again as it was."""
    noted(recording, {**NEW, "text": text})
    assert messages(tmp_path / "c1.jsonl") == [{**NEW, "text": text}]


def test_readable(recording, tmp_path):
    """Letters of other languages stand there as they are."""
    noted(recording, {**NEW, "text": "Gr\u00fc\u00df dich"})
    assert "Gr\u00fc\u00df dich" in (tmp_path / "c1.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["hello", "5", "[]", "[" * 100_000, repr(b"\x00")])
def test_what_is_no_message(recording, tmp_path, text):
    """It could not be replayed, so it is left out."""
    noted(recording, text, NEW, text)
    assert messages(tmp_path / "c1.jsonl") == [NEW]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"type": "session:new", "call_sid": "c1"}, "c1.jsonl"),
        ({"type": "session:new", "data": {"call_sid": "c2"}}, "c2.jsonl"),
        ({"type": "session:new", "call_sid": "../../etc/passwd"}, "______etc_passwd.jsonl"),
        ({"type": "session:new", "call_sid": "x" * 1_000}, "x" * 100 + ".jsonl"),
    ],
)
def test_names(recording, tmp_path, message, name):
    """A file is named for the call, and lies in the folder, whatever came."""
    noted(recording, message)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("message", [{"type": "x"}, {"type": "x", "call_sid": 5}, {"type": "x", "data": []}])
def test_without_sid(tmp_path, message):
    """A message session has a name of its own."""
    for _ in range(2):
        noted(WireRecording(tmp_path), message)
    first, second = tmp_path.iterdir()
    assert first.name.startswith("without-sid-")
    assert second.name.startswith("without-sid-")


def test_the_same_sid_again(tmp_path):
    """A call that comes again leaves what was recorded before."""
    for number in range(3):
        noted(WireRecording(tmp_path), {**NEW, "number": number})
    found = {path.name: messages(path)[0]["number"] for path in tmp_path.iterdir()}
    assert found == {"c1.jsonl": 0, "c1-2.jsonl": 1, "c1-3.jsonl": 2}


# Threads


def test_in_order(recording, tmp_path):
    """However many threads write, the lines are in the order in which they were noted, and none is missing."""
    lock = threading.Lock()
    numbers = iter(range(2_000))

    def work():
        while True:
            with lock:
                number = next(numbers, None)
                if number is None:
                    return
                recording.note(0.0, "received", json.dumps({**NEW, "number": number}))
            recording.write(LOG)

    for working in [Background(work) for _ in range(4)]:
        working.result()
    assert [message["number"] for message in messages(tmp_path / "c1.jsonl")] == list(range(2_000))


def test_nobody_waits_for_who_writes(tmp_path, recording, monkeypatch):
    """While one thread writes to a slow disk others note and go on; it writes theirs too."""
    writing, go_on = threading.Event(), threading.Event()
    write = os.write

    def slowly(descriptor, data):
        writing.set()
        assert go_on.wait(TIMEOUT)
        return write(descriptor, data)

    monkeypatch.setattr("jambonz_sync.wire_recording.os.write", slowly)
    slow = Background(lambda: noted(recording, NEW))
    assert writing.wait(TIMEOUT)
    noted(recording, {"type": "call:status"})
    go_on.set()
    slow.result()
    assert [message["type"] for message in messages(tmp_path / "c1.jsonl")] == ["session:new", "call:status"]


# Trouble


def test_a_folder_is_made(tmp_path):
    """With those above it; one that is there will do."""
    for _ in range(2):
        noted(Recordings(tmp_path / "calls" / "of today").begin(), NEW)
    assert (tmp_path / "calls" / "of today" / "c1-2.jsonl").exists()


def test_a_folder_that_cannot_be_made(tmp_path):
    """Who asks for it is told at once."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Recordings(tmp_path / "file")


def test_a_folder_that_is_gone(tmp_path, warnings):
    """One warning, and the call goes on without a record."""
    recording = Recordings(tmp_path / "calls").begin()
    (tmp_path / "calls").rmdir()
    for _ in range(3):
        noted(recording, NEW)
    (line,) = warnings()
    assert line.startswith("the call is not recorded any more: ")
    assert "No such file or directory" in line
    assert not recording._noted


@pytest.mark.parametrize("room", [0, 20])
def test_a_full_disk(recording, tmp_path, warnings, room):
    """What was written before stays readable: there is no half line behind it."""
    noted(recording, NEW)
    path = tmp_path / "c1.jsonl"
    size = path.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Files of this process may be so long, and no longer.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, before[1]))
    try:
        noted(recording, {**NEW, "number": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    noted(recording, {**NEW, "number": 3})
    assert messages(path) == [NEW]
    (line,) = warnings()
    assert line.startswith("the call is not recorded any more: ")


# Calls


@pytest.fixture
def echo():
    """The endpoint of the echo example, listening on a free port."""
    spec = importlib.util.spec_from_file_location("recorded_echo", EXAMPLES / "echo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.endpoint.listen_at(host="127.0.0.1", port=0)
    with module.endpoint as endpoint:
        yield endpoint


def files(folder, number=1):
    """The records in a folder, once there are so many and their calls are over."""
    eventually(lambda: len(list(folder.iterdir())) >= number)
    found = sorted(folder.iterdir())
    assert len(found) == number
    return found


def test_real_calls_are_replayed(echo, tmp_path, jambonz):
    """What was recorded of calls over a socket passes as a test of the application, and of no other."""
    echo.record_calls(tmp_path / "calls")
    turns = [[Says("good morning")], [Says("one"), Says("two")], []]
    for steps in turns:
        transcript = SimulatedCall(f"{echo.url}/app", steps, speed=50).run()
        assert transcript.ending.code == 1000
    eventually(lambda: echo.counters.live == 0)
    paths = files(tmp_path / "calls", 3)
    heard = {text for path in paths for message in messages(path) for text in _said(message)}
    assert {"I heard good morning", "I heard one", "I heard two"} <= heard
    for path in paths:
        jambonz.replay(echo, path, "/app")
    text = paths[0].read_text(encoding="utf-8")
    paths[0].write_text(text.replace("Say anything.", "Say something."), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"message \d of the record is another one now"):
        jambonz.replay(echo, paths[0], "/app")


def _said(message):
    data = message.get("data")
    return [verb.get("text") for verb in data] if isinstance(data, list) else []


def test_on_and_off(app, tmp_path):
    """Calls that begin while it is on are recorded to their end; others are not."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.wait_for("/menu")

    sids = []
    for folder in (None, tmp_path / "first", tmp_path / "second", None):
        app.endpoint.record_calls(folder)
        jambonz = app.call()
        jambonz.expect_ack()
        sids.append((jambonz, jambonz.call_sid))
    for jambonz, _ in sids:
        jambonz.hang_up()
        app.outcome()
    for folder, (_, sid) in zip(("first", "second"), sids[1:3], strict=True):
        (path,) = files(tmp_path / folder)
        assert path.name == f"{sid}.jsonl"
        assert [message["type"] for message in messages(path)] == ["session:new", "ack", "call:status"]


def test_a_call_that_came_back(app, tmp_path, jambonz):
    """It is one call, and one file, over however many connections; it can be replayed."""
    app.endpoint.record_calls(tmp_path)

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        session.say(session.wait_for("/menu").digits).reply()

    before = app.call()
    before.expect_ack()
    before.live()
    before.all_read()
    again = app.connect(call_sid=before.call_sid)
    again.session_new(kind="session:reconnect")
    again.expect_ack()
    again.hook("/menu", digits="7")
    again.expect_ack()
    again.expect_goodbye()
    again.hang_up()
    app.outcome()
    app.log.expect("connection lost")
    (path,) = files(tmp_path)
    eventually(lambda: messages(path)[-1].get("type") == "call:status")
    assert "session:reconnect" in [message["type"] for message in messages(path)]
    jambonz.tolerates("connection lost")
    jambonz.replay(app.endpoint, path, "/app")
    app.log.expect("connection lost")


def test_a_disk_that_fails_costs_no_call(app, tmp_path):
    """The call goes on as if nothing had happened."""
    app.endpoint.record_calls(tmp_path / "calls")
    (tmp_path / "calls").rmdir()

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        return session.wait_for("/menu").digits

    jambonz = app.call()
    jambonz.expect_ack()
    jambonz.hook("/menu", digits="7")
    assert app.outcome() == "7"
    jambonz.expect_ack()
    jambonz.hang_up()
    app.log.expect("not recorded any more", "No such file or directory")
