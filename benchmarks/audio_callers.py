"""Callers who speak all at once: audio as jambonz sends it, and when it comes back.

::

    with calling(3000, streams=50) as callers:
        spoken = converse(callers, seconds=5.0)
    max(spoken.delays)

All of them are on one thread, which has nothing else to do than to send frames when they are due and to look at the
clock when they come back. The callers do not speak in step: their frames are spread over the 20 ms.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from typing_extensions import Self

from .handshake import upgrade_request

__all__ = ["FRAME_SECONDS", "AudioCaller", "Spoken", "calling", "converse"]

FRAME_SECONDS = 0.02
#: In bytes: 20 ms of 8,000 samples per second, of 16 bits.
_FRAME = 320
#: A frame begins with its number in so many digits, which are no samples that anybody would change.
_DIGITS = 8
#: In seconds, for what must come back after the last frame was sent, and for the handshake.
_PATIENCE = 10.0

# The first byte of a message.
_WORDS, _AUDIO, _PING, _PONG = 0x81, 0x82, 0x89, 0x8A

# Servers may have a shortcut for a mask of zeros, which no client sends.
_MASK = b"\x37\xfa\x21\x3d"
_HEAD = struct.pack("!BBH", _AUDIO, 0x80 | 126, _FRAME) + _MASK


def _masked(payload: bytes) -> bytes:
    mask = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(payload), "big")


#: The rest of a frame: some sound.
_REST = _masked(bytes(_DIGITS) + struct.pack("<h", 1200) * ((_FRAME - _DIGITS) // 2))[_DIGITS:]


class Spoken(NamedTuple):
    """What came of it, in seconds.

    ``delays``: from when a frame was sent until it was back, for each. ``lateness``: by how much later than it was due
    each was sent, which is the caller's own fault. ``cpu``: what the callers used.
    """

    delays: list[float]
    lateness: list[float]
    cpu: float


@contextlib.contextmanager
def calling(port: int, streams: int) -> Iterator[Sequence[AudioCaller]]:
    """Have so many streams up to a server on this machine. Raises :exc:`ConnectionError` if one is refused."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(AudioCaller(port, number)) for number in range(streams)]


def converse(callers: Sequence[AudioCaller], seconds: float) -> Spoken:
    """Send a frame every 20 ms on each stream, for so many seconds, and return when the last has come back.

    Raises :exc:`ConnectionError` if a stream ends, brings anything but its own frames in order, or does not bring all
    of them.
    """
    for caller in callers:
        caller.delays.clear()
    by_number = {caller.fileno(): caller for caller in callers}
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        return _speak(callers, by_number, poll, round(seconds / FRAME_SECONDS) * len(callers))


def _speak(
    callers: Sequence[AudioCaller], by_number: Mapping[int, AudioCaller], poll: select.epoll, frames: int
) -> Spoken:
    clock = time.perf_counter
    streams, step = len(callers), FRAME_SECONDS / len(callers)
    lateness: list[float] = []
    sent = back = 0
    cpu, began = time.process_time(), clock()
    end = began + frames * step + _PATIENCE
    while back < frames:
        while sent < frames and (late := clock() - began - sent * step) >= 0:
            lateness.append(late)
            callers[sent % streams].speak()
            sent += 1
        wait = (began + sent * step if sent < frames else end) - clock()
        # Not epoll's own timeout, which is in whole milliseconds.
        if not select.select([poll], [], [], max(0.0, wait))[0] and clock() >= end:
            raise ConnectionError(f"{frames - back} of {frames} frames did not come back within {_PATIENCE:g} s")
        for number, _ in poll.poll(0):
            back += by_number[number].listen()
    delays = [delay for caller in callers for delay in caller.delays]
    return Spoken(delays, lateness, time.process_time() - cpu)


class AudioCaller:
    """One stream to a port of this machine: up once it is made, until the end of a ``with`` block."""

    def __init__(self, port: int, number: int) -> None:
        #: How long each frame was on its way.
        self.delays: list[float] = []
        self._sent: deque[float] = deque()
        self._numbers = self._returned = 0
        self._facts = json.dumps({"callSid": f"call-{number}", "sampleRate": 8000, "mixType": "mono"}).encode()
        self._came = bytearray()
        self._sock = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open()
            self._sock.setblocking(False)
        except BaseException:
            self._sock.close()
            raise

    def _open(self) -> None:
        self._sock.sendall(upgrade_request("/voices", "audio.jambonz.org"))
        answer = b""
        while b"\r\n\r\n" not in answer:
            # No byte beyond the head: whoever is there waits for what is said first.
            answer += self._some()
        if b" 101 " not in answer.partition(b"\r\n")[0]:
            raise ConnectionError(f"the stream was refused: {answer[:200]!r}")
        head = struct.pack("!BB", _WORDS, 0x80 | len(self._facts))
        self._sock.sendall(head + _MASK + _masked(self._facts))
        # With the first frame there comes up what is there as long as the stream is.
        self.speak()
        while not self.delays:
            self.listen()

    def _some(self) -> bytes:
        data = self._sock.recv(65_536)
        if not data:
            raise ConnectionError("the server has closed the connection")
        return data

    def fileno(self) -> int:
        return self._sock.fileno()

    def speak(self) -> None:
        """Send the next frame."""
        frame = _HEAD + _masked(b"%0*d" % (_DIGITS, self._numbers)) + _REST
        self._numbers += 1
        self._sent.append(time.perf_counter())
        # A socket that takes no 328 bytes belongs to a server that has read nothing for seconds.
        self._sock.sendall(frame)

    def listen(self) -> int:
        """Take what has come; return how many frames that completed."""
        data = self._some()
        # Before anything is made of it, which would count as the server's.
        now, before = time.perf_counter(), len(self.delays)
        self._came += data
        while (message := self._next()) is not None:
            first, payload = message
            if first == _PING:
                self._sock.sendall(struct.pack("!BB", _PONG, 0x80 | len(payload)) + _MASK + _masked(payload))
            elif first == _AUDIO:
                self._is_back(payload, now)
            elif first != _WORDS or payload != self._facts:
                raise ConnectionError(f"not a frame of audio: {payload[:200]!r}")
        return len(self.delays) - before

    def _next(self) -> tuple[int, bytes] | None:
        """Take a message from what has come, if there is a whole one; its mask is off, where it still has one."""
        came = self._came
        if len(came) < 2:
            return None
        masked, size, start = came[1] & 0x80, came[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(came[2:4], "big"), 4
        start += len(_MASK) if masked else 0
        if len(came) < start + size:
            return None
        first, payload = came[0], bytes(came[start : start + size])
        del came[: start + size]
        return first, _masked(payload) if masked else payload

    def _is_back(self, frame: bytes, now: float) -> None:
        if len(frame) != _FRAME or frame[:_DIGITS] != b"%0*d" % (_DIGITS, self._returned):
            raise ConnectionError(f"not frame {self._returned}, but {len(frame)} bytes: {frame[:_DIGITS]!r}")
        self._returned += 1
        self.delays.append(now - self._sent.popleft())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The server is told nothing: the end of the stream is the end.
        self._sock.close()
