from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import pytest
import simple_websocket
import wsproto

from jambonz_sync.transport.framing import Closed, Framing, HandshakeRefused
from tests.transport.peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    SUBPROTOCOL,
    TEXT,
    Frame,
    close_frame,
    frame,
    frames_of,
    upgrade_environ,
)

DEFLATE = "permessage-deflate; client_max_window_bits"


def framing(environ: dict[str, Any] | None = None, **options: Any) -> Framing:
    """An open connection whose handshake has been answered."""
    made = Framing(environ or upgrade_environ(), [SUBPROTOCOL], **options)
    made.out.clear()
    return made


def written(made: Framing) -> list[Frame]:
    """The frames that are to be written, which are taken."""
    frames = frames_of(made.out)
    made.out.clear()
    return frames


def header(answer: bytearray, name: str) -> str | None:
    """The value of a header of the handshake's answer."""
    lines = bytes(answer).decode().split("\r\n")
    values = [line.partition(":")[2].strip() for line in lines if line.lower().startswith(name.lower() + ":")]
    assert len(values) <= 1
    return values[0] if values else None


# The handshake


def test_the_answer_completes_the_handshake() -> None:
    """The answer is a 101 with the token for the key, as RFC 6455 section 1.3 has it."""
    made = Framing(upgrade_environ(), [SUBPROTOCOL])
    assert made.out.startswith(b"HTTP/1.1 101 ")
    assert made.out.endswith(b"\r\n\r\n")
    assert header(made.out, "Upgrade") == "websocket"
    assert header(made.out, "Connection") == "Upgrade"
    assert header(made.out, "Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert not made.is_closing
    assert made.closed is None


def test_an_offered_subprotocol_is_selected() -> None:
    """The subprotocol stands in the answer: jambonz refuses a server that selects none."""
    made = Framing(upgrade_environ(), [SUBPROTOCOL])
    assert made.subprotocol == SUBPROTOCOL
    assert header(made.out, "Sec-WebSocket-Protocol") == SUBPROTOCOL


@pytest.mark.parametrize("offer", ["audio.jambonz.org", "other, audio.drachtio.org", "audio.drachtio.org,other"])
def test_any_allowed_subprotocol_is_selected(offer: str) -> None:
    """Of several allowed ones the one that is offered is selected."""
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_PROTOCOL=offer)
    made = Framing(environ, ("audio.jambonz.org", "audio.drachtio.org"))
    assert made.subprotocol in offer
    assert header(made.out, "Sec-WebSocket-Protocol") == made.subprotocol


@pytest.mark.parametrize("offer", [None, "", "other", "ws.jambonz.org.example"])
def test_no_subprotocol_is_selected_that_was_not_offered(offer: str | None) -> None:
    """Without an offer that is allowed there is no subprotocol in the answer."""
    made = Framing(upgrade_environ(HTTP_SEC_WEBSOCKET_PROTOCOL=offer), [SUBPROTOCOL])
    assert made.subprotocol is None
    assert header(made.out, "Sec-WebSocket-Protocol") is None


def test_deflate_is_declined() -> None:
    """An offer of permessage-deflate is not accepted unless asked for; compressed frames are a fault then."""
    made = Framing(upgrade_environ(HTTP_SEC_WEBSOCKET_EXTENSIONS=DEFLATE), [SUBPROTOCOL])
    assert header(made.out, "Sec-WebSocket-Extensions") is None
    made.out.clear()
    made.send("a" * 1000)
    assert written(made) == [Frame(TEXT, b"a" * 1000)]
    assert made.receive(frame(TEXT, b"hello", rsv=4)) == []
    assert made.closed is not None
    assert made.closed.code == 1002


def test_deflate_is_accepted_if_asked_for() -> None:
    """With ``deflate`` messages are compressed both ways."""
    made = Framing(upgrade_environ(HTTP_SEC_WEBSOCKET_EXTENSIONS=DEFLATE), [SUBPROTOCOL], deflate=True)
    assert "permessage-deflate" in (header(made.out, "Sec-WebSocket-Extensions") or "")
    made.out.clear()
    assert made.receive(frame(TEXT, deflated(b"hello"), rsv=4)) == ["hello"]
    made.send("a" * 1000)
    (answer,) = written(made)
    assert answer.rsv == 4
    assert len(answer.payload) < 100
    assert zlib.decompressobj(-15).decompress(answer.payload + b"\0\0\xff\xff") == b"a" * 1000


def test_deflate_that_is_not_offered_is_not_answered() -> None:
    """With ``deflate`` a peer that offers nothing gets no extension."""
    made = Framing(upgrade_environ(), [SUBPROTOCOL], deflate=True)
    assert header(made.out, "Sec-WebSocket-Extensions") is None


def test_the_limit_counts_decompressed_bytes() -> None:
    """A small frame that unfolds to more than the limit closes with 1009."""
    made = framing(upgrade_environ(HTTP_SEC_WEBSOCKET_EXTENSIONS=DEFLATE), deflate=True, max_message_size=10_000)
    assert made.receive(frame(TEXT, deflated(b"a" * 10_001), rsv=4)) == []
    assert [answer.close_code for answer in written(made)] == [1009]


def deflated(data: bytes) -> bytes:
    """Compress as RFC 7692 section 7.2.1 has it."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize(
    "change",
    [
        {"HTTP_HOST": None},
        {"HTTP_UPGRADE": None},
        {"HTTP_UPGRADE": "h2c"},
        {"HTTP_CONNECTION": None},
        {"HTTP_CONNECTION": "keep-alive"},
        {"HTTP_SEC_WEBSOCKET_KEY": None},
        {"HTTP_SEC_WEBSOCKET_VERSION": None},
        {"HTTP_SEC_WEBSOCKET_VERSION": "8"},
        {"HTTP_HOST": "\u00e9\u0000"},
        {"HTTP_SEC_WEBSOCKET_PROTOCOL": "\u00e9"},
        {"HTTP_SEC_WEBSOCKET_KEY": "a\nb"},
    ],
)
def test_what_is_no_handshake_is_refused(change: dict[str, str | None]) -> None:
    """A request without what a handshake needs, or with values that cannot be, is refused with a reason."""
    with pytest.raises(HandshakeRefused, match="not a websocket handshake"):
        Framing(upgrade_environ(**change), [SUBPROTOCOL])


def test_a_bad_offer_of_deflate_is_refused() -> None:
    """With ``deflate``, parameters that cannot be are refused; nothing else escapes."""
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_EXTENSIONS="permessage-deflate; server_max_window_bits=x")
    with pytest.raises(HandshakeRefused):
        Framing(environ, [SUBPROTOCOL], deflate=True)


def test_a_handshake_that_simple_websocket_gives_up_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ``ConnectionError`` is a refusal too."""

    def accept(*_: Any, **__: Any) -> None:
        raise simple_websocket.ConnectionError

    monkeypatch.setattr(simple_websocket.Server, "accept", accept)
    with pytest.raises(HandshakeRefused, match="not a websocket handshake"):
        framing()


def test_the_rest_of_the_environ_is_not_looked_at() -> None:
    """Headers that are none of the handshake's business cannot spoil it."""
    environ = upgrade_environ(HTTP_COOKIE="\u00e9\r\n\r\nx", HTTP_CONTENT_LENGTH="nonsense")
    assert not framing(environ).is_closing


def test_what_is_not_public_in_simple_websocket() -> None:
    """Pin: the socket is found under ``werkzeug.socket``, and ``Server.ws`` is the wsproto connection."""

    class Sink:
        data = b""

        def send(self, data: bytes) -> int:
            self.data += data
            return len(data)

    class Thread:
        name = ""

        def __init__(self, target: Any) -> None:
            pass

        def start(self) -> None:
            pass

    sink = Sink()
    environ = {**upgrade_environ(), "werkzeug.socket": sink}
    server = simple_websocket.Server.accept(environ, [SUBPROTOCOL], thread_class=Thread)
    assert type(server.ws) is wsproto.WSConnection
    assert type(server.ws.connection) is wsproto.connection.Connection
    assert server.ws.connection.state is wsproto.connection.ConnectionState.OPEN
    assert server.mode == "werkzeug"
    assert server.subprotocol == SUBPROTOCOL
    assert sink.data.startswith(b"HTTP/1.1 101 ")
    assert sink.data.endswith(b"\r\n\r\n")


# Messages


@pytest.mark.parametrize("text", ["", "hello", "\u00e9\u20ac\U0001f600", "x" * 70_000])
def test_text_both_ways(text: str) -> None:
    """A text message is a ``str`` both ways."""
    made = framing()
    assert made.receive(frame(TEXT, text.encode())) == [text]
    made.send(text)
    assert written(made) == [Frame(TEXT, text.encode())]


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"x" * 70_000])
def test_binary_both_ways(data: bytes) -> None:
    """A binary message is ``bytes`` both ways."""
    made = framing()
    (received,) = made.receive(frame(BINARY, data))
    assert received == data
    assert type(received) is bytes
    made.send(data)
    assert written(made) == [Frame(BINARY, data)]


def test_merged_frames() -> None:
    """Many frames in one read are all there, in order."""
    made = framing()
    data = b"".join(frame(TEXT, str(number).encode()) for number in range(1000))
    assert made.receive(data) == [str(number) for number in range(1000)]


def test_byte_by_byte() -> None:
    """Frames that come one byte at a time, with a ping in between, are the same messages."""
    made = framing()
    text = "gr\u00fc\u00df dich \U0001f600"
    data = frame(TEXT, text.encode()) + frame(PING, b"p") + frame(BINARY, b"\x01" * 200) + frame(TEXT, b"")
    messages = [message for byte in data for message in made.receive(bytes([byte]))]
    assert messages == [text, b"\x01" * 200, ""]
    assert written(made) == [Frame(PONG, b"p")]


def test_fragments() -> None:
    """A message in fragments is given when it is whole; empty fragments, and pings in between, do no harm."""
    made = framing()
    text = "\u20ac" * 3
    encoded = text.encode()
    assert made.receive(frame(TEXT, encoded[:1], fin=False)) == []
    assert made.receive(frame(PING, b"now")) == []
    assert written(made) == [Frame(PONG, b"now")]
    assert made.receive(frame(CONTINUATION, b"", fin=False)) == []
    assert made.receive(frame(CONTINUATION, encoded[1:], fin=False)) == []
    assert made.receive(frame(CONTINUATION, b"")) == [text]
    assert made.receive(frame(BINARY, b"a", fin=False) + frame(CONTINUATION, b"b")) == [b"ab"]
    assert made.receive(frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"")) == [""]
    assert made.receive(frame(BINARY, b"", fin=False) + frame(CONTINUATION, b"")) == [b""]
    assert made.receive(frame(TEXT, b"after")) == ["after"]


# The size


@pytest.mark.parametrize(("opcode", "payload"), [(TEXT, b"x" * 10), (BINARY, b"\xff" * 10), (TEXT, b"\xc3\xa9" * 5)])
def test_a_message_of_the_limit_passes(opcode: int, payload: bytes) -> None:
    """The limit is inclusive, and counted anew for each message."""
    made = framing(max_message_size=10)
    for _ in range(3):
        assert len(made.receive(frame(opcode, payload))) == 1
        assert len(made.receive(frame(opcode, payload[:4], fin=False) + frame(CONTINUATION, payload[4:]))) == 1
    assert made.closed is None


@pytest.mark.parametrize(("opcode", "payload"), [(TEXT, b"x" * 11), (BINARY, b"\xff" * 11), (TEXT, b"\xc3\xa9" * 6)])
def test_a_longer_message_closes_with_1009(opcode: int, payload: bytes) -> None:
    """The limit is in bytes, for text too; nothing of the message is given, nor what is behind it."""
    made = framing(max_message_size=10)
    assert made.receive(frame(TEXT, b"before") + frame(opcode, payload) + frame(TEXT, b"after")) == ["before"]
    assert made.closed is not None
    assert made.closed.code == 1009
    assert "10 bytes" in made.closed.reason
    assert [answer.close_code for answer in written(made)] == [1009]
    assert made.receive(frame(TEXT, b"later")) == []


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_the_limit_is_noticed_before_the_message_is_complete(opcode: int) -> None:
    """A frame of 10 MB is refused as soon as the limit is passed, not when it is all there."""
    made = framing(max_message_size=1000)
    data = frame(opcode, b"x" * 10_000_000)
    assert made.receive(data[:1000]) == []
    assert made.closed is None
    assert made.receive(data[1000:1100]) == []
    assert made.closed is not None
    assert made.closed.code == 1009


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_fragments_are_summed(opcode: int) -> None:
    """Fragments count together."""
    made = framing(max_message_size=10)
    assert made.receive(frame(opcode, b"x" * 6, fin=False) + frame(CONTINUATION, b"x" * 4, fin=False)) == []
    assert made.closed is None
    assert made.receive(frame(CONTINUATION, b"x")) == []
    assert made.closed is not None
    assert made.closed.code == 1009


def test_empty_fragments_cost_no_memory() -> None:
    """A peer that sends empty fragments without end does not fill the memory, though the message never grows."""
    made = framing(max_message_size=1000)
    made.receive(frame(TEXT, b"x", fin=False))
    fragments = frame(CONTINUATION, b"", fin=False) * 10_000
    made.receive(fragments)
    tracemalloc.start()
    try:
        made.receive(fragments)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.closed is None
    assert grown < 20_000


# Faults


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, b"\xff"),
        frame(TEXT, b"ok", fin=False) + frame(CONTINUATION, b"\xc3\x28"),
        frame(TEXT, b"\xed\xa0\x80"),
        frame(TEXT, b"\xc3"),
        frame(TEXT, b"\xff" + b"x" * 1000)[:20],
        frame(CLOSE, b"\x03\xe8\xff"),
    ],
)
def test_bad_utf8_closes_with_1007(data: bytes) -> None:
    """Text that is no UTF-8 closes with 1007, as soon as that is sure."""
    made = framing()
    assert made.receive(data) == []
    assert made.closed is not None
    assert made.closed.code == 1007
    assert [answer.close_code for answer in written(made)] == [1007]


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, b"not masked", mask=None),
        frame(TEXT, b"reserved bit", rsv=4),
        frame(3, b"reserved opcode"),
        frame(0xB, b"reserved control opcode"),
        frame(CONTINUATION, b"of nothing"),
        frame(TEXT, b"begun", fin=False) + frame(TEXT, b"anew"),
        frame(PING, b"in fragments", fin=False),
        frame(PING, b"x" * 126),
        frame(CLOSE, b"x"),
        close_frame(999),
        close_frame(1005),
        close_frame(1006),
        close_frame(5000),
        b"\x81\xfe\x00\x05" + b"\0" * 9,
        b"\x81\xff\x80\0\0\0\0\0\0\0",
    ],
)
def test_bad_frames_close_with_1002(data: bytes) -> None:
    """What RFC 6455 forbids closes with 1002, after the messages before it."""
    made = framing()
    assert made.receive(frame(TEXT, b"before") + data) == ["before"]
    assert made.closed is not None
    assert made.closed.code == 1002
    assert made.closed.reason
    (answer,) = written(made)
    assert answer.close_code == 1002
    assert made.is_closing


# Pings


def test_pings_are_answered() -> None:
    """A pong has the payload of its ping; they come in order."""
    made = framing()
    assert made.receive(frame(PING, b"1") + frame(PING) + frame(PING, b"x" * 125)) == []
    assert written(made) == [Frame(PONG, b"1"), Frame(PONG), Frame(PONG, b"x" * 125)]


def test_pongs_are_noted() -> None:
    """``pong_received`` turns false with a ping and true with a pong; an unasked pong does no harm."""
    made = framing()
    assert made.pong_received
    assert made.receive(frame(PONG, b"unasked")) == []
    made.ping()
    assert not made.pong_received
    (ping,) = written(made)
    assert ping.opcode == PING
    made.ping(asks=False)
    assert [one.opcode for one in written(made)] == [PING]
    assert made.receive(frame(PONG, ping.payload)) == []
    assert made.pong_received
    assert written(made) == []


# Closing


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "going away"), (3000, "\u00e9"), (4999, "x" * 123)])
def test_the_peer_closes(code: int, reason: str) -> None:
    """A close frame is answered with its code; messages before it are given, those behind it are not."""
    made = framing()
    data = frame(TEXT, b"before") + close_frame(code, reason) + frame(TEXT, b"after")
    assert made.receive(data) == ["before"]
    assert made.closed == Closed(code, reason)
    assert made.is_closing
    (answer,) = written(made)
    assert answer.close_code == code
    assert made.receive(frame(TEXT, b"later")) == []


def test_the_peer_closes_without_a_code() -> None:
    """A close frame without a code is 1005, answered by a close frame without a code."""
    made = framing()
    assert made.receive(close_frame(None)) == []
    assert made.closed == Closed(1005, "")
    assert written(made) == [Frame(CLOSE, b"")]


def test_we_close() -> None:
    """Our close frame has code and reason; the connection is over when the peer has answered."""
    made = framing()
    made.close(1001, "the server is stopping")
    assert written(made) == [Frame(CLOSE, b"\x03\xe9the server is stopping")]
    assert made.is_closing
    assert made.closed is None
    assert made.receive(frame(TEXT, b"on its way") + frame(PING, b"too")) == ["on its way"]
    assert made.receive(close_frame(1001)) == []
    assert made.closed == Closed(1001, "")
    assert written(made) == []


def test_the_peers_fault_after_our_close() -> None:
    """A fault of the peer after our close frame ends the connection without a second one."""
    made = framing()
    made.close(1000)
    assert len(written(made)) == 1
    assert made.receive(frame(3)) == []
    assert made.closed is not None
    assert made.closed.code == 1002
    assert written(made) == []


def test_a_long_reason_is_cut() -> None:
    """A reason too long for a close frame is cut between two characters."""
    made = framing()
    made.close(4000, "\u20ac" * 100)
    (answer,) = written(made)
    assert answer.payload[2:].decode() == "\u20ac" * 41


@pytest.mark.parametrize("code", [0, 999, 1005, 1006, 1015, 5000, 65_536])
def test_a_code_that_cannot_be_sent_is_refused(code: int) -> None:
    """A code RFC 6455 forbids on the wire raises, and leaves the connection open; it does not turn into another."""
    made = framing()
    with pytest.raises(ValueError, match=str(code)):
        made.close(code)
    assert not made.is_closing
    assert written(made) == []


def test_nothing_is_sent_after_the_close_frame() -> None:
    """After a close frame, sent or received, nothing is written any more, and no second one."""
    ours = framing()
    ours.close(1000)
    theirs = framing()
    theirs.receive(close_frame(1000))
    faulty = framing()
    faulty.receive(frame(3))
    for made in (ours, theirs, faulty):
        assert [answer.opcode for answer in written(made)] == [CLOSE]
        made.send("too late")
        made.send(b"too late")
        made.ping()
        made.close(1001)
        assert written(made) == []
        assert made.is_closing
        assert made.pong_received


def test_nothing_is_read_after_the_close_frame() -> None:
    """Bytes behind the peer's close frame are thrown away, even if they are no frames."""
    made = framing()
    made.receive(close_frame(1000))
    written(made)
    assert made.receive(b"GET / HTTP/1.1\r\n\r\n" * 100) == []
    assert made.closed == Closed(1000, "")
    assert written(made) == []
