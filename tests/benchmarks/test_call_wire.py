"""What jambonz says of a call, as bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.call_wire import (
    BIG,
    PING,
    TEXT,
    TRANSCRIPT,
    Frames,
    Hooks,
    call_status,
    frame,
    session_new,
    tokens_result,
)


def unmasked(data: bytes) -> tuple[int, bytes]:
    """Take a message of a client apart, as RFC 6455 has it."""
    size, start = data[1] & 0x7F, 2
    assert data[1] & 0x80
    if size >= 126:
        start = 4 if size == 126 else 10
        size = int.from_bytes(data[2:start], "big")
    mask, payload = data[start : start + 4], data[start + 4 :]
    assert len(payload) == size
    assert any(mask)
    return data[0], bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def hook(data: bytes) -> Any:
    first, payload = unmasked(data)
    assert first == TEXT
    return json.loads(payload)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frames_are_masked(size: int) -> None:
    """For each of the three ways to tell the size."""
    payload = bytes(number % 251 for number in range(size))
    assert unmasked(frame(PING, payload)) == (PING, payload)


def test_hook() -> None:
    """It tells its msgid, the verb, the transcript, and the call, in this order of keys."""
    said = hook(Hooks("call-1", "/heard").frame(b"17", b"gather-3"))
    assert list(said) == ["type", "msgid", "call_sid", "hook", "b3", "data"]
    assert (said["type"], said["msgid"], said["call_sid"], said["hook"]) == ("verb:hook", "17", "call-1", "/heard")
    assert said["data"]["verb_id"] == "gather-3"
    assert said["data"]["reason"] == "speechDetected"
    assert said["data"]["speech"]["alternatives"][0]["transcript"] == TRANSCRIPT


def test_hook_of_a_verb_without_an_id() -> None:
    """Then there is no such key."""
    assert "verb_id" not in hook(Hooks("call-1", "/heard").frame(b"17", b""))["data"]


def test_big_hook() -> None:
    """The words of the recognizer make it as big as is asked for, and little bigger."""
    data = Hooks("call-1", "/heard", BIG).frame(b"17", b"gather-3")
    assert BIG <= len(data) < 1.05 * BIG
    assert len(hook(data)["data"]["speech"]["vendor"]["evt"]["alternatives"][0]["words"]) > 1000


def test_other_messages() -> None:
    """They name their call, and each is what it should be."""
    new = json.loads(session_new("call-1", "1"))
    assert (new["type"], new["msgid"], new["data"]["call_sid"]) == ("session:new", "1", "call-1")
    status = json.loads(call_status("call-1", "2", "completed"))
    assert (status["type"], status["data"]["call_status"]) == ("call:status", "completed")
    result = json.loads(tokens_result("call-1", "3", "tokens.7"))
    assert (result["type"], result["data"]) == ("tts:tokens-result", {"id": "tokens.7", "status": "ok"})


@pytest.mark.parametrize("step", [97, 1000, 1_000_000])
def test_frames_of_a_server(step: int) -> None:
    """Messages are put together from parts of any size, and several in one part are told apart."""
    payloads = [b"", b"x" * 125, b"y" * 126, b"z" * 70_000]
    heads = [b"\x81\x00", b"\x81\x7d", b"\x81\x7e\x00\x7e", b"\x81\x7f" + (70_000).to_bytes(8, "big")]
    data = b"".join(head + payload for head, payload in zip(heads, payloads, strict=True))
    frames = Frames()
    came = [one for place in range(0, len(data), step) for one in frames.added(data[place : place + step])]
    assert came == [(TEXT, payload) for payload in payloads]


def test_head_in_parts() -> None:
    """Even the size of a message may come byte by byte."""
    frames = Frames()
    came = [list(frames.added(bytes([byte]))) for byte in b"\x81\x7e\x00\x7e" + b"y" * 126]
    assert came[-1] == [(TEXT, b"y" * 126)]
    assert not any(came[:-1])
