"""What docs/guides/recording.md shows, with callers who make a sound, and callers who make none."""

from __future__ import annotations

import re
import sys
import wave

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Answers
from tests.docs.page import Page

PAGE = Page("guides/recording")
VOICEMAIL, TAPE, BY_JAMBONZ, TEST = PAGE.blocks("python")


@pytest.fixture
def app(monkeypatch, tmp_path):
    """The application of the page, with a folder for its messages."""
    app = VOICEMAIL.module("app")
    monkeypatch.setitem(sys.modules, "app", app)
    app.MESSAGES = tmp_path / "kept"
    return app


def test_the_test_of_the_page(jambonz, app, monkeypatch, tmp_path):
    """It passes."""
    TEST.run(vars(app))["test_message"](jambonz, monkeypatch, tmp_path)


def test_say_it_again(jambonz, app):
    """Two records what follows, and that is what is kept."""
    call = jambonz.call(app.endpoint, "/voicemail")
    call.is_silent(4)
    call.presses("#")
    assert call.heard("Press 1 to keep it")
    call.presses("2")
    assert call.heard("Once more")
    call.is_silent(9)
    assert call.heard("Press 1 to keep it")
    call.presses("1")
    assert call.heard("Your message of 5 seconds is kept.")


def test_hanging_up(jambonz, app):
    """The message is kept."""
    call = jambonz.call(app.endpoint, "/voicemail")
    call.is_silent(6)
    call.hangs_up()
    # What the function still does then, it does on its own thread.
    jambonz.close()
    (path,) = app.MESSAGES.iterdir()
    with wave.open(str(path)) as file:
        assert file.getnframes() > 8000


def test_beside_the_conversation(jambonz, monkeypatch, tmp_path):
    """There is a file of the whole call, in stereo."""
    monkeypatch.chdir(tmp_path)
    endpoint = create_endpoint()
    endpoint.make_service("/app").on("session:new", TAPE.run(endpoint=endpoint)["recorded"])
    call = jambonz.call(endpoint, "/app", dials=[Answers(seconds=20)])
    call.is_silent(60)
    assert call.ended
    jambonz.close()
    (path,) = tmp_path.glob("*.wav")
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() > 20 * 8000


def test_by_jambonz(calling):
    """It is on, paused for the card, and on again."""
    call = calling(BY_JAMBONZ.run()["recorded_by_jambonz"])
    assert call.heard("The number of your card")
    assert call.transcript.of("call")[-1] == "recording is paused"
    call.presses("4111111111111111")
    assert call.heard("It ends with 1111.")
    assert call.transcript.of("call")[-1] == "recording is on"


def test_cloud(calling, jambonz):
    """The command of the page is one that jambonz takes; a second start is of no use."""
    jambonz.tolerates("does nothing")
    (command,) = re.findall(r"`(session.inject_record\(.*?\))`", PAGE.text)

    def answer(session):
        session.say("Hello.").run()
        exec(command, {"session": session})
        session.inject_record("startCallRecording")
        session.say("Hello.").run()

    call = calling(answer)
    call.is_silent(10)
    assert "recording is on" in call.transcript.of("call")
    assert set(call.transcript.of("fault")) == {"startCallRecording does nothing: recording is on"}
