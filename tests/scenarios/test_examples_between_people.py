"""The example programs in which callers talk to somebody, told with the test kit that users have."""

from __future__ import annotations

import logging

import pytest

from jambonz_sync.simulator import Answers, Busy, NoAnswer, Presses, Says, Silence


def test_call_screening__taken(jambonz, example):
    """Who is called hears the name, and is connected after pressing 1."""
    call = jambonz.call(example, "/app")
    call.answers(seconds=60, confirms=[Presses("1")])
    call.says("Ada")
    assert call.heard("One moment.")
    assert not call.heard("Nobody can take your call")
    assert call.ended
    assert jambonz.now > 60
    told = str(call.transcript)
    assert "callee  hears: Ada is calling. Press 1 to take the call." in told
    assert "callee  hears: Connecting you." in told


@pytest.mark.parametrize("confirms", [[Presses("2")], []], ids=["another key", "no key"])
def test_call_screening__not_taken(jambonz, example, confirms):
    """Who presses anything else, or nothing, is not connected, and the caller is told."""
    call = jambonz.call(example, "/app")
    call.answers(confirms=confirms)
    call.is_silent(60)
    assert call.heard("Nobody can take your call now.")
    assert call.ended
    assert "callee  hears: Somebody without a name is calling." in str(call.transcript)


def test_call_screening__nobody_there(jambonz, example):
    """Somebody who does not answer is asked nothing."""
    call = jambonz.call(example, "/app", dials=[NoAnswer()])
    call.says("Ada")
    assert call.heard("Nobody can take your call now.")
    assert "Ada is calling." not in str(call.transcript)


def test_two_stage_transfer__the_desk_answers(jambonz, example):
    """When the two have talked the call is over."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=120)])
    assert call.heard("For sales press 1")
    call.presses("1")
    assert call.heard("I am trying the desk.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 120
    (dial,) = [verb for verb in call.verbs if verb["verb"] == "dial"]
    assert dial["target"] == [{"type": "phone", "number": "+15550143210"}]


def test_two_stage_transfer__nobody_anywhere(jambonz, example):
    """First the desk is tried, then the mobile phone; a wrong choice is told, and at last support is tried."""
    call = jambonz.call(example, "/app", dials=[Busy(), NoAnswer()])
    call.says("the boss please")
    assert call.heard("There is no such team.")
    call.says("well, support")
    assert call.heard("I am trying the desk.")
    assert call.heard("I am trying the mobile phone.")
    assert call.heard("Nobody is there.")


def test_queue_with_hold_music__taken_by_an_agent(jambonz, example):
    """A caller hears music until an agent takes the call; the agent waits for the next one after that."""
    call = jambonz.call(example, "/app")
    assert call.heard("Please hold.")
    assert call.heard("hold-music.mp3")
    call.is_silent(5)
    agent = jambonz.call(example, "/agent", from_="200")
    assert agent.heard("Stay on the line")
    agent.is_silent(60)
    call.hangs_up()
    assert agent.heard("Nobody is waiting yet.")
    agent.hangs_up()
    assert "connected to" in str(call.transcript)


def test_dial_with_fallback__somebody_at_the_desk(jambonz, example):
    """All at the desk are rung at once; when the first of them has talked to the caller the call is over."""
    call = jambonz.call(example, "/app", dials=[[Busy(), Answers(after=6, seconds=90), Answers(after=8)]])
    assert call.heard("I am ringing the desk.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 90
    (dial,) = [verb for verb in call.verbs if verb["verb"] == "dial"]
    assert [target["type"] for target in dial["target"]] == ["phone", "phone", "sip"]
    assert dial["callerId"] == "15550143001"
    assert "connected to +15550143211" in str(call.transcript)


def test_dial_with_fallback__the_manager(jambonz, example):
    """If nobody at the desk answers the manager is rung."""
    call = jambonz.call(example, "/app", dials=[NoAnswer(), Answers(seconds=60)])
    assert call.heard("Nobody answers.")
    assert call.heard("I am ringing the manager.")
    call.is_silent()
    assert call.ended
    assert "connected to +15550143299" in str(call.transcript)


def test_dial_with_fallback__a_number_to_call_back(jambonz, example, log):
    """If nobody is there at all the caller leaves a number."""
    call = jambonz.call(example, "/app", dials=[NoAnswer(), Busy()])
    assert call.heard("The line is busy.")
    assert call.heard("Key in a number")
    call.presses("5550143007")
    assert call.heard("We call you on 5 5 5 0 1 4 3 0 0 7.")
    log.expect("15550143001 wants to be called back on 5550143007", level=logging.INFO)


def test_dial_with_fallback__no_number(jambonz, example):
    """Who keys in none is asked twice, and then told goodbye."""
    call = jambonz.call(example, "/app", dials=[Busy(), Busy()])
    for _ in range(2):
        assert call.heard("Key in a number")
        call.is_silent()
    assert call.heard("Please call again.")


def test_calling_card__one_number_after_the_other(jambonz, example):
    """Each number that is keyed in is called, whatever became of the one before."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=30), Busy(), NoAnswer()], to="+15550143900")
    for number, outcome in [("07", "Your call is over."), ("08", "The line is busy."), ("09", "Nobody answers.")]:
        assert call.heard("Key in a number")
        call.presses(f"155501430{number}#")
        assert call.heard(outcome)
    call.is_silent(25)
    assert call.heard("Goodbye.")
    dials = [verb for verb in call.verbs if verb["verb"] == "dial"]
    assert [dial["target"][0]["number"] for dial in dials] == ["+15550143007", "+15550143008", "+15550143009"]
    assert {dial["callerId"] for dial in dials} == {"+15550143900"}


def test_calling_card__time_is_up(jambonz, example):
    """The caller is told shortly before the end, and the call is cut off then."""
    call = jambonz.call(example, "/app", dials=[Answers(after=5, seconds=500)])
    call.presses("15550143007#")
    assert call.heard("You have 10 more seconds.")
    assert call.heard("Your call is over.")
    told = {entry.what: entry.time for entry in call.transcript.entries}
    talk = told["connected to +15550143007"]
    assert told["You have 10 more seconds."] == pytest.approx(talk + 50)
    assert told["the timeLimit of dial is reached"] == pytest.approx(talk + 60)
    call.hangs_up()


def test_calling_card__not_every_number(jambonz, example):
    """A number that would cost too much is not called."""
    call = jambonz.call(example, "/app")
    for _ in range(2):
        call.presses("19005550100#")
    assert call.heard("Goodbye.")
    assert "dial" not in [verb["verb"] for verb in call.verbs]


def test_call_recording__paused_by_keys(jambonz, example, log):
    """What is said between star 1 and star 2 is not recorded; neither is what comes after the talk."""
    keys = [Silence(10), Presses("*1"), Silence(10), Presses("*2")]
    call = jambonz.call(example, "/app", dials=[Answers(seconds=60, caller=keys)])
    assert call.heard("May we record this call?")
    call.presses("1")
    assert call.heard("Star 1 pauses the recording")
    assert call.heard("How did we do?")
    states = [entry.what for entry in call.transcript.entries if "recording is" in entry.what]
    assert states == [f"recording is {state}" for state in ("on", "paused", "on", "off")]
    call.presses("4")
    assert call.heard("Thank you. Goodbye.")
    log.expect("the agent got 4 of 5", level=logging.INFO)


@pytest.mark.parametrize("key", ["2", None], ids=["no", "no answer"])
def test_call_recording__not_agreed(jambonz, example, key):
    """Nothing is recorded unless the caller says so, and no key changes that."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=60, caller=[Presses("*2")])])
    if key is None:
        call.is_silent()
        assert call.heard("May we record this call?")
        call.is_silent()
    else:
        call.presses(key)
    assert call.heard("How did we do?")
    assert "recording is" not in str(call.transcript)


def test_call_recording__nobody_there(jambonz, example):
    """A caller who is not put through is not asked how it was."""
    call = jambonz.call(example, "/app", dials=[NoAnswer()])
    call.presses("1")
    assert call.heard("Nobody is free.")
    assert not call.heard("How did we do?")


def test_realtime_translation__both_ways(jambonz, example):
    """Each hears in their own language what the other has said."""
    said_by_caller = [Says("Dónde está mi paquete"), Silence(10), Says("gracias")]
    said_by_agent = [Silence(5), Says("It comes tomorrow")]
    call = jambonz.call(example, "/app", dials=[Answers(seconds=30, caller=said_by_caller, callee=said_by_agent)])
    call.presses("2")
    assert call.heard("llega mañana")
    call.is_silent()
    assert call.ended
    heard_by_agent = [what for what in call.transcript.of("callee") if what.startswith("hears")]
    assert heard_by_agent == [f"hears: (on track translation) {what}" for what in ("where is my parcel", "gracias")]
    commands = [record.message for record in call.wire if record.message.get("command") == "dub"]
    # To the agent, to the caller, and to the agent again.
    agent, caller, again = [command["callSid"] for command in commands]
    assert agent == again != caller == call.wire[0].message["call_sid"]
    languages = [command["data"]["say"]["synthesizer"]["language"] for command in commands]
    assert languages == ["en-US", "es-ES", "en-US"]


def test_realtime_translation__tracks(jambonz, example):
    """Each of the two has a track for the translation, and the other's own voice is turned down."""
    call = jambonz.call(example, "/app")
    call.presses("3")
    call.is_silent()
    assert call.ended
    sent = [verb for verb in call.verbs if verb["verb"] in ("dub", "dial") or "boostAudioSignal" in verb]
    config, dub, dial = sent
    assert (dub["action"], dub["track"]) == ("addTrack", "translation")
    assert dial["dub"] == [{"action": "addTrack", "track": "translation"}]
    assert config["boostAudioSignal"] == dial["boostAudioSignal"] == "-20 dB"
    assert dial["transcribe"]["recognizer"]["language"] == "nl-NL"
