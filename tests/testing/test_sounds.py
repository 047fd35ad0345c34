"""A caller who makes a sound, and what it hears of an application that plays."""

from __future__ import annotations

import array
import re

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.audio.wav import Sound, read_wav, wav_bytes, write_wav

#: A second of a tone, without a sample that is zero.
TONE = array.array("h", [9000, -9000] * 4000)
OTHER = array.array("h", [500, 700] * 4000)

BOTH_WAYS = {"enabled": True, "streaming": True, "sample_rate": 8000}


@pytest.fixture
def listening(jambonz):
    """Calls an application that listens, and returns the call; its streams are given to a function."""

    def call(voice, answer=None, **options):
        endpoint = create_endpoint()

        def listen(session):
            session.say("Hello.")
            session.listen("/audio", **options).run()
            session.say("Goodbye.").run()

        endpoint.make_service("/app").on("session:new", answer or listen)
        endpoint.make_audio_service("/audio").on("connection", voice)
        return jambonz.call(endpoint, "/app")

    return call


def recording(**options):
    """An application that records a message, and where that is."""
    kept = []

    def answer(session):
        session.say("After the beep.")
        kept.append(session.record(**options))
        session.say(f"That was {kept[0].seconds:.1f} seconds.").run()
        session.sleep(5)

    endpoint = create_endpoint()
    endpoint.make_service("/app").on("session:new", answer)
    return endpoint, kept


def echo(stream):
    for frame in stream:
        stream.send_audio(frame)


# The caller plays


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "array"])
def test_a_message(jambonz, tmp_path, kind):
    """It is heard half a second after the application listens, whole, from whatever it comes; keys are behind it."""
    endpoint, kept = recording(finish_on_key="#")
    write_wav(tmp_path / "a.wav", Sound(TONE.tobytes(), 8000))
    sound = {
        "path": tmp_path / "a.wav",
        "str": str(tmp_path / "a.wav"),
        "bytes": (tmp_path / "a.wav").read_bytes(),
        "array": TONE,
    }[kind]
    call = jambonz.call(endpoint, "/app")
    call.plays(sound)
    call.presses("#")
    assert call.heard(re.compile(r"That was 1\.5 seconds"))
    message = kept[0].data
    assert message.strip(b"\0") == TONE.tobytes()
    assert message.find(TONE.tobytes()) == 8000
    (line,) = [what for what in call.transcript.of("caller") if "presses" not in what]
    assert line.endswith("a.wav, 1 s)" if "str" in kind or "path" in kind else "(a sound, 1 s)")


def test_time_goes_on(jambonz):
    """It returns when the sound is over; what is said meanwhile is heard, what was said before is not."""
    endpoint, kept = recording(max_length=1)
    call = jambonz.call(endpoint, "/app")
    call.plays(array.array("h", [9, -9] * 16_000))
    began = next(entry.time for entry in call.transcript.entries if entry.who == "caller")
    assert jambonz.now - began == pytest.approx(4, abs=0.05)
    assert not call.heard("After the beep.")
    assert call.heard("That was 1.0 seconds.")
    assert kept[0].reason == "length"


def test_one_behind_another(jambonz):
    """A sound that is played next begins when the one before is over and half a second has passed."""
    endpoint, kept = recording(finish_on_key="#")
    call = jambonz.call(endpoint, "/app")
    call.plays(TONE)
    call.plays(OTHER)
    call.presses("#")
    call.hangs_up()
    assert kept[0].data.strip(b"\0") == TONE.tobytes() + bytes(8000) + OTHER.tobytes()


def test_another_rate(jambonz):
    """An array has the rate that it is said to have; one that the application does not listen with is refused."""
    endpoint, kept = recording(finish_on_key="#", sample_rate=16_000)
    call = jambonz.call(endpoint, "/app")
    call.plays(TONE, sample_rate=16_000)
    call.presses("#")
    call.hangs_up()
    assert TONE.tobytes() in kept[0].data


def test_a_rate_that_does_not_fit(jambonz, tmp_path):
    """The test fails there, with the command that helps."""
    write_wav(tmp_path / "a.wav", Sound(TONE.tobytes(), 16_000))
    endpoint, _ = recording()
    call = jambonz.call(endpoint, "/app")
    with pytest.raises(AssertionError, match=r"nobody hears .*a.wav has 16000 .* listens with 8000 .*: ffmpeg -i "):
        call.plays(tmp_path / "a.wav")
    jambonz.tolerates("nobody hears")
    other = jambonz.call(endpoint, "/app")
    with pytest.raises(AssertionError, match="not converted here: give it one channel, and 8000 samples of 16 bits"):
        other.plays(TONE, sample_rate=16_000)


def test_no_such_sound(jambonz, tmp_path):
    """What no telephone sends is refused before anything happens."""
    endpoint, _ = recording()
    call = jambonz.call(endpoint, "/app")
    with pytest.raises(ValueError, match="No such file"):
        call.plays(tmp_path / "nowhere.wav")
    with pytest.raises(ValueError, match="44100 samples per second"):
        call.plays(TONE, sample_rate=44_100)
    assert call.transcript.of("caller") == []


def test_nobody_listens(jambonz, listening):
    """Whoever is asked for something else, or is no longer there, fails with what the call waits for."""

    def asks(session):
        session.ask("Your name?")

    call = listening(echo, asks)
    with pytest.raises(AssertionError, match=r"nobody hears a sound, 1 s .* not listen to it: .*waits .* in asks"):
        call.plays(TONE)

    def ends(session):
        session.say("Goodbye.").run()

    call = listening(echo, ends)
    with pytest.raises(AssertionError, match="does not listen to it: the call is over"):
        call.plays(TONE)
    with pytest.raises(AssertionError, match="the caller can do nothing any more: the call is over"):
        call.plays(TONE)


def test_beside_a_question(listening):
    """In the background an application listens while it waits for words; the caller makes its sound, and is silent."""
    heard = []

    def answer(session):
        session.config(listen={"enable": True, "url": "/audio"})
        name = session.ask("Your name?", timeout=20)
        session.say(f"Hello {name.text}.").run()

    def voice(stream):
        for frame in stream:
            heard.append(frame)

    call = listening(voice, answer)
    assert call.heard("Your name?")
    call.plays(TONE)
    call.says("Grace")
    assert call.heard("Hello Grace.")
    call.hangs_up()
    assert TONE.tobytes() in b"".join(heard)


def test_an_application_that_never_pauses(listening):
    """Nobody waits for a pause for ever; an interruption waits for none."""

    def voice(stream):
        while not stream.ended:
            stream.send_audio(OTHER, wait=True)

    call = listening(voice, bidirectional_audio=BOTH_WAYS)
    call.interrupts(sound=TONE)
    assert not call.heard_sound(TONE)
    assert call.heard_sound().seconds == pytest.approx(1200, abs=2)
    with pytest.raises(AssertionError, match="the application has not been silent for half a second"):
        call.plays(TONE)


# The caller hears


def test_an_echo(listening, tmp_path):
    """What comes back is what was sent, without the silence around it."""
    call = listening(echo, bidirectional_audio=BOTH_WAYS)
    call.plays(TONE)
    sound = call.heard_sound(TONE)
    assert sound
    assert (sound.data, sound.sample_rate, sound.seconds) == (TONE.tobytes(), 8000, 1.0)
    sound.save(tmp_path / "heard.wav")
    assert read_wav(tmp_path / "heard.wav") == Sound(TONE.tobytes(), 8000)


def test_clips(listening):
    """Each sound is heard once, and in its order; any sound is all there is up to half a second of silence."""

    def voice(stream):
        stream.play_audio(TONE, queue=True)
        stream.play_audio(OTHER, queue=True, wait=True)
        stream.sleep(2)
        stream.play_audio(wav_bytes(Sound(OTHER.tobytes(), 16_000)), wait=True)
        stream.sleep(2)
        stream.play_audio(TONE, wait=True)
        stream.disconnect()

    call = listening(voice)
    assert call.heard_sound(TONE)
    assert call.heard_sound(OTHER)
    assert call.heard_sound().seconds == 0.5
    assert call.heard_sound().seconds == 1.0
    assert not call.heard_sound()
    assert call.heard("Goodbye.")


def test_what_comes_later(listening):
    """What is not it is passed over, until the application waits for the caller, or the call is over."""

    def voice(stream):
        stream.play_audio(OTHER, wait=True)
        stream.sleep(3)
        stream.play_audio(TONE, wait=True)
        stream.disconnect()

    call = listening(voice)
    assert call.heard_sound(TONE).seconds == 5.0
    assert not call.heard_sound(TONE)


def test_not_heard(listening):
    """What was not heard is false, and says what was instead."""

    def voice(stream):
        stream.play_audio(OTHER, wait=True)
        stream.wait_for("close")

    call = listening(voice)
    assert repr(call.heard_sound(TONE)).startswith(
        "<not heard: what sounds for 1 s is not a sound, 1 s: the application goes on, at "
    )
    wrong = call.heard_sound(TONE, sample_rate=16_000)
    assert "is not a sound, 0.5 s of 16000 samples per second, but has 8000: " in repr(wrong)
    assert repr(call.heard_sound()) == "<heard 1 s of sound, 8000 samples per second>"
    silent = call.heard_sound()
    assert (bool(silent), silent.seconds, silent.data) == (False, 0.0, b"")
    assert repr(silent).startswith("<not heard: nothing sounds: the application goes on, at ")


def test_how_long_it_waits(jambonz, listening):
    """It waits for a beginning, by default for ten seconds; silence is none."""

    def voice(stream):
        stream.play_audio(bytes(16_000), wait=True)
        stream.sleep(11)
        stream.play_audio(TONE, wait=True)

    call = listening(voice)
    began = jambonz.now
    assert not call.heard_sound()
    assert jambonz.now - began == pytest.approx(10)
    assert not call.heard_sound(within=0.5)
    assert call.heard_sound(within=5)


def test_no_connection(listening):
    """Where the application does not listen there is nothing to hear, and it waits for nothing that will not be."""

    def asks(session):
        session.ask("Your name?")

    call = listening(echo, asks)
    silent = call.heard_sound()
    assert repr(silent).startswith("<not heard: there is no connection for audio: the application waits for the caller")


def test_an_interruption(listening):
    """What is heard behind it is what the application goes on to play."""

    def voice(stream):
        stream.send_audio(TONE.tobytes() * 20)
        while not any(stream.read(0.1)):
            pass
        stream.kill_audio()
        for _ in stream:
            pass

    call = listening(voice, bidirectional_audio=BOTH_WAYS)
    assert call.heard("(streamed audio)")
    call.is_silent(2)
    call.interrupts(sound=OTHER)
    assert 0 < call.heard_sound().seconds < 0.5


def test_interrupts_with_one_thing(listening):
    """A caller interrupts with words, with keys or with a sound."""
    call = listening(lambda stream: None)
    with pytest.raises(TypeError, match='a text, or keys="1", or sound='):
        call.interrupts("no", sound=TONE)
