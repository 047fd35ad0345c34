"""What brings about what is asked for by a command: a command, or verbs."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.commands.plan import Plan, plan
from jambonz_sync.exceptions import InvalidCommand, InvalidVerb
from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.verb import Verb

SAY = Verb("say", {"text": "Hi."})


def planned(name: Any, data: Any = None, **more: Any) -> Plan:
    """The plan for a command by its name."""
    settings = {"call_sid": None, "start": None, "checked": True, "strict": True, "jambonz_version": None, **more}
    return plan(name, {}, data, **settings)


def refused(name: Any, data: Any = None, kind: type[Any] = InvalidCommand, **more: Any) -> tuple[str, str]:
    """The error, and the path in it."""
    with pytest.raises(kind) as caught:
        planned(name, data, **more)
    return str(caught.value), caught.value.path


# Commands


def test_a_command() -> None:
    """Most are commands."""
    assert planned("mute:status", "mute", call_sid="leg-1") == Plan(
        [Command("mute:status", {"mute_status": "mute"}, (), {"callSid": "leg-1"})], []
    )


def test_a_redirect_with_hooks() -> None:
    """So is a redirect that names whom to ask."""
    [command] = planned("redirect", {"child_call_hook": "/other"}).commands
    assert command.data == {"child_call_hook": "/other"}


@pytest.mark.parametrize("name", [None, 7, b"mute:status", ["mute:status"]])
@pytest.mark.parametrize("checked", [True, False])
def test_a_name_that_is_none(name: Any, checked: bool) -> None:
    """A command goes by a string."""
    text, path = refused(name, checked=checked)
    assert text.startswith("a command is named by a string, such as 'mute:status', not by ")
    assert path == ""


# Unchecked


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("newcommand", {"a_b": None}),
        ("mute:status", "silence"),
        ("tag", {"a": 1}),
        ("redirect", []),
        ("tts:flush", None),
    ],
)
def test_unchecked(name: str, data: Any) -> None:
    """Whatever it is, it goes as it stands."""
    assert planned(name, data, checked=False) == Plan([Command(name, data)], [])
    assert planned(name, data, checked=False, call_sid="leg-1").commands[0].top == {"callSid": "leg-1"}


def test_unchecked_and_an_older_server() -> None:
    """Its version makes no difference."""
    assert planned("room:say", {"text": "Hi."}, checked=False, jambonz_version="0.9").commands


# Verbs


@pytest.mark.parametrize(
    "data",
    [
        [{"verb": "say", "text": "Hi."}],
        ({"say": {"text": "Hi."}},),
        [SAY],
        {"parent_call": [{"verb": "say", "text": "Hi."}]},
        {"parent_call": ({"verb": "say", "text": "Hi."},)},
    ],
)
def test_a_redirect_with_verbs(data: Any) -> None:
    """Verbs go into the call's own list, which knows of them."""
    assert planned("redirect", data) == Plan([], [SAY])


@pytest.mark.parametrize("data", [[], (), {"parent_call": []}])
def test_a_redirect_with_nothing(data: Any) -> None:
    """An empty list would end an idle call."""
    assert refused("redirect", data) == (
        "redirect needs verbs: an empty list ends a call that is idle. To stop what plays, send a config",
        "redirect",
    )


def test_a_redirect_with_a_bad_verb() -> None:
    """A fault in a verb is one like everywhere."""
    assert refused("redirect", [{"verb": "say", "txt": "Hi."}], InvalidVerb)[1] == "[0].say.txt"
    assert refused("redirect", [{"verb": "newverb"}], InvalidVerb)[1] == "[0].newverb"
    assert planned("redirect", [{"verb": "newverb"}], strict=False).verbs == [Verb("newverb")]
    new = [{"verb": "transfer", "target": [{"type": "phone", "number": "1"}]}]
    assert "needs jambonz" in refused("redirect", new, InvalidVerb, jambonz_version="0.9")[0]


@pytest.mark.parametrize("data", [{"child_call": []}, {"child_call": [{"verb": "hangup"}], "parent_call": []}])
def test_a_redirect_of_the_other_leg(data: Any) -> None:
    """jambonz breaks on verbs for the other leg; it can ask for them."""
    assert refused("redirect", data) == (
        "redirect takes no verbs for the other leg: jambonz breaks on child_call. Name a child_call_hook, and answer "
        "that with the verbs",
        "redirect.child_call",
    )


@pytest.mark.parametrize(
    ("data", "text", "path"),
    [
        (
            {"parent_call": {"verb": "hangup"}},
            "redirect.parent_call must be a list of verbs",
            "redirect.parent_call",
        ),
        (
            {"parent_call": [{"verb": "hangup"}], "child_call_hook": "/other"},
            "redirect takes either verbs, as parent_call, or hooks to ask for them: jambonz overlooks the verbs beside "
            "a hook",
            "redirect.parent_call",
        ),
        (
            {"verb": "hangup"},
            "redirect takes a list of verbs, even of one: [{'verb': ...}]",
            "redirect.verb",
        ),
        (7, "redirect.call_hook must be a string, not 7", "redirect.call_hook"),
    ],
)
def test_a_redirect_that_is_neither(data: Any, text: str, path: str) -> None:
    """Verbs are a list, and hooks are names."""
    assert refused("redirect", data) == (text, path)


def test_a_tag() -> None:
    """There is no such command: the verb goes behind what is queued."""
    assert planned("tag", {"customer": 7}) == Plan([], [Verb("tag", {"data": {"customer": 7}})], queue=True)
    assert planned("tag", {"data": {"customer": 7}}) == planned("tag", {"customer": 7})
    assert refused("tag", None, InvalidVerb) == ("tag needs data", "tag.data")
    assert refused("tag", "gold", InvalidVerb) == ("tag.data must be a dict, not 'gold'", "tag.data")


@pytest.mark.parametrize(("name", "data"), [("tag", {"a": 1}), ("redirect", [{"verb": "hangup"}]), ("redirect", [])])
def test_verbs_are_for_the_call_itself(name: str, data: Any) -> None:
    """No other leg can be given verbs like that."""
    assert refused(name, data, call_sid="leg-1") == (
        f"{name} takes no call_sid: its verbs are for the call itself",
        f"{name}.call_sid",
    )
