from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.transport.frames import LONGEST_HEAD, extent, frame_of, message_at
from jambonz_sync.transport.framing import Framing
from tests.transport.peers import (
    BINARY,
    CONTINUATION,
    PING,
    SUBPROTOCOL,
    TEXT,
    Frame,
    close_frame,
    frame,
    frames_of,
    upgrade_environ,
)

MOST = 100_000
#: Sizes on both sides of each change in the form of a frame's head, and in how masks are taken off.
SIZES = [0, 1, 2, 3, 4, 5, 125, 126, 127, 511, 512, 513, 65_535, 65_536]


# One frame


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("at", [0, 3])
def test_messages(size: int, at: int) -> None:
    """A message is read wherever it stands, unmasked, as what its frame says it is, and its end is told."""
    text, data = "\u20ac" * (size // 3) + "x" * (size % 3), bytes(byte % 256 for byte in range(size))
    written = frame(TEXT, text.encode())
    assert message_at(b"abc"[:at] + written + b"more", at, MOST) == (text, at + len(written))
    written = frame(BINARY, data)
    assert message_at(b"abc"[:at] + written + b"more", at, MOST) == (data, at + len(written))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_part_of_a_frame_is_no_message(opcode: int, size: int) -> None:
    """A frame from which a byte is missing is none, wherever it ends."""
    written = frame(opcode, b"x" * size)
    assert all(message_at(written[:end], 0, MOST) is None for end in [*range(min(len(written), 16)), len(written) - 1])


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, b"x", fin=False),
        frame(CONTINUATION, b"x"),
        frame(PING, b"x"),
        close_frame(1000),
        frame(TEXT, b"x", mask=None),
        frame(TEXT, b"\xff"),
        frame(TEXT, b"x" * (MOST + 1)),
        bytes([0xC1]) + frame(TEXT, b"x")[1:],
        bytes([0x81, 0xFE, 0x00, 0x01]) + b"mask" + b"x",
        bytes([0x81, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01]) + b"mask" + b"x",
    ],
    ids=["fragment", "continuation", "ping", "close", "no mask", "not UTF-8", "too long", "compressed", "16", "64"],
)
def test_what_is_no_whole_message(data: bytes) -> None:
    """Parts, control frames, compressed frames, faults, and what is too long are for somebody else."""
    assert message_at(data, 0, MOST) is None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mask", [b"mask", None])
def test_extents(size: int, mask: bytes | None) -> None:
    """The size of a frame is known as soon as its head is there, but for the mask."""
    written = frame(BINARY, b"x" * size, mask=mask)
    head = len(written) - size - (4 if mask else 0)
    assert head <= LONGEST_HEAD
    assert all(extent(written[:end]) is None for end in range(head))
    assert all(extent(written[:end]) == len(written) for end in (head, len(written)))


@pytest.mark.parametrize("size", SIZES)
def test_frames_of_the_server(size: int) -> None:
    """What is sent is one frame, not masked, with the shortest head there is."""
    assert frame_of(b"x" * size) == frame(BINARY, b"x" * size, mask=None)
    assert frame_of("\u20ac" * (size // 3)) == frame(TEXT, "\u20ac".encode() * (size // 3), mask=None)
    assert frames_of(bytearray(frame_of("x" * size))) == [Frame(TEXT, b"x" * size)]


# All frames, in any pieces


class Parsed(Framing):
    """A connection that has every frame parsed by wsproto, in the pieces in which they come."""

    def receive(self, data: bytes) -> list[str | bytes]:
        messages: list[str | bytes] = []
        if self.closed is None:
            self._parse(data, messages)
        return messages


def one_frame() -> st.SearchStrategy[bytes]:
    """A frame, more often right than wrong."""
    payloads = st.one_of(
        st.binary(max_size=200),
        st.text(max_size=60).map(str.encode),
        st.integers(120, 200).map(lambda size: b"y" * size),
        st.sampled_from([b"z" * 65_536, b"z" * 1_000, "\u20ac".encode()[:2]]),
    )
    messages = st.builds(
        frame, st.sampled_from([TEXT, TEXT, BINARY, CONTINUATION]), payloads, fin=st.sampled_from([True, True, False])
    )
    pings = st.builds(frame, st.just(PING), st.binary(max_size=125))
    faults = st.one_of(
        st.builds(frame, st.integers(0, 15), payloads, fin=st.booleans(), mask=st.sampled_from([None, b"mask"])),
        st.tuples(st.integers(0, 255), messages).map(lambda pair: bytes([pair[0]]) + pair[1][1:]),
        st.just(bytes([0x81, 0xFE, 0x00, 0x01]) + b"mask" + b"x"),
        st.binary(max_size=20),
        st.just(close_frame(1000)),
    )
    return st.one_of(messages, messages, messages, messages, pings, faults)


@given(
    st.lists(one_frame(), max_size=8).map(b"".join),
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
    st.booleans(),
    st.sampled_from([150, 2**20]),
)
def test_nothing_changes_what_is_read(data: bytes, cuts: list[int], deflate: bool, most: int) -> None:
    """Whatever comes, in whatever pieces: messages, answers and the end are those of wsproto alone."""
    environ = upgrade_environ(HTTP_SEC_WEBSOCKET_EXTENSIONS="permessage-deflate") if deflate else upgrade_environ()
    ours, plain = (kind(environ, [SUBPROTOCOL], max_message_size=most, deflate=deflate) for kind in (Framing, Parsed))
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(data[at : at + cut])
        at += cut
    for piece in [*pieces, data[at:]]:
        assert ours.receive(piece) == plain.receive(piece)
        assert ours.closed == plain.closed
        assert ours.out == plain.out
