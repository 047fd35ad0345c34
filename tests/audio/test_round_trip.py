"""A minute of stereo at 16 kHz comes back bit by bit, however it is cut up, by clients that share no code with us."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from .application import TIMEOUT, facts

STEREO = facts(sampleRate=16000, mixType="stereo")

#: 60 s of 16,000 samples of two bytes, of two channels.
SIZE = 60 * 16_000 * 2 * 2


@pytest.fixture(scope="module")
def sound() -> bytes:
    """A minute in which every sample may have any value."""
    return random.Random(60).randbytes(SIZE)


@pytest.fixture
def echo(make_audio, log):
    """An application that sends back what it hears, and says how much that was."""
    # It comes faster than anybody speaks.
    log.allow("behind the caller")
    audio = make_audio(when_late="block", max_lag=2.0)

    @audio.answer
    def voice(stream):
        size = 0
        for frame in stream:
            stream.send_audio(frame, exact=True)
            size += len(frame)
            if size == SIZE:
                break
        return size, stream.dropped

    return audio


def cut(data: bytes, most: int, seed: int) -> Iterator[bytes]:
    """Cut data into pieces of any size, odd ones too."""
    sizes = random.Random(seed)
    start = 0
    while start < len(data):
        end = start + sizes.randint(1, most)
        yield data[start:end]
        start = end


def received(ws, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        message = ws.recv(TIMEOUT)
        assert isinstance(message, bytes)
        data += message
    return bytes(data)


@pytest.mark.parametrize("way", ["frames", "merged", "fragmented"])
def test_minute(echo, sound, way):
    """In frames of 20 ms, in messages of any size, and in messages of many fragments."""
    ws = echo.connect(STEREO)

    def speak() -> None:
        if way == "frames":
            for start in range(0, SIZE, 1280):
                ws.send(sound[start : start + 1280])
        elif way == "merged":
            for message in cut(sound, 20_000, 1):
                ws.send(message)
        else:
            for message in cut(sound, 60_000, 2):
                ws.send(cut(message, 2_000, 3))

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    back = received(ws, SIZE)
    speaking.join(TIMEOUT)
    assert hashlib.sha256(back).digest() == hashlib.sha256(sound).digest()
    assert echo.outcome() == (SIZE, 0.0)


def test_messages_of_one_byte(echo, sound):
    """In messages that are shorter than a sample."""
    ws = echo.connect(STEREO)
    some = sound[:6400]

    def speak() -> None:
        for start in range(len(some)):
            ws.send(some[start : start + 1])

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    assert received(ws, len(some)) == some
    speaking.join(TIMEOUT)


def test_one_byte_at_a_time(echo, sound):
    """Over a bare socket, frames that come byte by byte, from the first of the handshake on."""
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        "GET /audio HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: audio.drachtio.org\r\n\r\n"
    )
    some = sound[: 64_000 * 3]
    out = bytearray(request.encode() + masked(0x1, json.dumps(STEREO).encode()))
    for start in range(0, len(some), 1280):
        out += masked(0x2, some[start : start + 1280])
    with socket.create_connection(("127.0.0.1", echo.port), timeout=TIMEOUT) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def speak() -> None:
            for byte in out:
                sock.sendall(bytes([byte]))

        speaking = threading.Thread(target=speak, daemon=True)
        speaking.start()
        file = sock.makefile("rb")
        head = b"".join(iter(file.readline, b"\r\n"))
        assert b"Sec-WebSocket-Protocol: audio.drachtio.org\r\n" in head
        back = bytearray()
        while len(back) < len(some):
            back += unmasked(file)
        assert back == some
        speaking.join(TIMEOUT)
        sock.sendall(masked(0x8, struct.pack("!H", 1000)))
        assert file.read() == b"\x88\x02\x03\xe8"


def masked(opcode: int, payload: bytes) -> bytes:
    """A frame of a client, with a mask that leaves everything as it is."""
    size = len(payload)
    head = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
    return bytes([0x80 | opcode]) + head + bytes(4) + payload


def unmasked(file) -> bytes:
    """The payload of the next frame, which must be binary and whole."""
    first, size = file.read(2)
    assert first == 0x82
    if size == 126:
        size = int.from_bytes(file.read(2), "big")
    return file.read(size)
