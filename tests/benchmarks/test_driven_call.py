"""One call that is led on, against the application that is measured, and against servers that do not behave."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it is for Linux", allow_module_level=True)

from benchmarks.call_servers import CallServer, ours
from benchmarks.driven_call import DrivenCall

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: ws.jambonz.org\r\n\r\n"
GATHER = {"verb": "gather", "input": ["speech"], "actionHook": "/heard"}
SAY = {"verb": "say", "text": "You said: the kettle is on"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the application listens that is measured."""
    with CallServer(ours()) as server:
        yield server.port


def wait(call: DrivenCall) -> None:
    """Let it take what comes, and write what it has to, until what it waits for is there."""
    while True:
        ready, writable, _ = select.select([call.sock], [call.sock] if call.wants_to_write else [], [], 10)
        assert ready or writable, "nothing came"
        if writable:
            call.push()
        if ready and call.take():
            return


def message(content: object, first: int = 0x81) -> bytes:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    assert 126 <= len(payload) < 65_536 or first != 0x81
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([first]) + size + payload


def ack(number: int, *verbs: dict[str, Any], msgid: str = "") -> bytes:
    """The answer to that message of the first call."""
    named = msgid or f"{1:011d}{number:011d}"
    # Long enough for one kind of head.
    return message({"type": "ack", "msgid": named, "data": verbs, "comment": "x" * 126})


class Peer:
    """A server of one call, which does what a test says."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.stream = sock.makefile("rb")
        self.head = b""
        while (line := self.stream.readline()) != b"\r\n":
            self.head += line

    def hears(self) -> tuple[int, bytes]:
        """Take the next message."""
        first, size = self.stream.read(2)
        size &= 0x7F
        if size >= 126:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        mask, payload = self.stream.read(4), self.stream.read(size)
        return first, bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


@contextlib.contextmanager
def serving(script: Callable[[Peer], None]) -> Iterator[int]:
    """Have a peer up for one call; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def run() -> None:
            sock, _ = listener.accept()
            sock.settimeout(10)
            with sock:
                peer = Peer(sock)
                with peer.stream:
                    script(peer)

        thread = threading.Thread(target=run)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


@contextlib.contextmanager
def dialled(port: int, **options: Any) -> Iterator[DrivenCall]:
    call = DrivenCall(port, options.pop("path", "/echo"), 1, **options)
    with contextlib.closing(call):
        yield call


def test_a_call(port: int) -> None:
    """It is up, takes turns whose answers are timed, and is over."""
    with dialled(port) as call:
        wait(call)
        assert call.is_up
        for _ in range(3):
            call.speak()
            wait(call)
            assert 0 < call.delay < 10
        call.hang_up()
        wait(call)
        assert call.is_over


def test_big_messages(port: int) -> None:
    """What the socket does not take at once is written later."""
    with dialled(port, size=5_000_000) as call:
        call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        wait(call)
        call.speak()
        assert call.wants_to_write
        with pytest.raises(ConnectionError, match="the application has"):
            # More than our server takes.
            wait(call)


def test_streamed_speech(port: int) -> None:
    """A turn is over when all of the text was streamed, and only once."""
    with dialled(port, path="/stream") as call:
        wait(call)
        for _ in range(3):
            call.speak()
            wait(call)
        call.hang_up()
        while not call.is_over:
            wait(call)


def test_deflate() -> None:
    """It is offered if that is wanted; the first message is compressed, and so may be the answer."""
    facts: list[Any] = []

    def script(peer: Peer) -> None:
        facts.append(peer.head)
        peer.sock.sendall(UPGRADED[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
        first, payload = peer.hears()
        inflate = zlib.decompressobj(-15)
        facts.extend([first, json.loads(inflate.decompress(payload + b"\x00\x00\xff\xff"))])
        answer = {"type": "ack", "msgid": facts[-1]["msgid"], "data": [GATHER], "text": list(range(200))}
        deflate = zlib.compressobj(wbits=-15)
        packed = deflate.compress(json.dumps(answer).encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
        peer.sock.sendall(message(packed[:-4], first=0xC1))
        facts.append(peer.hears()[0])

    with serving(script) as port, dialled(port, deflate=True) as call:
        wait(call)
    head, first, new, status = facts
    assert b"Sec-WebSocket-Extensions: permessage-deflate" in head
    assert (first, new["type"]) == (0xC1, "session:new")
    assert status == 0x81


def test_deflate_is_declined(port: int) -> None:
    """Then nothing is compressed."""
    with dialled(port, deflate=True) as call:
        wait(call)
        call.speak()
        wait(call)


def test_ping() -> None:
    """It is answered with what was in it; also the verb's id is given back, and the msgids are new ones."""
    said: list[Any] = []

    def script(peer: Peer) -> None:
        assert b"Sec-WebSocket-Extensions" not in peer.head
        peer.sock.sendall(UPGRADED)
        said.append(peer.hears())
        peer.sock.sendall(ack(1, {**GATHER, "id": "gather-1"}) + b"\x89\x05there")
        said.extend([peer.hears(), peer.hears(), peer.hears()])
        peer.sock.sendall(ack(2, SAY, GATHER))

    with serving(script) as port, dialled(port) as call:
        wait(call)
        call.speak()
        wait(call)
    assert (0x8A, b"there") in said
    new, status, hook = (json.loads(payload) for first, payload in said if first == 0x81)
    assert [one["type"] for one in (new, status, hook)] == ["session:new", "call:status", "verb:hook"]
    assert hook["data"]["verb_id"] == "gather-1"
    assert len({one["msgid"] for one in (new, status, hook)}) == 3


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (ack(1, SAY, GATHER, msgid="another"), "not the answer"),
        (ack(2, GATHER), "not the answer"),
        (ack(2, {**SAY, "text": "What?"}, GATHER), "not the answer"),
        (ack(2, SAY), "not the answer"),
        (ack(2, SAY, {**GATHER, "actionHook": "/other"}), "not the answer"),
        (ack(2, SAY, GATHER) * 2, "not the answer"),
        (
            message({"type": "command", "command": "redirect", "data": [SAY, GATHER, "x" * 99]}),
            "nothing that was asked",
        ),
        (b"\x88\x02\x03\xe8", "has ended the call: 0x88"),
        (b"", "has closed the connection"),
    ],
)
def test_another_answer(answer: bytes, text: str) -> None:
    """What is not the answer to the hook is an error."""

    def script(peer: Peer) -> None:
        peer.sock.sendall(UPGRADED)
        peer.hears()
        peer.sock.sendall(ack(1, GATHER))
        peer.hears()
        peer.hears()
        peer.sock.sendall(answer)

    with serving(script) as port, dialled(port) as call:
        wait(call)
        call.speak()
        with pytest.raises(ConnectionError, match=text):
            wait(call)


def test_other_text() -> None:
    """So is another text than that which should be streamed."""

    def script(peer: Peer) -> None:
        peer.sock.sendall(UPGRADED)
        peer.hears()
        peer.sock.sendall(ack(1, GATHER))
        peer.hears()
        peer.hears()
        tokens = {"type": "command", "command": "tts:tokens", "data": {"id": 1, "tokens": "pots " * 40}}
        flush = {"type": "command", "command": "tts:flush", "comment": "x" * 126}
        peer.sock.sendall(ack(2, GATHER) + message(tokens) + message(flush))

    with serving(script) as port, dialled(port, path="/stream") as call:
        wait(call)
        call.speak()
        with pytest.raises(ConnectionError, match="not what should be streamed: tts:flush, 200 characters"):
            wait(call)


def test_refused(port: int) -> None:
    """So is a refusal."""
    with dialled(port, path="/other") as call, pytest.raises(ConnectionError, match=r"refused: .* 404 "):
        wait(call)
