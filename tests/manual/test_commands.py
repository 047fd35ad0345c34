"""The page of each command."""

from __future__ import annotations

import ast
import inspect

import pytest

from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.commands.registry import COMMANDS
from jambonz_sync.manual.commands import Leg, chapter, page_of
from jambonz_sync.session import Session

PAGES = chapter().pages


def test_every_command_has_a_page():
    """So has every method that sends any of them; all in the order of their names."""
    names = [page.topic.name for page in PAGES]
    assert names == sorted(set(names))
    assert {spelling for page in PAGES for spelling in page.names} >= COMMANDS.keys()
    methods = {name for name in vars(CommandMethods) if not name.startswith("_")}
    assert methods <= set(names)
    assert len(names) == len(COMMANDS) + len({"inject_command", "send_command", "inject_tag"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.topic.name)
def test_an_example_and_a_line(page):
    """Every page has an example that is Python and names its method, and says what it is for."""
    ast.parse(page.example)
    name = page.topic.name if hasattr(Session, page.topic.name) else "inject_command"
    assert f"session.{name}(" in page.example
    assert page.summary.endswith(".")
    assert page.summary.count(". ") == 0
    assert page.topic.doc.endswith(".")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_page_says_what_the_registry_knows(name):
    """Since when there is such a command, and whether it may be for the other leg."""
    command = COMMANDS[name]
    page = page_of(command)
    assert (f"jambonz {command.since} and newer" in page.remarks) is (command.since is not None)
    takes = {entry.name for entry in page.topic.entries if entry.owner is Leg}
    assert takes == ({"call_sid"} if command.leg else set())
    if command.method in vars(CommandMethods):
        assert page.topic.options is command.options
        assert page.topic.positional == command.positional


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.topic.name)
def test_a_leg_is_an_argument_where_it_is_told_of(page):
    """Methods take ``call_sid`` where their pages say so, and nowhere else."""
    if hasattr(CommandMethods, page.topic.name) and page.topic.entries:
        taken = "call_sid" in inspect.signature(getattr(CommandMethods, page.topic.name)).parameters
        assert taken is any(entry.name == "call_sid" for entry in page.topic.entries)


def test_remarks():
    """Its name in the docs of jambonz, and the servers that know it."""
    assert page_of(COMMANDS["mute:status"]).remarks == ("mute:status in the jambonz docs",)
    assert page_of(COMMANDS["room:say"]).remarks == ("room:say in the jambonz docs", "jambonz 10 and newer")
    assert page_of(COMMANDS["tts:flush"]).remarks == ()


def test_the_options_of_a_verb():
    """They are not told again where a command has those of the verb of its name."""
    assert page_of(COMMANDS["config"]).options_of == "config"
    assert page_of(COMMANDS["config"]).entries == ()
    assert page_of(COMMANDS["dub"]).options_of == "dub"
    assert [entry.name for entry in page_of(COMMANDS["dub"]).entries] == ["call_sid"]
    # The command of that name is another thing than the verb.
    assert page_of(COMMANDS["dial"]).options_of is None


def test_a_command_without_a_method():
    """It goes by its own name, and the example shows how it is sent."""
    page = page_of(COMMANDS["tts:tokens"])
    assert (page.topic.name, page.wire) == ("tts:tokens", None)
    assert page.example == 'session.inject_command("tts:tokens", {"id": ..., "tokens": ...})'
    assert page_of(COMMANDS["tts:flush"]).example == 'session.inject_command("tts:flush")'


@pytest.mark.parametrize("name", ["llm:update", "llm:tool-output"])
def test_a_method_with_arguments_of_its_own(name):
    """Its docstring tells of them, and the options of the command are not those of the method."""
    page = page_of(COMMANDS[name])
    assert page.topic.entries == ()
    assert page.wire == name
    for argument in inspect.signature(getattr(Session, page.topic.name)).parameters:
        assert argument == "self" or f"`{argument}`:" in page.topic.doc
