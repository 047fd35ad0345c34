"""One method for each command: the exact message that comes of it, and what it says of itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import pytest
from typing_extensions import get_type_hints

from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.commands.registry import COMMANDS
from jambonz_sync.language_model import LanguageModelMethods
from jambonz_sync.session import Session

from .sending import Sender, message, messages, refused
from .shapes import LEGS, NONE, SHAPES, Shape

#: The methods that are for any command.
ANY = {"inject_command", "send_command"}

#: The methods that go by the model and its vendor, and so belong to what knows of these.
MODEL = {"send_tool_output", "update_llm"}

WITH_METHOD = [shape for shape in SHAPES if shape.method is not None]


def expected(shape: Shape, **top: str) -> dict[str, Any]:
    """The message."""
    envelope: dict[str, Any] = {"type": "command", "command": shape.command, **top}
    if shape.data is not NONE:
        envelope["data"] = shape.data
    return envelope


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; ``==`` would take ``1`` for ``True``."""
    return repr(sorted_keys(one)) == repr(sorted_keys(other))


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("shape", WITH_METHOD, ids=lambda shape: shape.command)
def test_message(shape: Shape) -> None:
    """Each method sends exactly what jambonz reads."""
    assert shape.method is not None
    assert equal(message(shape.method), expected(shape))


@pytest.mark.parametrize("shape", [s for s in WITH_METHOD if s.command in LEGS], ids=lambda shape: shape.command)
@pytest.mark.parametrize("spelling", ["call_sid", "callSid"])
def test_message_to_the_other_leg(shape: Shape, spelling: str) -> None:
    """Where the other leg may be meant, its sid stands beside the data."""
    method: Any = shape.method
    assert equal(message(lambda s: method(s, **{spelling: "leg-1"})), expected(shape, callSid="leg-1"))


@pytest.mark.parametrize("shape", [s for s in WITH_METHOD if s.command not in LEGS], ids=lambda shape: shape.command)
@pytest.mark.parametrize("spelling", ["call_sid", "callSid"])
def test_no_other_leg(shape: Shape, spelling: str) -> None:
    """Where jambonz would overlook the other leg, naming it is refused."""
    method: Any = shape.method
    text, path = refused(lambda s: method(s, **{spelling: "leg-1"}))
    name = COMMANDS[shape.command].method
    assert (text, path) == (f"{name} takes no call_sid: it is always about the call itself", f"{name}.call_sid")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.command)
def test_message_by_name(shape: Shape) -> None:
    """By its name on the wire a command is the same, in whatever form its data is given."""
    for given in shape.given:
        assert equal(message(lambda s, given=given: s.inject_command(shape.command, given)), expected(shape))
        assert equal(message(lambda s, given=given: s.send_command(shape.command, given)), expected(shape))


@pytest.mark.parametrize("shape", [s for s in SHAPES if s.command in LEGS], ids=lambda shape: shape.command)
def test_message_by_name_to_the_other_leg(shape: Shape) -> None:
    """The other leg is the third argument."""
    for given in shape.given:
        sent = message(lambda s, given=given: s.inject_command(shape.command, given, "leg-1"))
        assert equal(sent, expected(shape, callSid="leg-1"))


@pytest.mark.parametrize("shape", [s for s in SHAPES if s.command not in LEGS], ids=lambda shape: shape.command)
def test_no_other_leg_by_name(shape: Shape) -> None:
    """The third argument is refused where jambonz would overlook it."""
    for given in shape.given:
        text, path = refused(lambda s, given=given: s.inject_command(shape.command, given, "leg-1"))
        assert text.startswith(f"{shape.command} takes no call_sid")
        assert path == f"{shape.command}.call_sid"


def test_several_keys() -> None:
    """jambonz sends one key at a time, so each is a command of its own, in order."""
    assert messages(lambda s: s.inject_dtmf("1a#", duration=100, call_sid="leg-1")) == [
        {"type": "command", "command": "dtmf", "callSid": "leg-1", "data": {"dtmf": {"digit": key, "duration": 100}}}
        for key in "1A#"
    ]


def test_tag() -> None:
    """There is no such command: the verb goes behind what is queued."""
    assert message(lambda s: s.inject_tag({"some_key": {"a": None}})) == {
        "type": "command",
        "command": "redirect",
        "queueCommand": True,
        "data": [{"verb": "tag", "data": {"some_key": {"a": None}}}],
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.inject_redirect([{"verb": "say", "text": "Hi."}]),
        lambda s: s.inject_command("redirect", [{"say": {"text": "Hi."}}]),
        lambda s: s.send_command("redirect", ({"verb": "say", "text": "Hi."},)),
        lambda s: s.inject_command("redirect", {"parent_call": [{"verb": "say", "text": "Hi."}]}),
    ],
)
def test_redirect_with_verbs(call: Any) -> None:
    """Verbs replace what plays."""
    assert message(call) == {
        "type": "command",
        "command": "redirect",
        "queueCommand": False,
        "data": [{"verb": "say", "text": "Hi."}],
    }


# What the methods are


def public(cls: type[Any]) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("_")}


def test_every_command_has_its_method() -> None:
    """There is no command without a method, and no method without a command."""
    methods = {command.method for command in COMMANDS.values()}
    assert methods - MODEL - ANY | ANY | {"inject_tag"} == public(CommandMethods)
    assert methods & MODEL == MODEL <= public(LanguageModelMethods)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_method_takes_the_options(command: str) -> None:
    """A method is typed with what its command takes, and with the other leg only where that may be meant."""
    described = COMMANDS[command]
    if described.method in MODEL | ANY:
        return
    method = getattr(CommandMethods, described.method)
    parameters = inspect.signature(method).parameters
    assert get_type_hints(method)["options"].__args__[0] is described.options
    assert ("call_sid" in parameters) is described.leg
    first = list(parameters.values())[1]
    assert first.kind is first.POSITIONAL_ONLY
    assert described.options in get_type_hints(method)[first.name].__args__


@pytest.mark.parametrize("name", sorted(public(CommandMethods)))
def test_docstring(name: str) -> None:
    """A docstring begins with an example that works."""
    example = re.match(r"``(session\.(\w+)\(.*\))``\n", inspect.getdoc(getattr(CommandMethods, name)) or "")
    assert example, name
    assert example[2] == name
    sender = Sender()
    eval(example[1], {"session": sender, "leg": "leg-1"})
    assert sender.sent


@pytest.mark.parametrize("name", sorted({c.method for c in COMMANDS.values() if c.since} & public(CommandMethods)))
def test_docstring_of_what_is_newer(name: str) -> None:
    """It says which server it needs."""
    assert "Needs jambonz 10." in (inspect.getdoc(getattr(CommandMethods, name)) or "")


def test_a_session_has_them() -> None:
    """And none of them hides a verb, or anything else of a session."""
    others = {name for cls in Session.__mro__ if cls is not CommandMethods for name in public(cls)}
    assert public(CommandMethods) & others == set()
    assert issubclass(Session, CommandMethods)


def test_what_sends_nothing_is_no_session() -> None:
    """Sending is the session's own affair."""
    with pytest.raises(TypeError):
        CommandMethods()  # type: ignore[abstract]


def test_arguments_are_not_changed() -> None:
    """What is given stays the caller's."""
    given: Mapping[str, Any] = {"whisper": {"verb": "say", "text": "Hi."}}
    message(lambda s: s.inject_whisper(given))
    assert given == {"whisper": {"verb": "say", "text": "Hi."}}
