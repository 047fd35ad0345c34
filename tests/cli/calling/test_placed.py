"""A call on a thread of its own."""

from __future__ import annotations

import io
import math
import re
import socket

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.audio.wav import Sound
from jambonz_sync.cli.calling.lines import Order
from jambonz_sync.cli.calling.placed import PlacedCall
from jambonz_sync.simulator import CannotConnect, Presses
from jambonz_sync.simulator.printing import Screen
from jambonz_sync.simulator.sound_file import PlaysSound


def answer(session):
    """Ask for a word three times, and dial somebody after each."""
    for _ in range(3):
        session.gather(input=["speech"], action_hook="/said", timeout=3, say={"text": "Well?"}).send()
        evt = session.wait_for("/said")
        session.say(f"I heard {evt.transcript}.").dial(target=[{"type": "phone", "number": "100"}], timeout=5)
        outcome = session.run()
        session.say(f"It was {outcome['dial_call_status']}.").run()


@pytest.fixture
def place():
    """Places a call of a prepared caller, and returns it when it is over, with what was on the screen."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/").on("session:new", answer)

        def place(*texts, typed=False):
            stream = io.StringIO()
            call = PlacedCall(endpoint.url, Screen(stream, wire=False), typed=typed, speed=20)
            for text in texts:
                call.take_text(text)
            call.end_lines()
            call.start()
            assert call.over.wait(60)
            return call, stream.getvalue()

        yield place


def test_lines(place):
    """Lines are done in order: words, silences, decisions on who is dialled."""
    call, shown = place("/busy", "hello", "/silence", "/noanswer", "/answer 1", "third")
    assert call.error is None
    assert call.transcript.heard == [
        *("Well?", "I heard hello.", "It was busy."),
        *("Well?", "I heard .", "It was no-answer."),
        *("Well?", "I heard third.", "It was completed."),
    ]
    assert call.unsaid == 0
    assert "the party that is dialled next is busy" in shown


def test_after_the_last_line(place):
    """A prepared caller hangs up when it is listened to again; one that types does so at once."""
    call, _ = place("hello")
    assert call.transcript.heard == ["Well?", "I heard hello.", "It was completed.", "Well?"]
    call, _ = place("hello", typed=True)
    assert call.transcript.of("caller") == ["hangs up"]


def test_the_caller_is_heard_to_be_silent():
    """Who has no voice sends silence, as a telephone does: a recording ends by it."""
    recorded = []
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/").on("session:new", lambda session: recorded.append(session.record(silence=2)))
        call = PlacedCall(endpoint.url, Screen(io.StringIO(), wire=False), typed=False, speed=10)
        call.start()
        assert call.over.wait(60)
    assert call.error is None
    assert recorded[0].reason == "silence"
    assert recorded[0].seconds == pytest.approx(2, abs=0.5)
    assert not any(recorded[0].data)


def listening(answer, *, frames):
    """Return an endpoint that listens to its caller: to so many frames of 20 ms, and then ends the call."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)

    @endpoint.make_audio_service("/audio").on("connection")
    def take(stream):
        answer(stream, [stream.read(0.02) for _ in range(frames)])

    @endpoint.make_service("/").on("session:new")
    def listen(session):
        session.listen("/audio", bidirectional_audio={"enabled": True, "streaming": True, "sample_rate": 8000}).run()

    return endpoint


VOICE = PlaysSound("voice.wav", Sound(b"\1\2" * 8000, 8000))


def place_with_sound(endpoint, *lines, speed=10.0, **options):
    """Hold a call of a prepared caller to its end; return it, and what was on the screen."""
    stream = io.StringIO()
    with endpoint:
        call = PlacedCall(endpoint.url, Screen(stream, wire=False), **{"typed": False, "speed": speed, **options})
        for line in lines:
            call.take_line(line)
        if not call._typed:
            call.end_lines()
        call.start()
        assert call.over.wait(60)
    assert call.error is None
    return call, stream.getvalue()


def test_sound():
    """A sound is heard from the first frame on, and comes back on the other side; the caller stays to its end."""
    heard = []

    def answer(stream, frames):
        heard.extend(frames)
        stream.send_audio(b"".join(frames), wait=True)

    call, shown = place_with_sound(listening(answer, frames=60), sound=VOICE, speed=2.0)
    assert b"".join(heard) == b"\1\2" * 8000 + bytes(3200)
    assert "caller  (voice.wav, 1 s)" in shown
    assert (call.unheard, call.misfits) == ([], 0)
    sound = call.both_sides
    assert [sound.data[place::4].count(place % 2 + 1) for place in range(4)] == [8000] * 4
    # It came back when the application had heard 60 frames.
    assert sound.data[2::4].find(1) >= 1.2 * 8000


def test_prepared_sounds():
    """They are played in turn, in the pauses of the application; what follows waits for their end."""

    def answer(stream, frames):
        stream.send_audio(b"\1\2" * 8000)
        stream.on("dtmf", lambda evt: stream.disconnect())
        for _ in stream:
            pass

    call, shown = place_with_sound(listening(answer, frames=75), VOICE, Order("silence"), VOICE)
    lines = re.findall(r"^ *(\d+\.\d)  (?:caller|app) +(.*)$", shown, re.MULTILINE)
    voice = "(voice.wav, 1 s)"
    assert [what for _, what in lines] == [voice, "(streamed audio)", voice, "hangs up"]
    # A second of sound, and half a second of silence behind it.
    assert float(lines[2][0]) - float(lines[1][0]) >= 1.4
    assert call.unsaid == 0


def test_sound_of_another_rate():
    """It is told in the call, and counted."""
    wide = PlaysSound("wide.wav", Sound(bytes(3200), 16_000))
    call, shown = place_with_sound(listening(lambda stream, frames: None, frames=5), sound=wide)
    assert "fault   nobody hears wide.wav: wide.wav has 16000 samples per second" in shown
    assert call.misfits == 1
    assert call.both_sides is None


def test_nobody_listens_to_a_sound(place):
    """Where no sound is listened to that is told at once, and the lines behind it are not said."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/").on("session:new", lambda session: session.say("Hello.").run())
    call, shown = place_with_sound(endpoint, VOICE, Presses("1"), sound=VOICE)
    assert "voice.wav is to be heard when the application listens to the caller's sound" in shown
    assert (call.unheard, call.unsaid) == (["voice.wav", "voice.wav"], 2)
    assert call.listened_since == math.inf
    assert call.both_sides is None


def test_talking_to_a_dialled_party():
    """What is typed while two are connected is said to the other one, and keys are pressed, whoever listens to it."""
    told = []

    def connect(session):
        @session.on("/said")
        def said(evt):
            told.append(evt.transcript)
            call.take_text("#*1")

        @session.on("/key")
        def pressed(evt):
            told.append(evt["dtmf"])
            call.hang_up()

        session.put_through("100", transcribe={"transcription_hook": "/said"}, dtmf_hook="/key", dtmf_capture=["*1"])

    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/").on("session:new", connect)
        call = PlacedCall(endpoint.url, Screen(io.StringIO(), wire=False), typed=True, speed=20)
        call.take_text("/answer 60")
        call.take_text("hello there")
        call.start()
        assert call.over.wait(60)
    assert call.error is None
    assert told == ["hello there", "*1"]
    assert call.transcript.of("caller") == ["hello there", "presses *1", "hangs up"]


def test_a_prepared_caller_does_not_talk_to_a_dialled_party(place):
    """Its lines are for the application, whoever it is put through to meanwhile."""
    call, _ = place("/answer 9", "one", "two")
    heard = [what for who, what in [(e.who, e.what) for e in call.transcript.entries] if who in ("callee", "caller")]
    assert heard[:4] == ["one", "answers", "hangs up", "two"]


def test_lines_that_mean_nothing(place):
    """A line that means nothing is shown and counted; an empty one is not."""
    call, shown = place("/dance", "", "// nothing")
    assert call.misread == 1
    assert "there is no /dance" in shown


def test_drop(place):
    """The connection is dropped where the line stands, and made again."""
    call, _ = place("/drop", "hello")
    assert call.transcript.connections == 2
    assert call.transcript.ending.code == 1000


def test_what_it_waits_for(place):
    """It is shown once for each time the application listens."""
    _, shown = place("/silence", "hello")
    assert shown.count("call    listens for speech, for 3 s") == 1


def test_nothing_there():
    """What the call could not be held for is kept for who asks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = []
    call = PlacedCall(f"ws://127.0.0.1:{port}#rp=none", Screen(io.StringIO(), wire=False), typed=True)
    call.on_over = lambda: told.append(call.over.is_set())
    call.start()
    assert call.over.wait(60)
    assert isinstance(call.error, CannotConnect)
    assert told == [True]
    # Nobody minds what is done then.
    call.hang_up()
