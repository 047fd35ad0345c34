"""How a call begins and ends, and what acks, commands and closes do to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, RealClock, Says, Silence, SimulatedCall

from .server import HANGUP, App, call, gather, play, say, serving, words

PAUSE = {"verb": "pause", "length": 60}


def statuses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["data"]["call_status"] for message in messages if message["type"] == "call:status"]


# The beginning


@pytest.mark.parametrize("data", [None, [], {}, "say", ["say"], [{"text": "Hello.", "loop": 1}], [{"verb": 1}]])
def test_first_ack_without_verbs(data):
    """A call whose first ack brings no verbs is rejected with SIP 480, and the socket closed with 1001."""
    seen = []

    def application(app: App) -> None:
        app.ack(app.receive("session:new"), data)
        seen.append(app.until_closed())

    ending = call(application).ending
    assert ending.rejected
    assert (ending.code, "480" in ending.reason) == (1001, True)
    assert seen == [(1001, [])]


def test_first_ack_missing():
    """A call whose session:new is not answered in time is rejected."""

    def application(app: App) -> None:
        assert app.until_closed()[0] == 1001

    transcript = call(application, ack_timeout=0.2)
    assert transcript.ending.rejected
    assert 0.2 <= transcript.entries[-1].time < 5


def test_first_messages():
    """session:new comes first; after its ack trying, and in-progress with the first verb that needs audio."""

    def application(app: App) -> None:
        opening = app.begin({"verb": "config"}, {"verb": "pause", "length": 1}, say(), HANGUP)
        assert opening["data"]["call_sid"] == opening["call_sid"]
        assert opening["data"]["env_vars"] == {"GREETING": "Good day"}
        assert opening["data"]["sip"]["headers"]["X-Queue"] == "gold"
        app.until_closed()
        assert statuses(app.received) == ["trying", "in-progress", "completed"]

    transcript = call(application, env={"GREETING": "Good day"}, headers={"X-Queue": "gold"}, from_="100", to="200")
    assert [(entry.who, entry.what) for entry in transcript.entries[:3]] == [
        ("call", "100 calls 200"),
        ("call", "answered"),
        ("app", "One two three."),
    ]
    assert transcript.entries[1].time == 1
    assert transcript.ending.code == 1000


def test_ids_are_unique():
    """No two messages share a msgid, and no two calls a sid."""
    sids = set()

    def application(app: App) -> None:
        sids.add(app.begin(say(), HANGUP)["call_sid"])
        app.until_closed()
        msgids = {message["msgid"] for message in app.received}
        assert len(msgids) == len(app.received)
        assert {len(msgid) for msgid in msgids} == {22}

    call(application)
    call(application)
    assert len(sids) == 2


def test_verbs_in_the_other_notation():
    """A verb may be an object under its name."""
    assert call(lambda app: (app.begin({"say": {"text": "Hi."}}, {"hangup": {}}), app.until_closed())).heard == ["Hi."]


def test_command_with_the_first_ack():
    """A command in one segment with the first ack is lost."""

    def application(app: App) -> None:
        opening = app.receive("session:new")
        ack = {"type": "ack", "msgid": opening["msgid"], "data": [say("First.")]}
        command = {"type": "command", "command": "redirect", "data": [say("Lost.")]}
        app.send_together(ack, command)
        app.until_closed()

    transcript = call(application, speed=50)
    assert transcript.heard == ["First."]
    assert "redirect is lost" in transcript.of("fault")[0]


# The queue


def test_ack_with_verbs():
    """Verbs in a hook's ack take the place of those that are queued."""

    def application(app: App) -> None:
        app.begin(gather("speech"), say("Replaced."))
        app.ack(app.receive(), [say("New."), HANGUP])
        app.until_closed()

    assert call(application, "hello").heard == ["New."]


@pytest.mark.parametrize("data", [None, [], {"no": "array"}])
def test_ack_without_verbs(data):
    """After an ack without verbs the queue goes on."""

    def application(app: App) -> None:
        app.begin(gather("speech"), say("Queued."), HANGUP)
        app.ack(app.receive(), data)
        app.until_closed()

    assert call(application, "hello").heard == ["Queued."]


def test_redirect_replaces():
    """A redirect kills the running verb and takes the place of the queue."""

    def application(app: App) -> None:
        app.begin(say(), PAUSE, say("Replaced."))
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        app.until_closed()

    transcript = call(application, speed=50)
    assert transcript.heard[-1] == "New."
    assert "Replaced." not in transcript.heard
    assert transcript.entries[-1].time < 60


def test_redirect_appends():
    """A redirect with queueCommand goes behind what is queued."""

    def application(app: App) -> None:
        app.begin(say("First."), say("Second."))
        app.redirect(say("Third."), HANGUP, queue=True)
        app.until_closed()

    assert call(application, speed=50).heard == ["First.", "Second.", "Third."]


@pytest.mark.parametrize("queue", [True, False])
def test_redirect_wakes_idle_call(queue):
    """When the verbs have run out the call stays up, silent, until a redirect brings new ones."""

    def application(app: App) -> None:
        app.begin(say("First."), gather("speech"))
        app.ack(app.receive())
        app.redirect(say("Second."), HANGUP, queue=queue)
        app.until_closed()

    transcript = call(application, "hello", speed=50, patience=10)
    assert transcript.heard == ["First.", "Second."]


def test_redirect_in_silence():
    """A redirect that comes long after the last verb has the same effect."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, say("First.", id="s"))
        while app.receive("verb:status")["data"] != {"event": "finished", "name": "say", "id": "s"}:
            pass
        app.redirect(say("Second."), HANGUP, queue=True)
        app.until_closed()

    transcript = call(application, speed=50, patience=10)
    assert transcript.heard == ["First.", "Second."]
    assert transcript.of("note") + transcript.of("fault") == []


@pytest.mark.parametrize(("verbs", "status"), [([say()], "completed"), ([{"verb": "config"}], "failed")])
def test_empty_redirect_ends_idle_call(verbs, status):
    """A redirect without verbs ends an idle call: by BYE, or if it is not answered by SIP 603."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, *verbs, {"verb": "config", "id": "last"})
        while app.receive("verb:status")["data"] != {"event": "finished", "name": "config", "id": "last"}:
            pass
        app.redirect(queue=True)
        assert app.status(status)["data"]["sip_status"] == (200 if status == "completed" else 603)
        assert app.until_closed()[0] == 1000

    call(application, speed=50, patience=10)


def test_empty_redirect_while_a_verb_runs():
    """A redirect without verbs kills the running verb, and the call goes on in silence."""

    def application(app: App) -> None:
        app.begin(say(), PAUSE)
        app.status("in-progress")
        app.redirect()
        app.until_closed()

    transcript = call(application, speed=50)
    assert transcript.of("caller") == ["hangs up"]
    assert transcript.entries[-1].time < 60


def test_redirect_of_what_are_no_verbs():
    """A redirect with invalid verbs does nothing, and nothing is said to the application."""

    def application(app: App) -> None:
        app.begin(say("Stays."), HANGUP)
        app.redirect({"text": "no verb", "loop": 1})
        assert statuses(app.until_closed()[1]) == ["in-progress", "completed"]

    transcript = call(application, speed=50)
    assert transcript.heard == ["Stays."]
    assert "redirect does nothing" in transcript.of("fault")[0]


def test_killed_gather():
    """A killed gather sends no hook."""

    def application(app: App) -> None:
        app.begin(say(), gather("speech", timeout=0))
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        assert not [message for message in app.until_closed()[1] if message["type"] == "verb:hook"]

    assert call(application, speed=50).heard[-1] == "New."


@pytest.mark.parametrize(("data", "heard"), [(None, ["New."]), ([say("Newest."), HANGUP], ["Newest."])])
def test_killed_play(data, heard):
    """A killed play sends its hook; the new verbs wait for the ack, and verbs in that take their place."""

    def application(app: App) -> None:
        app.begin(play(loop="forever", actionHook="/played"), say("Replaced."))
        app.status("in-progress")
        app.redirect(say("New."), HANGUP)
        hook = app.receive()
        assert (hook["hook"], hook["data"]["reason"]) == ("/played", "playCompleted")
        app.ack(hook, data)
        app.until_closed()

    assert [what for what in call(application, speed=50).heard if what.startswith("New")] == heard


def test_redirect_while_a_hook_is_open():
    """The new verbs of a redirect wait until the hook in flight is answered."""

    def application(app: App) -> None:
        app.begin(gather("speech"), say("Replaced."))
        hook = app.receive()
        app.redirect(say("New."), HANGUP)
        app.ack(hook)
        app.until_closed()

    transcript = call(application, "hello", speed=50)
    assert transcript.heard == ["New."]
    out = [record.message["type"] for record in transcript.wire if record.direction == "out"]
    assert out == ["ack", "command", "ack"]


@pytest.mark.parametrize("queue", [True, False])
def test_redirect_in_one_piece_with_an_ack(queue):
    """A redirect that arrives in one segment with an ack is replaced by the verbs of that ack."""

    def application(app: App) -> None:
        app.begin(gather("speech"))
        ack = {"type": "ack", "msgid": app.receive()["msgid"], "data": [say("Answer."), HANGUP]}
        app.send_together(
            ack, {"type": "command", "command": "redirect", "queueCommand": queue, "data": [say("Lost.")]}
        )
        app.until_closed()

    transcript = call(application, "hello")
    assert transcript.heard == ["Answer."]
    assert transcript.of("fault")[0].startswith("the command redirect is lost")


def test_redirect_in_one_piece_with_an_empty_ack():
    """If that ack brings no verbs, nothing is lost."""

    def application(app: App) -> None:
        app.begin(gather("speech"), say("Queued."))
        ack = {"type": "ack", "msgid": app.receive()["msgid"]}
        app.send_together(ack, {"type": "command", "command": "redirect", "queueCommand": True, "data": [HANGUP]})
        app.until_closed()

    transcript = call(application, "hello")
    assert transcript.heard == ["Queued."]
    assert transcript.of("note") + transcript.of("fault") == []


# Acks that do not come


def late_clock() -> RealClock:
    """Five seconds, that an application lets pass, take one."""
    return RealClock(speed=50, thinking_speed=5)


def test_unanswered_gather():
    """Five seconds after the hook of a gather jambonz reports an error, and the queue goes on."""

    def application(app: App) -> None:
        app.begin(gather("speech", id="g"), say("Queued."), HANGUP)
        app.receive("verb:hook")
        error = app.receive("jambonz:error")
        assert error["data"] == {"msg": "invalid actionHook response", "verb": "gather", "id": "g"}
        status = app.receive("call:status")["data"]
        assert (status["call_status"], status["error"]) == ("in-progress", "invalid actionHook response")
        app.until_closed()

    transcript = call(application, "hello", clock=RealClock(speed=5, thinking_speed=5))
    assert transcript.heard == ["Queued."]
    (hook,) = (record.time for record in transcript.wire if record.message["type"] == "verb:hook")
    (error,) = (record.time for record in transcript.wire if record.message["type"] == "jambonz:error")
    assert 4 <= error - hook < 60


def test_gather_answered_with_what_are_no_verbs():
    """What is wrong with the answer of a gather's hook is reported, and the queue goes on."""

    def application(app: App) -> None:
        app.begin(gather("speech"), say("Queued."), HANGUP)
        app.ack(app.receive(), ["say"])
        error = app.receive("jambonz:error")
        assert error["data"]["details"] == app.receive("call:status")["data"]["reason"] == "element 0 is no object"
        app.until_closed()

    assert call(application, "hello").heard == ["Queued."]


def test_unanswered_play():
    """When the hook of a play is not answered the queue goes on, with no error."""

    def application(app: App) -> None:
        app.begin(play(actionHook="/played"), say("Queued."), HANGUP)
        messages = app.until_closed()[1]
        assert {message["type"] for message in messages} == {"call:status", "verb:hook"}

    transcript = call(application, clock=late_clock())
    assert transcript.heard[-1] == "Queued."
    assert transcript.of("fault") == ["/played was not answered in time"]


def test_play_answered_with_what_are_no_verbs():
    """An answer to another hook that holds no verbs counts as none."""

    def application(app: App) -> None:
        app.begin(play(actionHook="/played"), say("Queued."), HANGUP)
        app.ack(app.receive(), ["say"])
        app.until_closed()

    assert call(application).heard[-1] == "Queued."


def test_late_repeated_and_unknown_acks():
    """Acks that belong to nothing are dropped."""

    def application(app: App) -> None:
        opening = app.begin(gather("speech"))
        hook = app.receive()
        app.ack(opening, [say("Repeated.")])
        app.ack({"msgid": "unknown"}, [say("Unknown.")])
        app.ack(hook, [say("Once."), gather("speech"), HANGUP])
        last = app.receive()
        app.ack(hook, [say("Twice.")])
        app.ack(last)
        app.until_closed()

    transcript = call(application, "hello", "hello")
    assert transcript.heard == ["Once."]
    assert [note[:18] for note in transcript.of("fault")] == ["an ack is dropped:"] * 3


# What cannot be read


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("hello", "type property not supplied"),
        ("[]", "type property not supplied"),
        ("{}", "type property not supplied"),
        ('{"type":"hello"}', "invalid type 'hello'"),
        ('{"type":"ack"}', "msgid property not supplied"),
        ('{"type":"command","data":{}}', "command property not supplied"),
        ('{"type":"command","command":"dtmf"}', "data property not supplied"),
        ('{"type":"command","command":"boostAudioSignal","data":0}', "data property not supplied"),
    ],
)
def test_unreadable_message(text, details):
    """A message that makes no sense is reported, with what was sent."""

    def application(app: App) -> None:
        app.begin(gather("speech"), HANGUP)
        hook = app.receive()
        app.ws.send(text)
        error = app.receive("jambonz:error")
        assert error["data"] == {"msg": "InvalidMessage", "details": details, "content": text}
        app.ack(hook)
        app.until_closed()

    call(application, "hello")


@pytest.mark.parametrize(
    "command",
    [
        {"command": "tts:flush"},
        {"command": "mute:status", "data": {"mute_status": "mute"}},
        {"command": "call:status", "data": {"call_status": "no-answer"}},
        {"command": "call:status", "data": "completed"},
    ],
)
def test_command_without_effect(command):
    """A command that does nothing here, or nothing in this state, is noted and otherwise passed over."""

    def application(app: App) -> None:
        app.begin(gather("speech"), HANGUP)
        hook = app.receive()
        app.ws.send(json.dumps({"type": "command", **command}))
        app.ack(hook)
        assert app.until_closed()[0] == 1000

    assert command["command"] in call(application, "hello").of("fault")[0]


def test_binary_message():
    """A binary frame with JSON is accepted like text."""

    def application(app: App) -> None:
        opening = app.receive("session:new")
        app.ws.send(json.dumps({"type": "ack", "msgid": opening["msgid"], "data": [say("Hi."), HANGUP]}).encode())
        app.until_closed()

    assert call(application).heard == ["Hi."]


def test_largest_message():
    """A message of 24,576 bytes is read."""

    def application(app: App) -> None:
        opening = app.receive("session:new")
        text = json.dumps({"type": "ack", "msgid": opening["msgid"], "data": [say("é"), HANGUP]}, ensure_ascii=False)
        app.ws.send(text.replace("é", "é" + "x" * (24_576 - len(text.encode()))))
        assert app.until_closed()[0] == 1000

    assert call(application).heard[0].startswith("éx")


# The end


def test_hung_up_by_application():
    """hangup ends an answered call."""

    def application(app: App) -> None:
        app.begin(say(), HANGUP, say("Never."))
        status = app.status("completed")["data"]
        assert (status["call_termination_by"], status["duration"]) == ("jambonz", 1)
        assert app.until_closed() == (1000, [])

    assert call(application).heard == ["One two three."]


def test_hung_up_by_command():
    """call:status completed ends an answered call at once."""

    def application(app: App) -> None:
        app.begin(say(), PAUSE)
        app.status("in-progress")
        app.command("call:status", {"call_status": "completed"})
        assert app.status("completed")["data"]["call_termination_by"] == "jambonz"
        assert app.until_closed() == (1000, [])

    call(application, speed=50)


def test_hangup_before_answer():
    """A hangup is skipped while the call is not answered; sip:decline behind it ends the call."""

    def application(app: App) -> None:
        app.begin(HANGUP, {"verb": "sip:decline", "status": 486, "reason": "Busy here"})
        status = app.status("failed")["data"]
        assert (status["sip_status"], status["sip_reason"]) == (486, "Busy here")
        assert "duration" not in status
        assert app.until_closed() == (1000, [])

    transcript = call(application)
    assert transcript.of("note") == ["hangup is skipped: the call is not answered; use sip:decline"]
    assert "SIP 486" in transcript.ending.reason
    assert transcript.ending.code == 1000


def test_decline_after_answer():
    """sip:decline is skipped once the call is answered."""

    def application(app: App) -> None:
        app.begin({"verb": "answer"}, {"verb": "sip:decline", "status": 603}, say("Still here."), HANGUP)
        app.until_closed()

    assert call(application).heard == ["Still here."]


def test_refused_by_command():
    """call:status no-answer refuses an unanswered call with SIP 503."""

    def application(app: App) -> None:
        app.begin({"verb": "config"})
        app.command("call:status", {"call_status": "no-answer"})
        assert app.status("failed")["data"]["sip_status"] == 503
        assert app.until_closed() == (1000, [])

    call(application, speed=50, patience=10)


def test_caller_hangs_up_at_a_gather():
    """The caller hangs up when it is its turn."""

    def application(app: App) -> None:
        app.begin(gather("speech"))
        app.ack(app.receive(), [gather("speech", hook="/never")])
        messages = app.until_closed()[1]
        assert [message["type"] for message in messages] == ["call:status"]
        assert messages[0]["data"]["call_termination_by"] == "caller"

    transcript = call(application, "hello", HangsUp(), Says("never said"))
    assert transcript.of("caller") == ["hello", "hangs up"]
    assert transcript.ending.code == 1000


def test_caller_hangs_up_at_a_time():
    """The caller hangs up at a time, whatever goes on then."""

    def application(app: App) -> None:
        app.begin(say("one " * 100), PAUSE)
        assert app.status("completed")["data"]["duration"] == 4
        assert app.until_closed() == (1000, [])

    assert call(application, HangsUp(at=4)).entries[-1].time == 4


def test_caller_gives_up_before_answer():
    """A caller that hangs up before the call is answered ends it as no-answer."""

    def application(app: App) -> None:
        app.begin(PAUSE)
        assert app.status("no-answer")["data"]["sip_status"] == 487
        assert app.until_closed() == (1000, [])

    call(application, HangsUp(at=1))


def test_caller_hangs_up_in_silence():
    """Once the verbs have run out, the caller's patience ends the call, or its script does."""

    def application(app: App) -> None:
        app.begin(say())
        assert app.status("completed")["data"]["call_termination_by"] == "caller"

    assert "heard nothing for 0.1 s" in call(application, patience=0.1).of("fault")[0]
    assert call(application, Silence(0.1), HangsUp(), patience=10).of("fault") == []


def test_silence_is_noted():
    """A silence that lasts is noted, once."""

    def application(app: App) -> None:
        app.begin(say())
        app.until_closed()

    silence = "silence: the verbs have run out, and the call stays up"
    transcript = call(application, Silence(1.5), HangsUp(), patience=10)
    assert transcript.of("note") == [silence]
    assert [entry.time for entry in transcript.entries if entry.what == silence] == [pytest.approx(2.2)]


def test_limit():
    """The caller hangs up at the limit of the simulation."""

    def application(app: App) -> None:
        app.begin(say(loop=0))
        app.until_closed()

    transcript = call(application, limit=5)
    assert transcript.of("caller") == ["hangs up"]
    assert transcript.entries[-1].time == 5


def test_application_closes_with_1000():
    """After a close with 1000 the verbs are played to their end, a hook is waited for in vain, and the call ends."""

    def application(app: App) -> None:
        app.begin(say("First."), gather("speech"), say("Last."))
        app.ws.close(1000)

    transcript = call(application, "hello", clock=late_clock())
    assert transcript.heard == ["First.", "Last."]
    assert transcript.ending.reason.startswith("the application has closed the connection")
    assert "/gathered was not answered in time" in transcript.of("fault")


def test_application_closes_idle_call():
    """A close with 1000 wakes nobody in an idle call: it stays up until the caller hangs up."""

    def application(app: App) -> None:
        app.begin({"verb": "config", "notifyEvents": True}, say(id="s"))
        while app.receive("verb:status")["data"] != {"event": "finished", "name": "say", "id": "s"}:
            pass
        app.ws.close(1000)

    transcript = call(application, speed=50, patience=0.5)
    assert transcript.of("caller") == ["hangs up"]


def test_run_twice():
    """A call may be placed again, and is another call with the same script."""
    opened = []

    def application(app: App) -> None:
        opened.append(app.begin(gather("speech"))["call_sid"])
        hook = app.receive()
        app.ack(hook, [say(words(hook)), HANGUP])
        app.until_closed()

    with serving(application) as url:
        simulated = SimulatedCall(url, [Says("hello")], speed=50)
        assert [simulated.run().heard for _ in range(2)] == [["hello"], ["hello"]]
    assert len(set(opened)) == 2
