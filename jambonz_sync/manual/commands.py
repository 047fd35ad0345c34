"""The page of each command."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated

from typing_extensions import TypedDict

from ..commands.methods import CommandMethods
from ..commands.registry import COMMANDS, CommandType
from ..session import Session
from ..verbs.markers import Doc, SameOnWire
from ..verbs.registry import VERBS
from .docstrings import documented, first_sentence, paragraphs
from .pages import Chapter, Page
from .topics import Topic, newer_than

__all__ = ["Leg", "chapter", "page_of"]


class Leg(TypedDict, total=False):
    """What the method of a command takes beside its options, if the command may be for either party."""

    call_sid: Annotated[
        str,
        SameOnWire,
        Doc("Sid of the other leg, that of the party `dial` has connected; the call's own if left out."),
    ]


class _Nothing(TypedDict, total=False):
    """No options."""


def page_of(command: CommandType) -> Page:
    """Return the page of a command, under the name of its method, or its own if it has none."""
    name = command.method
    if name not in vars(CommandMethods):
        return _page_of_method(name, command)
    example, text = documented(getattr(CommandMethods, name))
    if name == CommandMethods.inject_command.__name__:
        name, example, text = command.name, _example(command), paragraphs(command.doc)
    verb = VERBS.get(command.name)
    same = verb is not None and verb.options is command.options
    return Page(
        Topic(name, text, command.options, Leg if command.leg else None, positional=command.positional),
        example,
        first_sentence(text if same else command.doc),
        command.name if command.name != name else None,
        tuple(_remarks(command, name)),
        options_of=command.name if same else None,
    )


def _page_of_method(name: str, command: CommandType | None = None) -> Page:
    """Return the page of a method whose arguments are no options: its docstring has it all."""
    example, text = documented(getattr(Session, name))
    page = Page(Topic(name, text, _Nothing), example, first_sentence(text))
    if command is None:
        return page
    return dataclasses.replace(page, wire=command.name, remarks=tuple(_remarks(command, name)))


def _example(command: CommandType) -> str:
    options = ", ".join(f'"{option.wire}": ...' for option in command.fields)
    return f'session.inject_command("{command.name}"{f", {{{options}}}" if options else ""})'


def _remarks(command: CommandType, name: str) -> Iterator[str]:
    if command.name != name:
        yield f"{command.name} in the jambonz docs"
    if command.since is not None:
        yield newer_than(command.since)


def chapter() -> Chapter:
    """Return the pages of all commands, in the order of their names."""
    pages = [page_of(command) for command in COMMANDS.values()]
    # Those that serve any command, or send a verb in the manner of one.
    others = {name for name in vars(CommandMethods) if not name.startswith("_")} - {page.topic.name for page in pages}
    pages += [_page_of_method(name) for name in others]
    return Chapter(
        "Commands",
        "Sent at once, beside the verbs.",
        sorted(pages, key=lambda page: page.topic.name),
    )
