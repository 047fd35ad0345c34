"""Clips: their content, and what becomes of them."""

from __future__ import annotations

import base64
import json
import wave

import pytest

from jambonz_sync.audio.clips import Clip, Clips, content_of
from jambonz_sync.audio.event import parse_event
from jambonz_sync.exceptions import InvalidCommand

from .test_file_kinds import FRAMES, HEADS
from .test_wav import packed


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


def test_other_wav():
    """jambonz reads more kinds of WAV files than Python, so they are sent, and it is known how long they are."""
    content = packed(7, 12_000, 8000)
    clip = content_of(content, 8000)
    assert clip.seconds == 1.5
    assert base64.b64decode(clip.wire["audioContent"]) == content


def test_bad_wav(tmp_path):
    """A WAV file that nobody could play is refused, by its name if it has one."""
    path = tmp_path / "tone.wav"
    path.write_bytes(packed(1, 320, 0, rate=0, bits=16))
    with pytest.raises(InvalidCommand, match=r"tone\.wav is a WAV file without a rate"):
        content_of(path, 8000)
    with pytest.raises(InvalidCommand, match="this is a WAV file without a rate"):
        content_of(path.read_bytes(), 8000)
    with wave.open(str(path)) as reader, pytest.raises(InvalidCommand, match="without a rate"):
        content_of(reader, 8000)
    with pytest.raises(InvalidCommand, match="this is a WAV file without sound"):
        content_of(b"RIFF\4\0\0\0WAVE", 8000)


@pytest.mark.parametrize("begins", [begins for begins, _ in (*HEADS, *FRAMES)])
@pytest.mark.parametrize("size", [10_000, 10_001])
def test_other_kinds(begins, size, tmp_path):
    """A file of another kind is refused, whether its length is odd or even, with the way to convert it."""
    path = tmp_path / "tune"
    path.write_bytes(begins.ljust(size, b"\x55"))
    with pytest.raises(
        InvalidCommand, match=r"tune is a file of the kind .*: ffmpeg -i .* -ar 16000 -ac 1 sound\.wav$"
    ):
        content_of(path, 16_000)


def test_bytes_of_other_kinds():
    """Of bytes only those are refused that are no samples for certain."""
    with pytest.raises(InvalidCommand, match="this is a file of the kind Ogg"):
        content_of(HEADS[1][0].ljust(320, b"\x55"), 8000)
    assert content_of(FRAMES[0][0].ljust(320, b"\x55"), 8000).seconds == 0.02


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


def test_quiet_later():
    """Where one has ended later than it should, so will those behind it."""
    sent = Sent()
    for name in ("one", "two", "three"):
        sent.play(name)
    assert (sent.clips.quiet_from, sent.clips.reports) == (3.0, 0)
    sent.clips.done(done("one"))
    sent.clips.go_on(1.5)
    assert (sent.clips.quiet_from, sent.clips.reports) == (3.5, 1)


def test_killed():
    """One that was killed was not heard to its end, of whatever kind its samples are."""
    sent = Sent()
    for content in (packed(7, 240_000, 8000), packed(0xFFFE, 480_000, 16_000, bits=16)):
        clip = Clip("clip", content_of(content, 8000))
        sent.clips.play(clip, queue=False, now=0.0)
        sent.clips.hush(0.04)
        sent.clips.done(done("clip", "40"))
        assert (clip.is_over, clip.completed, clip.played, clip.seconds) == (True, False, 0.04, 30.0)


def test_report_under_way():
    """One that had begun when it was taken for one that waits was heard all the same, as its report tells."""
    sent = Sent()
    one, two, three = (sent.play(name) for name in ("one", "two", "three"))
    four = sent.play("four", queue=False)
    assert [clip.is_over for clip in (one, two, three, four)] == [False, True, True, False]
    assert (two.played, two.completed) == (0.0, False)
    sent.clips.done(done("one"))
    assert (one.played, one.completed) == (1.0, True)
    assert sent.clips.done(done("two", "500"))
    assert (two.played, two.completed) == (0.5, False)
    assert not sent.clips.done(done("jambonz_sync:hush", "20"))
    sent.clips.done(done("four"))
    assert (three.is_over, three.played, three.completed) == (True, 0.0, False)
    assert (four.played, four.completed) == (1.0, True)


def test_same_name():
    """A clip with the name of one that was dropped is another one."""
    sent = Sent()
    sent.play("one")
    dropped = sent.play("prompt")
    again = sent.play("prompt", queue=False)
    sent.clips.done(done("one", "200"))
    sent.clips.done(done("jambonz_sync:hush", "20"))
    sent.clips.done(done("prompt", "1000"))
    assert (dropped.played, dropped.completed) == (0.0, False)
    assert (again.played, again.completed) == (1.0, True)


def test_never_reported():
    """Where jambonz reports nothing, what it was sent is not remembered for ever."""
    sent = Sent()
    first = sent.play("first")
    for _ in range(200):
        sent.play("more", queue=False)
        sent.play("more")
    assert first.is_over
    assert sent.clips.oldest == "more"
    assert len(sent.clips._sent) <= 102


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
