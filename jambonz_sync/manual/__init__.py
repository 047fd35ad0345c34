"""The reference: every verb, every command, and what messages and hooks carry, told from their descriptions.

``jambonz-sync verbs`` prints it in a terminal, ``tools/write_reference.py`` as pages in ``docs/reference``.
"""

from __future__ import annotations

import dataclasses

from ..commands.registry import NOT_COMMANDS
from ..verbs.registry import NOT_FOR_APPLICATIONS
from ..verbs.spelling import did_you_mean
from . import commands, messages, verbs
from .pages import Chapter, Page
from .topics import parts_of

__all__ = ["chapters", "look_up"]


def chapters() -> list[Chapter]:
    """Return all pages."""
    return [*verbs.chapters(), commands.chapter(), messages.chapter()]


def look_up(path: str) -> tuple[Page, list[str]]:
    """Return the page that a path such as ``gather.recognizer.hints`` begins with, and the names that follow.

    A verb or command may be spelled either way. Raises :exc:`LookupError` with a sentence if there is none of that
    name.
    """
    name, *names = parts_of(path)
    pages = [page for chapter in chapters() for page in chapter.pages]
    found = [page for page in pages if name in page.names]
    if found:
        # What jambonz tells may have the name of what it is told.
        carries = next((page.carries for page in found if page.carries is not None), None)
        return dataclasses.replace(found[0], carries=carries), names
    if name in NOT_FOR_APPLICATIONS:
        raise LookupError(f"{name} is no verb for applications: {NOT_FOR_APPLICATIONS[name]}")
    if name in NOT_COMMANDS:
        raise LookupError(f"there is no command {name!r}; {NOT_COMMANDS[name]}")
    near = did_you_mean(name, ((page.topic.name, spelling) for page in pages for spelling in page.names))
    hint = f"did you mean {near}?" if near else "see jambonz-sync verbs"
    raise LookupError(f"there is no verb, command or message {name!r}; {hint}")
