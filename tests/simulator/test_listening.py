"""listen: the audio connection, what is said on it in words, and how it ends."""

from __future__ import annotations

import base64
import json
import queue
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync.simulator import Answers, HangsUp, Presses, Says, SimulatedCall, Transcript
from jambonz_sync.simulator.caller import Step
from tests.golden import load

from .server import HANGUP, App, JumpClock, say, serving

BOTH = ("ws.jambonz.org", "audio.jambonz.org")
AUTH = {"username": "me", "password": "s t:"}


def listen(url: str = "/audio", **options: Any) -> dict[str, Any]:
    return {"verb": "listen", "url": url, "actionHook": "/listened", **options}


class Audio:
    """What an application's end of the audio sockets has seen: headers, texts, and close codes."""

    def __init__(self, *sends: dict[str, Any], closes: int | None = None) -> None:
        self.sends = sends
        self.closes = closes
        self.headers: queue.Queue[dict[str, str]] = queue.Queue()
        self.texts: queue.Queue[dict[str, Any]] = queue.Queue()
        self.codes: queue.Queue[int] = queue.Queue()

    def text(self) -> dict[str, Any]:
        return self.texts.get(timeout=10)

    def __call__(self, app: App) -> None:
        request = app.ws.request
        assert request is not None
        self.headers.put({**dict(request.headers.raw_items()), "path": request.path})
        try:
            self.texts.put(json.loads(app.ws.recv(timeout=10)))
            for message in self.sends:
                app.ws.send(json.dumps(message))
            if self.closes is not None:
                app.ws.close(self.closes)
            while True:
                self.texts.put(json.loads(app.ws.recv(timeout=10)))
        except ConnectionClosed as closed:
            self.codes.put(closed.rcvd.code if closed.rcvd is not None else 1006)


def call(control: Callable[[App], Any], audio: Callable[[App], Any], *steps: Step, **options: Any) -> Transcript:
    """Call an application that takes audio on the same port. Time passes fast, and does not jump."""

    def application(app: App) -> None:
        (audio if app.ws.subprotocol == "audio.jambonz.org" else control)(app)

    with serving(application, subprotocols=BOTH) as url:
        if options.pop("jumps", False):
            options["clock"] = JumpClock()
        options = {"speed": 50, "patience": 0.5, **options}
        return SimulatedCall(options.pop("url", url).format(url.split("/")[2]), steps, **options).run()


def listened(audio: Audio, *steps: Step, answer: Any = (HANGUP,), **options: Any) -> tuple[dict[str, Any], Transcript]:
    """Call an application that listens; return the data of the action hook, and the transcript."""
    hooks: list[dict[str, Any]] = []

    def control(app: App) -> None:
        app.begin(listen(id="l", **options), say("Queued."), HANGUP)
        hooks.append(app.receive())
        app.ack(hooks[0], None if answer is None else list(answer))
        app.until_closed()

    transcript = call(control, audio, *steps)
    return hooks[0]["data"], transcript


# The connection


def test_handshake():
    """The media server connects to the host of the application, with a subprotocol of its own."""
    audio = Audio({"type": "disconnect"})
    listened(audio)
    headers = audio.headers.get(timeout=10)
    assert headers["path"] == "/audio"
    assert headers["Sec-WebSocket-Protocol"] == "audio.jambonz.org"
    assert "Authorization" not in headers


@pytest.mark.parametrize("nested", [False, True])
def test_metadata(nested):
    """The first frame has the facts of the call in camelCase, as recorded, and the verb's metadata over them."""
    audio = Audio({"type": "disconnect"})
    data, _ = listened(audio, metadata={"ticket": "T-19"})
    (recorded,) = (step.message for step in load("18").steps[1:2])
    sent = audio.text()
    assert sent.keys() == recorded.keys()
    assert (sent["sampleRate"], sent["mixType"], sent["ticket"]) == (8000, "mono", "T-19")
    assert (sent["callSid"], sent["callStatus"]) == (data["call_sid"], "in-progress")


def test_metadata_overwrites():
    """The metadata may overwrite anything, and the options of the audio are told."""
    audio = Audio({"type": "disconnect"})
    listened(audio, metadata={"from": "nobody"}, sampleRate=16000, mixType="stereo")
    sent = audio.text()
    assert (sent["sampleRate"], sent["mixType"], sent["from"]) == (16000, "stereo", "nobody")


def test_metadata_that_is_too_long():
    """Of a frame that is too long the end is cut off, so that it does not parse."""
    seen: queue.Queue[str] = queue.Queue()

    def audio(app: App) -> None:
        seen.put(app.ws.recv(timeout=10))
        app.ws.close(1000)

    _, transcript = listened(audio, metadata={"x": "y" * 9000})  # type: ignore[arg-type]
    assert len(seen.get(timeout=10)) == 8191
    assert "do not parse" in transcript.of("fault")[0]


def test_authorization():
    """Basic authorization comes from wsAuth, and stays for later listens of the call."""
    audio = Audio({"type": "disconnect"})

    def control(app: App) -> None:
        app.begin(listen(wsAuth=AUTH), listen(), HANGUP)
        for _ in range(2):
            app.ack(app.receive())
        app.until_closed()

    call(control, audio)
    for _ in range(2):
        sent = audio.headers.get(timeout=10)["Authorization"].removeprefix("Basic ")
        assert base64.b64decode(sent) == b"me:s t:"


def test_authorization_of_the_control_connection():
    """A relative address goes along with the credentials of the control connection."""
    audio = Audio({"type": "disconnect"})

    def control(app: App) -> None:
        app.begin(listen(wsAuth=AUTH), HANGUP)
        app.ack(app.receive())
        app.until_closed()

    call(control, audio, url="ws://you:secret@{}/app")
    sent = audio.headers.get(timeout=10)["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent) == b"you:secret"


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/audio", "wss://127.0.0.1:1/audio", "ftp://127.0.0.1/"])
def test_failure_to_connect(url):
    """Where there is no connection the verb is over at once, and its hook tells no duration."""
    data, transcript = listened(Audio(), url=url)
    assert "dial_call_duration" not in data
    assert transcript.of("note")[0].startswith("listen: ")


def test_beep():
    """playBeep is heard before."""
    _, transcript = listened(Audio({"type": "disconnect"}), playBeep=True)
    assert transcript.heard == ["(a beep)"]


# How it ends


@pytest.mark.parametrize("audio", [Audio({"type": "disconnect"}), Audio(closes=1000), Audio(closes=4000)])
def test_ended_by_the_application(audio):
    """A disconnect, or any close, ends it; the hook tells how long it was."""
    data, transcript = listened(audio, answer=None)
    assert isinstance(data["dial_call_duration"], int)
    assert data["verb_id"] == "l"
    assert transcript.heard == ["Queued."]


def test_error():
    """So does an error, but no duration is told."""
    data, _ = listened(Audio({"type": "error", "error": "no"}))
    assert "dial_call_duration" not in data


def test_closed_with_1000():
    """jambonz closes with 1000."""
    audio = Audio()
    data, _ = listened(audio, maxLength=3)
    assert audio.codes.get(timeout=10) == 1000
    assert data["dial_call_duration"] == 3


def test_keys():
    """With passDtmf keys are told in words; finishOnKey ends it, and is told to the hook."""
    audio = Audio()
    data, _ = listened(audio, Says("hello"), Presses("7#9"), passDtmf=True, finishOnKey="#")
    audio.text()
    assert [audio.text() for _ in range(2)] == [
        {"event": "dtmf", "dtmf": "7", "duration": "1600"},
        {"event": "dtmf", "dtmf": "#", "duration": "1600"},
    ]
    assert data["digits"] == "#"
    assert "dial_call_duration" in data


def test_keys_are_not_passed():
    """Without passDtmf they are not told."""
    audio = Audio()
    listened(audio, Presses("7#"), finishOnKey="#")
    audio.text()
    assert audio.codes.get(timeout=10) == 1000
    assert audio.texts.empty()


def test_killed():
    """A redirect ends it; the hook comes, and the new verbs wait for its ack."""
    audio = Audio()
    seen = []

    def control(app: App) -> None:
        app.begin(listen(), say("Replaced."))
        audio.text()
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        seen.append(hook["data"])
        app.ack(hook)
        app.until_closed()

    assert call(control, audio).heard == ["New."]
    assert "dial_call_duration" in seen[0]


def test_hung_up():
    """The end of the call ends it without a hook."""
    audio = Audio()

    def control(app: App) -> None:
        app.begin(listen())
        assert {message["type"] for message in app.until_closed()[1]} <= {"call:status"}

    call(control, audio, HangsUp(at=3))
    assert audio.codes.get(timeout=10) == 1000


# Commands and messages


@pytest.mark.parametrize(
    ("name", "data", "done"),
    [
        ("listen:status", {"listen_status": "pause"}, "listening is paused"),
        ("stream:status", {"stream_status": "pause"}, "listening is paused"),
        ("listen:status", "pause", "the command listen:status, as it was sent, does nothing in this simulator"),
        ("listen:status", {"stream_status": "pause"}, "the command listen:status, as it was sent, does nothing"),
    ],
)
def test_status(name, data, done):
    """listen:status takes an object with its own key."""
    audio = Audio()

    def control(app: App) -> None:
        app.begin(listen())
        audio.text()
        app.command(name, data)
        app.command("listen:status", {"listen_status": "resume"})
        app.redirect(HANGUP)
        app.ack(app.receive())
        app.until_closed()

    transcript = call(control, audio)
    assert done in str(transcript)
    assert "listening is resumed" in transcript.of("call")


def test_clips():
    """The application may play clips, whose end is reported; what makes no sense is a fault."""
    clip = {"audioContentType": "raw", "sampleRate": 8000, "audioContent": "AAAAAAAAAAA=", "id": "a"}
    audio = Audio({"type": "playAudio", "data": clip}, {"type": "sing"})
    _, transcript = listened(audio, maxLength=3)
    assert transcript.heard == ["(clip a, 0.02 s)"]
    assert transcript.of("fault") == ['listen: nobody understands {"type": "sing"}']
    audio.text()
    assert audio.text()["type"] == "playDone"


def test_nothing_counts_behind_the_end():
    """What is sent behind a disconnect is not looked at."""
    _, transcript = listened(Audio({"type": "disconnect"}, {"type": "sing"}, {"type": "error"}))
    assert transcript.of("fault") == []


@pytest.mark.parametrize("ends", [{}, {"closes": 1000}, {"closes": 4000}])
def test_nested_ended_by_the_application(ends):
    """Within a dial the connection is closed when the application has had enough, and the two talk on."""
    audio = Audio(*([] if ends else [{"type": "disconnect"}]), **ends)

    def control(app: App) -> None:
        target = [{"type": "phone", "number": "+15550143555"}]
        nested = {"url": "/audio", "actionHook": "/listened"}
        app.begin({"verb": "dial", "target": target, "actionHook": "/dialled", "listen": nested}, HANGUP)
        listened = app.receive()
        assert listened["hook"] == "/listened"
        assert audio.codes.get(timeout=10) == ends.get("closes", 1000)
        app.ack(listened)
        dialled = app.receive()
        assert dialled["data"]["dial_call_status"] == "completed"
        app.ack(dialled)
        app.until_closed()

    assert call(control, audio, dials=[Answers(seconds=20)]).entries[-1].time >= 20


# In the background


def background(**options: Any) -> dict[str, Any]:
    return {"verb": "config", "listen": {"enable": True, "url": "/audio", **options}}


def test_background():
    """config.listen listens while other verbs run, until another config ends it. It has no hook."""
    audio = Audio()

    def control(app: App) -> None:
        stop = {"verb": "config", "listen": {"enable": False}}
        app.begin(
            background(passDtmf=True), {"verb": "pause", "length": 5}, stop, {"verb": "pause", "length": 5}, HANGUP
        )
        app.until_closed()

    transcript = call(control, audio, Presses("1"), Presses("2", barge_in=True), jumps=True)
    assert audio.text()["callStatus"] == "in-progress"
    assert [audio.text()["dtmf"] for _ in range(2)] == ["1", "2"]
    assert audio.codes.get(timeout=10) == 1000
    assert transcript.messages("in", "verb:hook") == []


def test_background_ended_by_the_application():
    """The application may end it; then it may begin again."""
    audio = Audio({"type": "disconnect"})

    def control(app: App) -> None:
        app.begin(background(), {"verb": "pause", "length": 500})
        audio.text()
        assert audio.codes.get(timeout=10) == 1000
        app.redirect(background(), {"verb": "pause", "length": 500})
        audio.text()
        app.redirect(HANGUP)
        app.until_closed()

    assert call(control, audio).of("fault") == []


def test_background_twice():
    """Only one runs at a time, and it is not what listen:status acts on."""
    audio = Audio()

    def control(app: App) -> None:
        app.begin(background(), background(), {"verb": "pause", "length": 500})
        audio.text()
        app.command("listen:status", {"listen_status": "pause"})
        app.redirect(HANGUP)
        app.until_closed()

    transcript = call(control, audio)
    assert transcript.of("note") == ["config.listen is not looked at: it goes on already"]
    assert "listen:status" in transcript.of("fault")[0]


def test_background_that_fails():
    """One that cannot connect is over at once."""
    stop = {"verb": "config", "listen": {"enable": False}}

    def control(app: App) -> None:
        app.begin(background(url="ws://127.0.0.1:1/audio"), stop, say("Next."), HANGUP)
        app.until_closed()

    assert call(control, Audio(), jumps=True).heard == ["Next."]
