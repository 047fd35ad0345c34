"""Audio in virtual time: the application's stream and jambonz in one world."""

from __future__ import annotations

import pytest

from jambonz_sync.audio import AudioEnded, AudioService
from jambonz_sync.audio.wav import Sound
from jambonz_sync.simulator import HangsUp, Presses
from jambonz_sync.simulator.audio_in_process import audio_connector
from jambonz_sync.simulator.connection import CannotConnect
from jambonz_sync.simulator.handset import Handset
from jambonz_sync.simulator.sound_file import PlaysSound
from jambonz_sync.simulator.world import World
from tests.audio.in_world import call_with_audio

STREAMING = {"enabled": True, "streaming": True, "sample_rate": 8000}


def listen(**options):
    def answer(session):
        session.listen("/audio", **options).run()

    return answer


def test_sound():
    """What the caller says is read in the time that it takes, and no other."""
    seen = []

    def voice(stream):
        for size in (0.5, 1.0):
            data = stream.read(size)
            seen.append((round(stream._channel.now(), 6), data[:2], len(data)))

    call_with_audio(listen(), voice, frames=lambda: [b"\1\0" * 160] * 100)
    assert seen == [(0.5, b"\1\0", 8000), (1.5, b"\1\0", 16_000)]


def test_silence():
    """Where nothing is to be heard, silence is sent."""
    seen = []
    call_with_audio(listen(), lambda stream: seen.append(stream.read(0.02)))
    assert seen == [bytes(320)]


def test_clips():
    """Clips last as long as they are, one behind the other or one instead of the others."""
    seen = []

    def voice(stream):
        now = stream._channel.now
        first = stream.play_audio(bytes(16_000), queue=True)
        stream.play_audio(bytes(16_000), queue=True, wait=True)
        seen.append((first.completed, now()))
        waiting = [stream.play_audio(bytes(16_000), queue=True) for _ in range(3)]
        last = stream.play_audio(bytes(8000), wait=True)
        seen.append(([clip.completed for clip in waiting], last.completed, round(now(), 3)))

    transcript = call_with_audio(listen(), voice)
    # Behind what was killed comes a frame of silence.
    assert seen == [(True, 2.0), ([False] * 3, True, 2.52)]
    assert [entry.what for entry in transcript.entries if entry.who == "fault"] == []


def test_many_clips():
    """More clips than jambonz keeps are played all the same, to the last."""
    seen = []

    def voice(stream):
        clips = [stream.play_audio(bytes(1600), queue=True) for _ in range(30)]
        stream.play_audio(bytes(1600), queue=True, wait=True)
        seen.append((all(clip.completed for clip in clips), round(stream._channel.now(), 3)))

    transcript = call_with_audio(listen(), voice)
    assert seen == [(True, 3.1)]
    assert [entry.what for entry in transcript.entries if entry.who == "fault"] == []


def test_stream():
    """What is streamed is heard to its end, whether paced or not, and marks come when they should."""
    seen = []
    recorders = []

    def voice(stream):
        now = stream._channel.now
        seen.append((stream.send_audio(b"\1\0" * 16_000, wait=True), round(now(), 2)))
        seen.append((stream.send_audio(b"\xff\xff" * 8000, pace=True, wait=True), round(now(), 2)))
        stream.send_audio(b"\1\0" * 100)
        stream.flush_audio()
        stream.send_mark("end")
        seen.append((stream.wait_for("mark").event, round(now(), 2)))

    transcript = call_with_audio(listen(bidirectional_audio=STREAMING), voice, recorders=recorders)
    assert seen == [(True, 2.12), (True, 3.24), ("playout", 3.37)]
    assert [entry.what for entry in transcript.entries if entry.who == "fault"] == []
    # Each with the silence behind which it is heard.
    assert [len(recorder.streamed) for recorder in recorders] == [2 * (16_000 + 800 + 8000 + 800 + 100 + 800)]


def test_barge_in():
    """A key that kills what is sent is heeded at once."""
    seen = []

    def voice(stream):
        stream.on("dtmf", lambda evt: stream.kill_audio())
        seen.append((stream.send_audio(b"\1\0" * 80_000, pace=True), round(stream._channel.now(), 2)))
        stream.close()

    call_with_audio(listen(bidirectional_audio=STREAMING, pass_dtmf=True), voice, Presses("5", barge_in=True))
    ((sent, when),) = seen
    assert sent is False
    assert when < 1.5


def test_hang_up():
    """The end unwinds who waits, and ends who reads."""
    seen = []

    def voice(stream):
        try:
            stream.wait_for("dtmf")
        except AudioEnded as end:
            seen.append((end.code, len(stream.read()) > 0, stream.read(1)))
            raise

    call_with_audio(listen(), voice, HangsUp())
    assert seen == [(1000, True, b"")]


def test_session():
    """The stream finds the session of its call, and may have it say something else."""

    def voice(stream):
        stream.session.say("Enough.").send()
        stream.read()

    transcript = call_with_audio(listen(), voice)
    assert "Enough." in [entry.what for entry in transcript.entries]


def test_nobody_answers():
    """There may be no service, or none that is open."""
    world = World()
    connect = audio_connector(world, {}.get)
    with pytest.raises(CannotConnect) as caught:
        connect("ws://127.0.0.1/nowhere")
    assert caught.value.http_status == 404
    service = AudioService("/audio")
    service.close()
    transcript = call_with_audio(listen(), lambda stream: None, service=service)
    assert "listens at /audio" in [entry.what for entry in transcript.entries]


def test_handset():
    """Each connection leads to the handset, which is sent as it is listened to, and hears until it is over."""
    world = World()
    handset = Handset(world.now, begins=lambda sound, end: None, complain=pytest.fail)
    handset.microphone.play(PlaysSound("hello", Sound(b"\1\0" * 160, 8000)))
    connect = audio_connector(world, {"/audio": AudioService("/audio")}.get, handset=handset)
    connection = connect("ws://127.0.0.1/audio")
    assert next(connection.sound(8000, 2, 0.0)) == b"\1\0\0\0" * 160
    assert (handset.heard, handset.is_listened_to) == ([connection.heard], True)
    connection.close(1000)
    assert not handset.is_listened_to
    world.stop()
