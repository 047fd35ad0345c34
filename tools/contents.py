"""What pages there are, in the order of reading, and the lists of them: in each folder, and in ``llms.txt``."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from jambonz_sync.manual.docstrings import first_sentence

from .markdown import row, table

__all__ = ["FOLDERS", "ROOT", "Folder", "Listed", "examples", "folder_page", "llms_page", "pages_of", "title_of"]

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Folder(NamedTuple):
    """A folder of pages. ``order``: what comes first, by the names of files; the rest follows by name."""

    name: str
    title: str
    text: str
    order: Sequence[str] = ()


class Listed(NamedTuple):
    """A page or an example in a list: its path from the root of the project, its title, and a sentence."""

    path: str
    title: str
    summary: str


FOLDERS = (
    Folder("tutorial", "Tutorial", "From the first call to a tested voicemail, in short lessons to be read in order."),
    Folder(
        "guides",
        "Guides",
        "How to do one thing. Each page begins with the whole snippet that does it.",
        (
            *("questions-and-menus", "transfers", "queues", "conferences", "recording", "audio"),
            *("language-models", "outbound-calls", "application-variables", "testing"),
            *("web-applications", "flask", "security", "deploying", "sizing", "operating"),
            *("debugging-a-stuck-call", "errors"),
        ),
    ),
    Folder(
        "explanation",
        "Explanation",
        "Why it is as it is, and what happens inside.",
        ("why-blocking", "threads", "acks", "dropped-sockets", "how-it-works"),
    ),
    Folder(
        "reference",
        "Reference",
        "Every public name, verb, option, command, event, error, log line and limit.",
        (
            *("endpoint", "session", "verbs", "commands", "event", "events", "talk", "language-models", "audio"),
            *("application-variables", "exceptions", "log-lines", "limits", "testing", "simulator", "web-servers"),
            "command-line",
        ),
    ),
)

#: What no first sentence says by itself.
_SUMMARIES = {
    "docs/tutorial/1-first-call.md": "Install it, answer a call, and be the caller yourself.",
    "docs/tutorial/2-ask-and-answer.md": "Ask the caller something: with a hook, then in one line.",
    "docs/tutorial/3-menu-and-transfer.md": "Let the caller choose, and call a person.",
    "docs/tutorial/4-testing.md": "Callers who answer, are silent, and hang up, in virtual time.",
    "docs/tutorial/5-recording.md": "Take a message, and keep what was said.",
    "docs/tutorial/6-going-live.md": "What the operator sets, and how jambonz finds the application.",
    "docs/guides/operating.md": "Calls, numbers, recordings and log lines: what an operator sees of a running server.",
    "docs/reference/session.md": "One call: sending, waiting, and the facts of it.",
    "docs/reference/verbs.md": "Every verb with its options.",
    "docs/reference/commands.md": "What is sent at once, beside the verbs.",
    "docs/reference/events.md": "What each message and each hook carries.",
    "docs/reference/event.md": "What `wait_for` and `run` return, as objects.",
    "docs/reference/command-line.md": "`jambonz-sync`: call, demo, new, run, verbs, and all their options.",
    "docs/explanation/how-it-works.md": "The rooms of the library, and what each of them does.",
}

_HEAD = """\
# jambonz_sync

> Phone applications for jambonz in plain, blocking Python: a call is a function on a thread of its own, which waits
> where the caller would wait. Verbs are methods of the session (`session.say`, `session.gather`), `send()`, `reply()`
> and `run()` let them go, `session.wait_for("/hook")` returns the next event, and hang-up is the exception `CallEnded`.

Install with `pip install jambonz-sync`. Options are keywords in snake case; the camel case of the jambonz docs is taken
too. Try an application without a phone by `jambonz-sync call app.py`, test it with the pytest fixture `jambonz`.
"""


def pages_of(folder: Folder) -> list[Listed]:
    """Return the pages of a folder in their order, but for its own list."""
    names = {path.stem: path for path in (ROOT / "docs" / folder.name).glob("*.md") if path.stem != "index"}
    first = [name for name in folder.order if name in names]
    return [_listed(names[name]) for name in (*first, *sorted(names.keys() - {*first}))]


def _listed(path: pathlib.Path) -> Listed:
    name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    return Listed(name, title_of(text), _SUMMARIES.get(name) or _summary(text))


def title_of(text: str) -> str:
    """Return the heading of a page."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    assert found is not None, text[:80]
    return found[1].replace("`", "")


def _summary(text: str) -> str:
    """Return the first sentence of a page that is one."""
    for part in re.split(r"\n\n+", re.sub(r"```.*?```", "", text, flags=re.DOTALL).strip()):
        if part[:1] not in "#|`<!*>-" and not part.startswith("Made from"):
            plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(part.split()))
            return re.sub(r":$", ".", first_sentence(plain).removesuffix(".")).rstrip(".") + "."
    return ""


def examples() -> list[Listed]:
    """Return the examples, by name."""
    found = []
    for path in sorted((ROOT / "examples").glob("*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        sentence = first_sentence(" ".join(doc.split("\n\n")[0].split())).replace("``", "`")
        found.append(Listed(f"examples/{path.name}", path.name, sentence))
    return found


def folder_page(folder: Folder) -> Callable[[], Iterator[str]]:
    """Return what yields the lines of the list of a folder."""

    def lines() -> Iterator[str]:
        pages = pages_of(folder)
        names = [pathlib.PurePath(page.path).name for page in pages]
        yield from (f"# {folder.title}", "", folder.text, "")
        links = (row(f"[{page.title}]({name})", page.summary) for page, name in zip(pages, names, strict=True))
        yield from table("| | |", links)
        yield from ("```{toctree}", ":hidden:", "", *(name.removesuffix(".md") for name in names), "```", "")

    return lines


def llms_page() -> Iterator[str]:
    """Yield the lines of ``llms.txt``: what there is to read, for a language model."""
    yield _HEAD
    parts: Mapping[str, Sequence[Listed]] = {
        "Start": [_listed(ROOT / "README.md")._replace(summary="What it is, how to begin.")],
        **{folder.title: pages_of(folder) for folder in FOLDERS},
        "Examples": examples(),
        "Optional": [_listed(path) for path in sorted((ROOT / "docs").glob("*.md")) if path.stem != "index"]
        + [Listed("CONTRIBUTING.md", "Contributing", "How the library is worked on, and a map of its code.")],
    }
    for title, pages in parts.items():
        if pages:
            yield from (f"## {title}", "", *(f"- [{page.title}]({page.path}): {page.summary}" for page in pages), "")
