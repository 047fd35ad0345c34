"""Clips: their content, and what becomes of them."""

from __future__ import annotations

import base64
import json

import pytest

from jambonz_sync.audio.clips import Clip, Clips, content_of
from jambonz_sync.audio.event import parse_event
from jambonz_sync.audio.wav import Sound, wav_bytes
from jambonz_sync.exceptions import InvalidCommand


def done(clip_id: str | None, milliseconds: object = "1000"):
    data = {"playbackMilliseconds": milliseconds} | ({} if clip_id is None else {"id": clip_id})
    return parse_event(json.dumps({"type": "playDone", "data": data}))


class Sent:
    """Clips of one second that were sent."""

    def __init__(self) -> None:
        self.clips = Clips()
        self.said: list[tuple[str, bool]] = []

    def play(self, clip_id: str, *, queue: bool = True, now: float = 0.0) -> Clip:
        clip = Clip(clip_id, content_of(bytes(16_000), 8000))
        self.said = [self._short(text) for text in self.clips.play(clip, queue=queue, now=now)]
        return clip

    def _short(self, text: str) -> tuple[str, bool]:
        data = json.loads(text).get("data", {})
        return data.get("id", "kill"), data.get("queuePlay", False)


def test_unknown_wav():
    """jambonz reads more kinds of WAV files than Python, so they are sent, though nobody knows how long they are."""
    content = wav_bytes(Sound(bytes(4), 8000)).replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0\7\0")
    clip = content_of(content, 8000)
    assert clip.seconds is None
    assert base64.b64decode(clip.wire["audioContent"]) == content


def test_largest(tmp_path):
    """No more of a file is read than a clip may have."""
    path = tmp_path / "long.raw"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(InvalidCommand, match="10,485,760 bytes"):
        content_of(path, 8000)


def test_end():
    """A clip that was heard to its last frame was heard."""
    sent = Sent()
    one, two, three = (sent.play(name) for name in ("one", "two", "three"))
    assert sent.clips.done(done("one", "990"))
    assert (one.is_over, one.completed, one.played) == (True, True, 0.99)
    sent.clips.done(done("two", "970"))
    assert (two.is_over, two.completed, two.played) == (True, False, 0.97)
    sent.clips.done(done("three", None))
    assert (three.is_over, three.completed, three.played) == (True, False, 0.0)
    assert len(sent.clips) == 0


def test_quiet_from():
    """It is known when all of it should have been heard."""
    sent = Sent()
    sent.play("one", now=5.0)
    sent.play("two", now=5.5)
    assert sent.clips.quiet_from == 7.0
    sent.play("three", queue=False, now=6.0)
    assert sent.clips.quiet_from == 7.0


def test_instead():
    """One that is not queued is behind nothing that could be heard, whatever has ended in the meantime."""
    sent = Sent()
    sent.play("one", queue=False)
    assert sent.said == [("one", False)]
    sent.play("two", queue=False)
    assert sent.said == [("kill", False), ("two", False)]
    sent.clips.done(done("one"))
    sent.play("three")
    sent.play("four", queue=False)
    assert sent.said == [("jambonz_sync:hush", False), ("kill", False), ("four", True)]
    # That which plays is still to be reported.
    assert (len(sent.clips), sent.clips.oldest) == (2, "two")
    assert not sent.clips.done(done("jambonz_sync:hush"))


def test_strangers():
    """What nobody has sent is somebody's business all the same."""
    sent = Sent()
    assert sent.clips.oldest == ""
    assert sent.clips.done(done("other"))
    assert sent.clips.done(done(None))
    assert sent.clips.hush(0.0) == []


def test_room():
    """jambonz drops what is too much, so no more than it keeps for certain is sent."""
    sent = Sent()
    for number in range(11):
        assert sent.clips.has_room
        sent.play(str(number))
    assert not sent.clips.has_room
    sent.clips.done(done("0"))
    assert sent.clips.has_room


def test_connection_ends():
    """With the connection all of them end."""
    sent = Sent()
    clips = [sent.play(str(number)) for number in range(3)]
    sent.clips.end()
    assert [(clip.is_over, clip.completed) for clip in clips] == [(True, False)] * 3
