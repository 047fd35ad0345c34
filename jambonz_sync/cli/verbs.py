"""``jambonz-sync verbs``: the verbs and commands, their options and what hooks carry, on the terminal."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .command import Command, fail

if TYPE_CHECKING:
    from ..manual.carried import Carried
    from ..manual.pages import Chapter, Page
    from ..manual.topics import Entry

__all__ = ["COMMAND"]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a verb, command or message, or the way to an option, with dots; a list of all if left out",
    )


def _run(arguments: argparse.Namespace) -> int:
    from ..manual import chapters, look_up
    from ..manual.topics import follow

    print_out = _Printer()
    try:
        if arguments.name is None:
            lines = print_out.overview(chapters())
        else:
            page, names = look_up(arguments.name)
            lines = print_out.option(follow(page.topic, names)) if names else print_out.page(page)
    except LookupError as error:
        return fail(str(error))
    print("\n".join(lines))
    return 0


class _Printer:
    """Lays out what the reference knows, for the terminal that stdout is."""

    def __init__(self) -> None:
        # A line that is longer than this is hard to read, however wide the window is.
        self._width = min(shutil.get_terminal_size().columns, 100)
        on = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._bold = "\x1b[1m{}\x1b[0m" if on else "{}"

    def overview(self, chapters: Sequence[Chapter]) -> Iterator[str]:
        """Yield the lines of the list of all pages."""
        for chapter in chapters:
            yield from self._wrapped(f"{chapter.title}. {chapter.lead}".strip())
            yield ""
            column = 4 + max(len(page.topic.name) for page in chapter.pages)
            for page in chapter.pages:
                yield from self._row(page, column)
            yield ""
        yield "More about one:           jambonz-sync verbs gather"
        yield "About what it takes:      jambonz-sync verbs gather.recognizer"
        yield "About what a hook tells:  jambonz-sync verbs gather.action_hook"

    def _row(self, page: Page, column: int) -> Iterator[str]:
        first, *more = self._wrapped(page.line, column)
        yield f"  {self._bold.format(page.topic.name)}{first[2 + len(page.topic.name) :]}"
        yield from more

    def page(self, page: Page) -> Iterator[str]:
        """Yield the lines of one verb, command or message."""
        from ..manual.docstrings import laid_out

        remarks = f" ({'; '.join(page.remarks)})" if page.remarks else ""
        yield from self._named(page.topic.name, remarks)
        if page.example:
            yield ""
            yield textwrap.indent(laid_out(page.example, self._width - 4), "    ")
        yield ""
        # Of a message alone, what it carries says it.
        if page.example:
            yield from self._paragraphs(page.topic.doc)
        if page.options_of is not None:
            yield ""
            yield f"It takes the options of {page.options_of}: jambonz-sync verbs {page.options_of}"
        yield from self._options(page.entries)
        if page.carries is not None:
            if page.example:
                yield ""
                yield f"jambonz sends {page.wire} too, as a message:"
                yield ""
            yield from self._carried(page.carries)

    def option(self, entry: Entry) -> Iterator[str]:
        """Yield the lines of one option, with the object that it takes, and what the hook that it names carries."""
        from ..manual.carried import carried_by

        yield from self._entry(entry, entry.path, "")
        if entry.inside is not None:
            yield ""
            yield from self._wrapped(entry.inside.doc)
            yield from self._options(entry.inside.entries)
        carried = carried_by(entry.owner, entry.name)
        if carried is not None:
            yield ""
            yield f"What {entry.name} carries, as attributes of the event:"
            yield ""
            yield from self._carried(carried)

    def _options(self, entries: Sequence[Entry]) -> Iterator[str]:
        from ..manual.carried import carried_by

        if entries:
            yield ""
        for entry in entries:
            yield from self._entry(entry, entry.name, "  ")
        telling = [entry for entry in entries if carried_by(entry.owner, entry.name) is not None]
        inside = [entry for entry in entries if entry.inside is not None and entry not in telling]
        if telling or inside:
            yield ""
        if telling:
            told = min(telling, key=lambda entry: entry.name != "action_hook")
            yield f"What its {told.name} carries: jambonz-sync verbs {told.path}"
        if inside:
            yield f"To see what is in a dict: jambonz-sync verbs {inside[0].path}"

    def _entry(self, entry: Entry, name: str, indent: str) -> Iterator[str]:
        facts = ", ".join(filter(None, (entry.type, entry.needed)))
        if entry.inside is not None and indent:
            facts += f" (see {entry.path})"
        yield from self._named(name, f": {facts}", len(indent))
        for sentence in (entry.doc, *entry.remarks):
            yield from self._wrapped(sentence, len(indent) + 4)

    def _carried(self, carried: Carried) -> Iterator[str]:
        from ..manual.carried import attributes_of

        for index, group in enumerate(carried.groups):
            if index:
                yield ""
            yield from self._paragraphs(group.doc)
            yield ""
            for attribute in group.attributes:
                inside = attributes_of(attribute.inside) if attribute.inside is not None else ()
                keys = f" ({', '.join(key.name for key in inside)})" if inside else ""
                yield from self._named(attribute.name, f": {attribute.type}{keys}", 2)
                yield from self._wrapped(attribute.doc, 6)
        if carried.call:
            if carried.groups:
                yield ""
            yield "The facts of the call come with it: jambonz-sync verbs call:status"

    def _paragraphs(self, text: str) -> Iterator[str]:
        for index, paragraph in enumerate(text.split("\n\n")):
            if index:
                yield ""
            yield from self._wrapped(paragraph)

    def _named(self, name: str, rest: str, indent: int = 0) -> Iterator[str]:
        first, *more = self._wrapped(f"{name}{rest}", indent, 6)
        yield first.replace(name, self._bold.format(name), 1)
        yield from more

    def _wrapped(self, text: str, indent: int = 0, hanging: int = 0) -> list[str]:
        return textwrap.wrap(
            text,
            max(self._width, indent + 40),
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_long_words=False,
            break_on_hyphens=False,
        )


COMMAND = Command(
    name="verbs",
    summary="print what can be done in a call: every verb and command, its options, and what hooks carry",
    description=(
        "Prints every verb, command and message with a line on each; with NAME all about one: an example, and its\n"
        "options with type, meaning and the servers that know them. A name with dots leads to what is inside an\n"
        "option, and to what a hook carries. Names may be spelled as in Python or as in the docs of jambonz:\n"
        "sip_decline or sip:decline, action_hook or actionHook."
    ),
    examples=(
        "  jambonz-sync verbs\n"
        "  jambonz-sync verbs gather\n"
        "  jambonz-sync verbs gather.action_hook\n"
        "  jambonz-sync verbs gather.recognizer.google_options\n"
        "  jambonz-sync verbs sip:decline\n"
        "  jambonz-sync verbs mute:status"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
