"""A connection that is lost, and what jambonz does about it."""

from __future__ import annotations

import http
import socket
import threading
from typing import Any

import pytest

from jambonz_sync.simulator import (
    CannotConnect,
    DropsConnection,
    Entry,
    HangsUp,
    Presses,
    RealClock,
    Silence,
    SimulatedCall,
    Transcript,
)
from jambonz_sync.simulator.reconnecting import Link, Retries
from jambonz_sync.simulator.timers import Timers

from .lines import call_over, lose, serving_over
from .server import HANGUP, App, JumpClock, gather, keys, say, serving

PAUSE = {"verb": "pause", "length": 60}


def notes(transcript: Transcript) -> str:
    return "\n".join(transcript.of("note"))


def reconnected(app: App, *verbs: dict[str, Any]) -> dict[str, Any]:
    """Answer `session:reconnect`, which comes first."""
    message = app.receive("session:reconnect")
    assert app.received == [message]
    app.ack(message, list(verbs) or None)
    return message


# The retry policy of an address


@pytest.mark.parametrize(
    ("fragment", "error", "delays"),
    [
        ("", {"unreachable": True}, [0.5, 1, 2, 4, 6, None]),
        ("#rc=2", {"unreachable": True}, [0.5, 1, None]),
        ("#rc=9", {"unreachable": True}, [0.5, 1, 2, 4, 6, None]),
        ("#rc=0", {"unreachable": True}, [0.5, None]),
        ("#rc=many", {"unreachable": True}, [0.5, 1, 2, 4, 6, None]),
        ("", {"http_status": 503}, [None]),
        ("#rp=5xx,ct&rc=1", {"http_status": 503}, [0.5, None]),
        ("#rp=5xx", {"unreachable": True}, [None]),
        ("#rp=4xx", {"http_status": 503}, [None]),
        ("#rp=4xx", {"http_status": 404}, [0.5]),
        ("#rp=ct,rt,4xx,5xx", {}, [None]),
        ("#rp=all", {}, [0.5]),
        ("#rp=all", {"http_status": 503}, [0.5]),
    ],
)
def test_retries(fragment, error, delays):
    """After what the first connection is tried again, how often, and when."""
    retries = Retries("ws://127.0.0.1:3000/app" + fragment)
    assert [retries.delay_after(CannotConnect("", **error)) for _ in delays] == delays


def test_first_connection_is_tried_again():
    """The first attempt that succeeds begins the call; every attempt before it is noted."""
    answers = [503, 503, None]

    def process(ws: Any, request: Any) -> Any:
        status = answers.pop(0)
        return ws.respond(http.HTTPStatus(status), "not yet") if status else None

    def application(app: App) -> None:
        assert app.ws.request.path == "/app"
        app.begin(say(), HANGUP)
        app.until_closed()

    with serving(application, process_request=process) as url:
        transcript = SimulatedCall(url + "#rp=5xx&rc=3", clock=JumpClock()).run()
    assert [(entry.time, entry.what.partition("; ")[2]) for entry in transcript.entries[:2]] == [
        (0, "jambonz tries again in 0.5 s"),
        (0.5, "jambonz tries again in 1 s"),
    ]
    assert transcript.entries[2].time == 1.5
    assert transcript.heard == ["One two three."]


def test_first_connection_fails():
    """After the last attempt the call cannot be placed."""
    clock = JumpClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(CannotConnect, match="is the application running"):
        SimulatedCall(f"ws://127.0.0.1:{port}", clock=clock).run()
    assert clock.now() == 13.5


# After a loss


def test_reconnect():
    """After half a second jambonz connects again and repeats the data of session:new; the call goes on meanwhile."""
    opening = {}

    def first(app: App) -> None:
        opening.update(app.begin(gather("digits", numDigits=1, timeout=20)))
        lose(app)

    def second(app: App) -> None:
        message = reconnected(app, say("Never said."), HANGUP)
        assert message["data"] == opening["data"]
        assert message["call_sid"] == opening["call_sid"]
        assert "b3" not in message
        assert message["msgid"] != opening["msgid"]
        hook = app.receive()
        assert keys(hook) == "5"
        app.ack(hook, [HANGUP])
        assert app.until_closed()[0] == 1000

    transcript = call_over([first, second], DropsConnection(at=1), Silence(3), Presses("5"))
    assert notes(transcript).splitlines() == [
        "the connection is lost (1006: dropped); jambonz tries again in 0.5 s",
        "jambonz has connected again",
    ]
    (again,) = (record for record in transcript.wire if record.message["type"] == "session:reconnect")
    assert (again.time, again.connection) == (1.5, 2)
    assert transcript.heard == []
    assert transcript.ending.code == 1000


@pytest.mark.parametrize("code", [1001, 1011, 1005, 1006])
def test_lost_by_the_application(code):
    """Every close but 1000 is a loss, and so is one without a code or without a word."""

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        if code == 1006:
            app.ws.socket.shutdown(socket.SHUT_RDWR)
        elif code == 1005:
            app.ws.protocol.send_close()
            app.ws.socket.sendall(b"".join(app.ws.protocol.data_to_send()))
            lose(app)
        else:
            app.ws.close(code)

    def second(app: App) -> None:
        reconnected(app)
        app.command("call:status", {"call_status": "completed"})
        assert app.until_closed()[0] == 1000

    transcript = call_over([first, second], speed=20)
    assert f"({code}" in transcript.of("note")[0]
    assert "jambonz tries again in 0.5 s" in transcript.of("note")[0]


def test_message_too_big():
    """A message over 24,576 bytes makes jambonz close with 1009; then it connects again."""

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        app.redirect(say("x" * 30_000))
        assert app.until_closed()[0] == 1009

    def second(app: App) -> None:
        reconnected(app)
        app.redirect(HANGUP)
        assert app.until_closed()[0] == 1000

    call_over([first, second], speed=20)


def test_delays_grow():
    """Attempts that find nobody go on without limit, each later than the one before it."""

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        lose(app)

    def second(app: App) -> None:
        reconnected(app)
        app.until_closed()

    transcript = call_over([first, second], DropsConnection(at=1, lasts=60), HangsUp(at=100))
    delays = [line.rpartition("in ")[2] for line in transcript.of("note") if "tries again" in line]
    assert delays == ["0.5 s", "1 s", "2 s", "4 s", "6 s", "8 s", "10 s", "12 s", "14 s", "16 s"]
    (again,) = (record for record in transcript.wire if record.message["type"] == "session:reconnect")
    assert again.time == 1 + 0.5 + 1 + 2 + 4 + 6 + 8 + 10 + 12 + 14 + 16


@pytest.mark.parametrize(("fragment", "most"), [("", 5), ("#rc=2", 2)])
def test_connections_by_itself(fragment, most):
    """After five connections, or as many as the address allows, jambonz comes back only when it has something to say.

    The delays do not begin anew after a success.
    """
    scripts = [lambda app: (app.begin(gather("digits", numDigits=1, timeout=0)), lose(app))]
    scripts += [lambda app: (reconnected(app), lose(app))] * (most - 1)

    def last(app: App) -> None:
        reconnected(app)
        app.ack(app.receive(), [HANGUP])
        assert app.until_closed()[0] == 1000

    times = [20.0 * number for number in range(1, most + 1)]
    with serving_over([*scripts, last]) as url:
        steps = [*(DropsConnection(at=time) for time in times), Silence(200), Presses("1")]
        transcript = SimulatedCall(url + fragment, steps, clock=JumpClock()).run()
    again = [record.time for record in transcript.wire if record.message["type"] == "session:reconnect"]
    delays = [0.5, 1, 2, 4]
    assert again[:-1] == [time + delay for time, delay in zip(times, delays[: most - 1], strict=False)]
    assert again[-1] == 200
    assert "jambonz has connected as often as it does by itself" in notes(transcript)


def test_http_answer_ends_the_chain():
    """After a plain HTTP answer jambonz waits until it has something to send; that triggers an attempt at once."""
    answers = [None, 502, None]

    def process(ws: Any, request: Any) -> Any:
        status = answers.pop(0)
        return ws.respond(http.HTTPStatus(status), "restarting") if status else None

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1, timeout=0))
        lose(app)

    def second(app: App) -> None:
        reconnected(app)
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    transcript = call_over(
        [first, second], DropsConnection(at=1), Silence(100), Presses("1"), server={"process_request": process}
    )
    assert "HTTP 502: restarting; after an HTTP answer jambonz does not try again" in notes(transcript)
    assert [record.time for record in transcript.wire if record.message["type"] == "session:reconnect"] == [100]


# What jambonz has to say meanwhile


def test_message_triggers_an_attempt():
    """What is to be sent meanwhile triggers an attempt at once, and is sent when the reconnect is answered."""

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1))
        lose(app)

    def second(app: App) -> None:
        reconnected(app)
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    transcript = call_over([first, second], DropsConnection(at=0.4), Presses("1"))
    (again,) = (record.time for record in transcript.wire if record.message["type"] == "session:reconnect")
    assert again == 0.5


def test_hook_in_flight():
    """A hook in flight fails at once, and an ack of it on the new connection is unknown."""
    asked = {}

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1, id="g"), PAUSE)
        asked.update(app.receive())
        lose(app)

    def second(app: App) -> None:
        reconnected(app)
        app.ack(asked, [say("Never said.")])
        assert app.receive("jambonz:error")["data"]["msg"] == "invalid actionHook response"
        app.redirect(say("Where were we?"), HANGUP)
        app.until_closed()

    transcript = call_over([first, second], Presses("1"), DropsConnection(after="/gathered"), speed=20)
    assert transcript.heard == ["Where were we?"]
    assert "/gathered was not answered: the connection was lost" in transcript.of("note")
    assert any(line.startswith("an ack is dropped") for line in transcript.of("fault"))


def test_what_cannot_be_sent():
    """If nobody is there at that attempt, a hook fails, a notification is lost, and the call goes on."""

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1), say("Queued."), {"verb": "pause", "length": 9}, HANGUP)
        lose(app)

    def second(app: App) -> None:
        reconnected(app)
        assert app.until_closed()[1][-1]["data"]["call_status"] == "completed"

    transcript = call_over([first, second], DropsConnection(at=0.1, lasts=4), Silence(1), Presses("1"))
    assert transcript.heard == ["Queued."]
    assert "/gathered is not sent: nothing answers" in notes(transcript)
    assert "jambonz:error is not sent" in notes(transcript)


# The ack of the reconnect


def test_unanswered_reconnect():
    """Without an ack in five seconds the call is hung up, and what was waiting is lost."""

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1, timeout=0))
        lose(app)

    def second(app: App) -> None:
        app.receive("session:reconnect")
        code, messages = app.until_closed()
        assert code == 1000
        assert [message["type"] for message in messages] == ["call:status"]
        assert messages[0]["data"]["call_status"] == "completed"

    transcript = call_over(
        [first, second],
        DropsConnection(at=1),
        Silence(2),
        Presses("1"),
        clock=RealClock(speed=50, thinking_speed=2),
        patience=60,
    )
    assert transcript.ending.reason == "hung up by jambonz: session:reconnect was not answered in time"
    assert "/gathered is not sent: session:reconnect was not answered in time" in notes(transcript)


def test_reconnect_in_flight():
    """A connection that is lost before the reconnect is answered ends the call."""

    def first(app: App) -> None:
        app.begin(gather("digits", numDigits=1, timeout=0))
        lose(app)

    transcript = call_over([first, lose, lose], DropsConnection(at=1), DropsConnection(after="session:reconnect"))
    assert "session:reconnect was in flight" in transcript.ending.reason


# A loss before the first ack


def test_drop_before_the_first_ack():
    """The ack of the reconnect brings the first verbs; from then on no hook and no status is sent."""

    def second(app: App) -> None:
        reconnected(app, say("Hello after all."), HANGUP)
        assert app.until_closed() == (1000, [])

    transcript = call_over([lose, second], DropsConnection(after="session:new"))
    assert transcript.heard == ["Hello after all."]
    assert transcript.ending.code == 1000


def test_commands_after_a_drop_before_the_first_ack():
    """Commands are still done, and a gather waits for ever for the answer to what it never asks."""
    playing = threading.Event()

    def second(app: App) -> None:
        reconnected(app, say("one " * 1000))
        assert playing.wait(10)
        app.redirect(gather("digits", numDigits=1))
        assert app.until_closed() == (1000, [])

    transcript = call_over(
        [lose, second],
        DropsConnection(after="session:new"),
        Presses("1"),
        speed=20,
        patience=3,
        watch=lambda what: playing.set() if isinstance(what, Entry) and what.who == "app" else None,
    )
    assert "/gathered is never sent, and the call waits for its answer" in transcript.of("note")
    assert transcript.of("caller") == ["presses 1", "hangs up"]


def test_no_time_limit_after_a_drop_before_the_first_ack():
    """The five seconds for session:new count until the reconnect is sent, and then no longer."""

    def second(app: App) -> None:
        message = app.receive("session:reconnect")
        assert app.received == [message]
        with pytest.raises(TimeoutError):
            app.ws.recv(timeout=0.3)
        app.ack(message, [say("At last."), HANGUP])
        app.until_closed()

    transcript = call_over(
        [lose, second], DropsConnection(after="session:new"), clock=RealClock(speed=50, thinking_speed=50)
    )
    assert transcript.heard == ["At last."]
    assert transcript.entries[-1].time > 10


def test_nobody_there_before_the_first_ack():
    """Without a connection in time the call is rejected."""
    transcript = call_over([lose], DropsConnection(after="session:new", lasts=100), HangsUp(at=90))
    assert transcript.ending.rejected
    assert "did not answer session:new in time" in transcript.ending.reason


# After the end


def test_ghost():
    """A call that ends while jambonz has an attempt to make opens a connection on which nothing comes."""
    seen = []

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        lose(app)

    def ghost(app: App) -> None:
        with pytest.raises(TimeoutError):
            app.ws.recv(timeout=0.05)
        app.ws.close(1000)
        seen.append(app.received)

    transcript = call_over([first, ghost], DropsConnection(at=1), HangsUp(at=1.2), speed=20)
    assert seen == [[]]
    assert transcript.of("note")[-1] == "the application has closed the silent connection with 1000"
    assert transcript.ending.code == 1006


def test_ghost_that_is_left_open():
    """An application that leaves it open is noted."""

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        lose(app)

    transcript = call_over([first, lose], DropsConnection(at=1), HangsUp(at=1.2))
    assert transcript.of("note")[-1] == "the application has left the silent connection open for 30 s"


def test_no_ghost():
    """If nobody is there then, there is none."""

    def first(app: App) -> None:
        app.begin(gather("digits", timeout=0))
        lose(app)

    transcript = call_over([first], DropsConnection(at=1, lasts=9), HangsUp(at=1.2))
    assert transcript.of("note")[-1].endswith("the call is over")


# Steps


@pytest.mark.parametrize("arguments", [{}, {"at": 1, "after": "/menu"}])
def test_drops_connection_when(arguments):
    """A drop is at a time or after a message."""
    with pytest.raises(ValueError, match="either at, a time, or after"):
        DropsConnection(**arguments)


def test_drops_in_order():
    """Of several drops after the same hook each is for the next time that it is sent."""

    def script(app: App) -> None:
        if not lost:
            app.begin(gather("digits", numDigits=1), gather("digits", numDigits=1), gather("digits", numDigits=1))
        else:
            reconnected(app)
        lost.append(app)
        lose(app)

    def last(app: App) -> None:
        reconnected(app)
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    lost: list[App] = []
    drop = DropsConnection(after="/gathered")
    transcript = call_over([script, script, last], drop, drop, Presses("1"), Silence(5), Presses("2"), Presses("3"))
    assert transcript.of("note").count("/gathered was not answered: the connection was lost") == 2


def test_link_that_has_no_connection():
    """Nothing can be sent, read, or dropped where there is no connection."""
    clock = JumpClock()
    link = Link("ws://127.0.0.1:1/", lambda url: pytest.fail("connects"), clock, Timers(), Transcript(clock))
    link.send("{}")
    link.check()
    link.drop(1)
    assert link.read() == []
    assert link.close(1000) is None
    assert (link.closed, link.lost) == (None, None)
