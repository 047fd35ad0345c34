"""Messages and frames that make no sense cost a warning or their own socket, and never another call."""

from __future__ import annotations

import functools
import json
import struct
import threading

import pytest

from jambonz_sync import reception
from jambonz_sync.transport import arrival
from tests.scenarios.jambonz_side import names, texts
from tests.scenarios.raw_socket import CLOSE, PING, TEXT, RawSocket


def serve_menu(app):
    """Answer calls with a menu without end."""

    @app.answer
    def answer(session):
        session.gather(action_hook="/menu").send()
        while True:
            evt = session.wait_for("/menu")
            session.say(evt.digits).gather(action_hook="/menu").reply()


def turn(jambonz, digits="1"):
    """One turn of the menu must work."""
    jambonz.hook("/menu", digits=digits)
    assert texts(jambonz.expect_ack()) == [digits]


class TestMessages:
    """Garbage inside well-formed frames: a warning, and the call goes on."""

    @pytest.mark.parametrize(
        ("garbage", "fault"),
        [
            ("not json", "is not JSON"),
            ("", "is not JSON"),
            ("[1, 2]", "is not a JSON object"),
            ("null", "is not a JSON object"),
            ("{}", "has no type"),
            ('{"type": 7}', "has no type"),
            ('{"type": "verb:hook", "hook": "/menu"}', "no msgid"),
            ('{"type": "verb:hook", "hook": "/menu", "msgid": 7}', "no msgid"),
            ('{"type": "verb:hook", "msgid": "' + "x" * 1000 + '"}', "msgid"),
            ("[" * 100_000, "is nested too deeply"),
            (b"\x00\xff\xfe", "is binary"),
            (b'{"type": "call:status"}', "is binary"),
        ],
        ids=range(12),
    )
    def test_one(self, app, log, garbage, fault):
        """One such message is warned of, with the call's sid and what is wrong with it."""
        serve_menu(app)
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.send_text(garbage)
            line = log.expect("ignored a message that", fault, jambonz.call_sid)
            assert len(line) < 400
            turn(jambonz)

    def test_unknown_type(self, app, log):
        """A message of a type that is unknown here, as a newer server may send it, is acked, and can be waited for."""

        @app.answer
        def answer(session):
            session.gather(action_hook="/menu").send()
            app.told.put(session.wait_for("session:what")["n"])

        log.allow("session:what")
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.send("session:what", {"n": 1})
            assert jambonz.expect_ack() is None
            assert app.hears() == 1

    @pytest.mark.parametrize("data", [None, "text", [], 7, {"call_sid": 7, "call_status": [], "verb_id": {}}])
    def test_odd_data(self, app, data):
        """Data of the wrong type is no data."""
        serve_menu(app)
        with app.call() as jambonz:
            jambonz.expect_ack()
            for kind in ("call:status", "verb:status", "jambonz:error", "tts:streaming-event"):
                jambonz.send_text(f'{{"type": "{kind}", "data": {json.dumps(data)}}}')
            jambonz.send("call:status", call_sid=["odd"])
            turn(jambonz)

    def test_before_the_session(self, app, log):
        """Garbage before ``session:new`` does not keep the call from beginning."""
        serve_menu(app)
        with app.connect() as jambonz:
            jambonz.send_text("not json")
            log.expect("is not JSON")
            jambonz.session_new()
            assert names(jambonz.expect_ack()) == ["gather"]

    def test_ten_thousand(self, app, log):
        """Ten thousand at once cost five lines, and the call goes on."""
        serve_menu(app)
        with app.call() as jambonz:
            jambonz.expect_ack()
            for _ in range(10_000):
                jambonz.send_text("not json")
            turn(jambonz)
            for _ in range(5):
                log.expect("is not JSON")
            assert log.unexpected() == []

    def test_flood_of_events(self, app, log):
        """Ten thousand statuses that nobody takes are dropped, the oldest first, with few lines; hooks are not."""
        serve_menu(app)
        log.allow("that nobody took")
        with app.call() as jambonz:
            jambonz.expect_ack()
            for number in range(10_000):
                jambonz.send("call:status", {"number": number})
            turn(jambonz)
            assert len(log.lines()) <= 6

    def test_flood_of_hooks(self, app, log):
        """Two thousand hooks that nobody takes get an ack each."""
        serve_menu(app)
        log.allow("nothing waits for /other")
        with app.call() as jambonz:
            jambonz.expect_ack()
            asked = [jambonz.hook("/other") for _ in range(2_000)]
            assert [jambonz.receive() for _ in asked] == [{"type": "ack", "msgid": msgid} for msgid in asked]
            turn(jambonz)


class TestFrames:
    """Garbage as frames: that socket is closed with the right code, and no other call notices."""

    @pytest.mark.parametrize(
        ("frames", "code"),
        [
            ([(TEXT, b"x" * 5_000_000)], 1009),
            ([(TEXT, b"\xff\xfe\xfd")], 1007),
            ([(TEXT | 0x40, b"{}")], 1002),
            ([(TEXT | 0x70, b"{}")], 1002),
            ([(0x83, b"{}")], 1002),
            ([(0x80, b"{}")], 1002),
            ([(0x01, b"{"), (TEXT, b"}")], 1002),
            ([(PING, b"x" * 200)], 1002),
            ([(CLOSE, b"\x03")], 1002),
            ([(CLOSE, struct.pack("!H", 1005))], 1002),
        ],
        ids=[
            "five megabytes",
            "no UTF-8",
            "one reserved bit",
            "all reserved bits",
            "reserved opcode",
            "continuation of nothing",
            "message inside a message",
            "long ping",
            "half a close code",
            "impossible close code",
        ],
    )
    def test_garbage(self, app, frames, code):
        """A socket that sends it is closed with the code of the fault while another call goes on."""
        serve_menu(app)
        with app.call() as good:
            good.expect_ack()
            with RawSocket(app.endpoint.url) as raw:
                for first, payload in frames:
                    raw.send(first, payload)
                assert raw.expect_close() == code
            turn(good)

    def test_in_a_call(self, make_app):
        """In the middle of a call, it costs that call its connection."""
        app = make_app(reconnect_timeout=0)
        serve_menu(app)
        with app.call() as good, RawSocket(app.endpoint.url) as raw:
            good.expect_ack()
            new = b'{"type": "session:new", "msgid": "m1", "call_sid": "raw", "data": {"call_sid": "raw"}}'
            raw.send(TEXT, new)
            raw.send(TEXT, b"\xff")
            assert raw.expect_close() == 1007
            ended = app.outcome()
            assert (ended.call_sid, ended.code) == ("raw", 1007)
            turn(good)

    def test_unmasked(self, app):
        """A client must mask its frames."""
        serve_menu(app)
        with RawSocket(app.endpoint.url) as raw:
            raw.send(TEXT, b"{}", mask=False)
            assert raw.expect_close() == 1002

    def test_half_a_frame(self, make_app, monkeypatch):
        """Half a frame and then silence is noticed by the missing pong, and closed with 1008."""
        monkeypatch.setattr(arrival, "Link", functools.partial(arrival.Link, ping_interval=0.2))
        app = make_app(reconnect_timeout=0)
        serve_menu(app)
        with app.call() as good, RawSocket(app.endpoint.url) as raw:
            good.expect_ack()
            raw.send(TEXT, b'{"type": "session:new", "msgid": "m1", "call_sid": "raw", "data": {"call_sid": "raw"}}')
            raw.send(TEXT, b'{"type": "sess', length=1000)
            assert raw.expect_close() == 1008
            assert app.outcome().code == 1006
            turn(good)

    def test_half_a_frame_at_the_beginning(self, app, monkeypatch, log):
        """A connection that never completes its first message is closed after some seconds."""
        monkeypatch.setattr(reception, "_GHOST_AFTER", 0.2)
        serve_menu(app)
        with app.call() as good, RawSocket(app.endpoint.url) as raw:
            good.expect_ack()
            raw.send(TEXT, b'{"type": "sess', length=1000)
            assert raw.expect_close() == 1000
            log.expect("ended before a session began", level=20)
            turn(good)

    def test_byte_by_byte(self, app):
        """A frame that comes one byte at a time is a frame."""
        serve_menu(app)
        with RawSocket(app.endpoint.url) as raw:
            new = b'{"type": "session:new", "msgid": "m1", "call_sid": "raw", "data": {"call_sid": "raw"}}'
            frame = struct.pack("!BB", TEXT, 0x80 | len(new)) + bytes(4) + new
            for number in range(len(frame)):
                raw.sock.sendall(frame[number : number + 1])
            first, size = raw.file.read(2)
            assert first == TEXT
            assert b'"verb":"gather"' in raw.file.read(size)

    def test_many_at_once(self, app):
        """Twenty of them at the same time do not delay a good call beyond a moment."""
        serve_menu(app)
        stop = threading.Event()

        def disturb():
            while not stop.is_set():
                with RawSocket(app.endpoint.url) as raw:
                    raw.send(TEXT, b"\xff" * 1000)
                    raw.expect_close()

        threads = [threading.Thread(target=disturb) for _ in range(20)]
        for thread in threads:
            thread.start()
        try:
            with app.call() as good:
                good.expect_ack()
                for _ in range(50):
                    turn(good)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
