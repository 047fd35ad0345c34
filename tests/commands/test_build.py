"""Building commands: what is taken, what is refused, and how the refusal reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync.commands import build_commands
from jambonz_sync.commands.build import unchecked_command
from jambonz_sync.exceptions import InvalidCommand
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind, HookUse


def refused(name: str, options: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
    """The error, and the path in it, that a command leads to."""
    with pytest.raises(InvalidCommand) as caught:
        build_commands(name, options, **more)
    return str(caught.value), caught.value.path


# What is taken


def test_a_command_comes_out_as_the_wire_has_it() -> None:
    """In the wire's spelling, with the hooks it names and what stands beside its data."""
    commands = build_commands("dub", {"action": "addTrack", "track": "a"}, call_sid="leg-1")
    assert commands == [Command("dub", {"action": "addTrack", "track": "a"}, (), {"callSid": "leg-1"})]


def test_several_commands() -> None:
    """Where jambonz takes one thing at a time."""
    assert [command.data for command in build_commands("dtmf", positional="12")] == [
        {"dtmf": {"digit": "1"}},
        {"dtmf": {"digit": "2"}},
    ]


def test_either_spelling() -> None:
    """An option goes by its Python name and by that of the wire, by name and in a dict."""
    wire = {"action": "stopCallRecording", "recordingID": "x"}
    for given in (wire, {"action": "stopCallRecording", "recording_id": "x"}):
        assert build_commands("record", given)[0].data == wire
        assert build_commands("record", positional=given)[0].data == wire


def test_none_is_not_given() -> None:
    """An option that is ``None`` is left out; jambonz would refuse it."""
    options = {"duration": None, "digit": "1"}
    assert build_commands("dtmf", options)[0].data == {"dtmf": {"digit": "1"}}
    assert build_commands("dtmf", {"duration": None}, positional="1")[0].data == {"dtmf": {"digit": "1"}}
    assert build_commands("mute:status", {"call_sid": None}, positional="mute")[0].top == {}


@pytest.mark.parametrize("given", [{"sip_request": {"method": "INFO"}}, {"method": "INFO"}])
def test_shape_of_the_message(given: dict[str, Any]) -> None:
    """The options may stand inside the object in which the message has them, by name too."""
    assert build_commands("sip:request", given)[0].data == {"sip_request": {"method": "INFO"}}
    assert build_commands("sip:request", positional=given)[0].data == {"sip_request": {"method": "INFO"}}


def test_a_dict_together_with_names() -> None:
    """As long as nothing is given twice."""
    [command] = build_commands("dtmf", {"duration": 100}, positional={"dtmf": {"digit": "1"}})
    assert command.data == {"dtmf": {"digit": "1", "duration": 100}}


def test_hooks_are_known() -> None:
    """The call has to know what a hook is for that only a command has named."""
    [command] = build_commands("config", {"barge_in": {"enable": True, "action_hook": "/barge"}})
    assert command.hooks == (HookUse("/barge", HookKind.BARGE_IN),)
    [command] = build_commands("redirect", {"call_hook": "/menu", "child_call_hook": "/other"})
    assert command.hooks == (HookUse("/menu", HookKind.SESSION), HookUse("/other", HookKind.LEG_SESSION))
    for name, key in (("conf:hold-status", "conf_hold_status"), ("conf:participant-action", "action")):
        [command] = build_commands(name, {key: "hold", "wait_hook": "/music"})
        assert command.hooks == (HookUse("/music", HookKind.WAIT),)


def test_hooks_of_another_call_are_none_of_this() -> None:
    """What an outbound call asks is asked on a socket of its own."""
    target = {"type": "phone", "number": "1", "confirm_hook": "/confirm"}
    [command] = build_commands("dial", {"from": "1", "to": target, "call_hook": "/new", "amd": {"action_hook": "/amd"}})
    assert command.hooks == ()


def test_later_changes_do_not_reach_a_built_command() -> None:
    """Everything is copied."""
    tag = {"list": [1]}
    options = {"from": "1", "to": {"type": "phone", "number": "1"}, "call_hook": "/new", "tag": tag}
    [command] = build_commands("dial", options)
    tag["list"].append(2)
    assert command.data["tag"] == {"list": [1]}


def test_the_other_leg_among_the_options() -> None:
    """As pasted JSON has it."""
    for sid in ("call_sid", "callSid"):
        [command] = build_commands("mute:status", positional={"mute_status": "mute", sid: "leg-1"})
        assert command == Command("mute:status", {"mute_status": "mute"}, (), {"callSid": "leg-1"})


# What is refused


@pytest.mark.parametrize(
    ("name", "positional", "text", "path"),
    [
        ("mute:status", None, "mute:status needs mute_status", "mute:status.mute_status"),
        ("config", "x", "config takes a dict of options as its argument, not 'x'", "config"),
        ("tts:flush", "x", "tts:flush takes a dict of options as its argument, not 'x'", "tts:flush"),
        ("tts:flush", {"a": 1}, "tts:flush takes no options, so none called 'a'", "tts:flush.a"),
        (
            "call:status",
            {"callStatus": "completed"},
            "call:status has no option 'callStatus'; did you mean call_status?",
            "call:status.callStatus",
        ),
        (
            "config",
            {"verb": "config"},
            "config takes no 'verb': what stands here is known by the option's name",
            "config.verb",
        ),
        (
            "listen:status",
            {"stream_status": "pause"},
            "listen:status has no option 'stream_status'; did you mean listen_status?",
            "listen:status.stream_status",
        ),
    ],
)
def test_an_error_says_where_and_what(name: str, positional: Any, text: str, path: str) -> None:
    """With the path as the caller spelled it."""
    assert refused(name, positional=positional) == (text, path)


def test_an_error_begins_with_what_was_called() -> None:
    """The method, where there is one."""
    assert refused("mute:status", start="inject_mute") == ("inject_mute needs mute_status", "inject_mute.mute_status")


def test_nothing_is_given_twice() -> None:
    """Neither in one spelling nor in two."""
    assert refused("mute:status", {"mute_status": "mute"}, positional="mute") == (
        "mute:status got mute_status twice: as the first argument and by name",
        "mute:status.mute_status",
    )
    assert refused("record", {"recording_id": "a"}, positional={"recordingID": "b"}) == (
        "record got recording_id twice: in the dict and by name",
        "record.recording_id",
    )


def test_the_other_leg_is_named_once() -> None:
    """By a sid."""
    assert refused("mute:status", {"callSid": "a"}, positional="mute", call_sid="a") == (
        "mute:status got call_sid twice",
        "mute:status.call_sid",
    )
    for sid, shown in (("", "''"), (7, "7"), ({"a": 1}, "a dict")):
        assert refused("mute:status", positional="mute", call_sid=sid) == (
            f"mute:status needs the sid of a leg as call_sid, not {shown}",
            "mute:status.call_sid",
        )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("whispr", "jambonz knows no command 'whispr'; did you mean whisper?"),
        ("mute_status", "jambonz knows no command 'mute_status'; did you mean mute:status?"),
        ("inject_mute", "jambonz knows no command 'inject_mute'; did you mean mute:status?"),
        ("update_llm", "jambonz knows no command 'update_llm'; did you mean llm:update?"),
        (
            "mute",
            "jambonz knows no command 'mute'; it is called mute:status, as session.inject_mute(\"mute\") sends it",
        ),
        (
            "hangup",
            "jambonz knows no command 'hangup'; queue the verb: session.hangup().send(), or end the call at once: "
            'inject_call_status("completed")',
        ),
        (
            "play",
            "jambonz knows no command 'play'; queue the verb: session.play(...).send(), or let one party hear it: "
            "session.inject_whisper(...)",
        ),
        (
            "say",
            "jambonz knows no command 'say'; queue the verb: session.say(...).send(), or let one party hear it: "
            "session.inject_whisper(...)",
        ),
        ("gather", "jambonz knows no command 'gather'; it is a verb, to be queued: session.gather(...).send()"),
        (
            "sip:decline",
            "jambonz knows no command 'sip:decline'; it is a verb, to be queued: session.sip_decline(...).send()",
        ),
        ("abracadabra", "jambonz knows no command 'abracadabra'; checked=False sends it all the same"),
    ],
)
def test_an_unknown_command_is_refused(name: str, text: str) -> None:
    """With what was probably meant, or the way around."""
    assert refused(name) == (text, name)


def test_answers_to_tool_calls_have_a_method_of_their_own() -> None:
    """The message needs more than its data, and a model that gets no answer waits for ever."""
    for strict in (True, False):
        assert refused("llm:tool-output", positional={"result": 1}, strict=strict) == (
            "llm:tool-output needs the tool call that it answers: session.send_tool_output(evt, output) sends it",
            "llm:tool-output",
        )


@pytest.mark.parametrize("name", ["agent:update", "noiseIsolation:status", "room:play", "room:say", "stt:reconfigure"])
def test_an_older_server_is_protected(name: str) -> None:
    """A command is refused that came after the server, and only where its version is known."""
    for strict in (True, False):
        assert refused(name, jambonz_version="0.9", start="inject_it", strict=strict) == (
            "inject_it needs jambonz 10 or newer, not 0.9",
            "inject_it",
        )
    for version in ("10", "v10.2", None):
        assert "needs jambonz" not in refused(name, jambonz_version=version)[0]


def test_an_older_server_is_protected_inside() -> None:
    """So is one that would not know an option."""
    hook = {"url": "/new", "basic_auth": {"username": "a", "password": "b"}}
    options = {"from": "1", "to": {"type": "phone", "number": "1"}, "call_hook": hook}
    assert build_commands("dial", options, jambonz_version="10")
    assert refused("dial", options, jambonz_version="0.9") == (
        "dial.call_hook.basic_auth needs jambonz 10 or newer, and jambonz_version says that this one is older",
        "dial.call_hook.basic_auth",
    )


def test_a_value_that_contains_itself_is_refused() -> None:
    """Instead of a RecursionError."""
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    text = "holds a value that is nested too deeply, or contains itself"
    assert refused("llm:update", positional=loop) == (f"llm:update {text}", "llm:update")
    with pytest.raises(InvalidCommand, match=f"newcommand {text}"):
        unchecked_command("newcommand", loop)


# Where unknown things may pass


def test_unknown_options_pass_where_that_is_allowed() -> None:
    """As they stand; what is known is checked all the same."""
    [command] = build_commands("mute:status", {"fade_out": {"in_ms": 1}}, positional="mute", strict=False)
    assert command.data == {"mute_status": "mute", "fade_out": {"in_ms": 1}}
    assert refused("mute:status", positional="silence", strict=False)[1] == "mute:status.mute_status"
    assert refused("record", positional="stopCallRecording", call_sid="leg-1", strict=False)[1] == "record.call_sid"


def test_unknown_commands_pass_where_that_is_allowed() -> None:
    """As they stand, in a copy."""
    data = {"some_key": [None]}
    [command] = build_commands("newcommand", positional=data, call_sid="leg-1", strict=False)
    data["some_key"].append(None)
    assert command == Command("newcommand", {"some_key": [None]}, (), {"callSid": "leg-1"})
    assert build_commands("newcommand", {"a": 1}, strict=False)[0].data == {"a": 1}
    assert build_commands("newcommand", positional=0, strict=False)[0].data == 0


def test_unchecked_command() -> None:
    """It goes as it stands, with what stands beside the data if that is given."""
    assert unchecked_command("newcommand") == Command("newcommand")
    command = unchecked_command("newcommand", "text", callSid=None, tool_call_id="t1")
    assert command == Command("newcommand", "text", (), {"tool_call_id": "t1"})


@pytest.mark.parametrize(
    ("data", "text", "path"),
    [
        ({1, 2}, "newcommand must be something JSON can carry, not a value of type set", "newcommand"),
        (
            {"a": [b"x"]},
            "newcommand.a[0] must be something JSON can carry, not a value of type bytes",
            "newcommand.a[0]",
        ),
        ({1: "a"}, "newcommand has the key 1, but keys must be strings", "newcommand"),
        ([float("nan")], "newcommand[0] must be a finite number, not nan", "newcommand[0]"),
        ("\ud83d", "newcommand holds half a surrogate pair, which no message can carry", "newcommand"),
    ],
)
def test_what_no_message_can_carry(data: Any, text: str, path: str) -> None:
    """Is refused even unchecked."""
    with pytest.raises(InvalidCommand) as caught:
        unchecked_command("newcommand", data)
    assert (str(caught.value), caught.value.path) == (text, path)


# Warnings


def test_what_has_no_effect_is_warned_of_once(warned: Callable[[], list[str]]) -> None:
    """Under the name of the method, and only if the command is valid."""
    twice = {"verb": "say", "text": "Hi.", "loop": 2}
    with pytest.raises(InvalidCommand):
        build_commands("whisper", positional=[twice, {"verb": "hangup"}])
    assert warned() == []
    for _ in range(2):
        build_commands("whisper", positional=twice)
    assert warned() == ["inject_whisper.loop is overlooked in a whisper, where each verb is heard once"]
