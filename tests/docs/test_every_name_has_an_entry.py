"""Whatever an application may use has its entry in the reference."""

from __future__ import annotations

import builtins
import importlib
import inspect
import pathlib
import re

import pytest

from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.manual import chapters
from jambonz_sync.simulator import RealClock
from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.methods import VerbMethods
from jambonz_sync.verbs.registry import VERBS
from tests.docs.markdown import ROOT, name_of
from tools.names_page import address_of, sections_of
from tools.public_names import INSIDE, MODULES, signature_of
from tools.restructured import ROLE, markdown
from tools.subjects import ADVICE, SUBJECTS

REFERENCE = ROOT / "docs" / "reference"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}

CLASSES = [
    getattr(importlib.import_module(module), name)
    for module in MODULES
    for name in importlib.import_module(module).__all__
    if inspect.isclass(getattr(importlib.import_module(module), name))
]

#: Verbs and commands; what messages carry has no options.
OPTIONED = [page for chapter in chapters() for page in chapter.pages if page.carries is None]

#: What is said with another class, or with the verb that makes it.
SAID_ELSEWHERE = {RealClock: {"start", "now", "application_moves", "wait"}}


def section(page: str, heading: str) -> str:
    """What stands below a heading of the second level, with that of the third."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGES[page], re.MULTILINE | re.DOTALL)
    return found


def of_the_package(cls: type) -> set[str]:
    """The public members of a class that are of the library, not of Python, and not of what messages carry."""
    bases = [base for base in cls.__mro__ if base.__module__.startswith("jambonz_sync")]
    bases = [base for base in bases if not base.__module__.startswith("jambonz_sync.protocol.facts")]
    found = {name for base in bases for name in (*vars(base), *vars(base).get("__annotations__", {}))}
    inside = {name for base, names in INSIDE.items() if issubclass(cls, base) for name in names}
    return {name for name in found if not name.startswith("_")} - inside


@pytest.mark.parametrize("module", MODULES)
def test_names(module):
    """Every name that a public module exports is told of on one page."""
    told = {(thing.module, thing.name) for subject in SUBJECTS for thing in subject.things}
    top = {name for owner, name in told if owner in ("jambonz_sync", "jambonz_sync.audio")}
    for name in importlib.import_module(module).__all__:
        assert (module, name) in told or (module in ("jambonz_sync", "jambonz_sync.audio") and name in top), name


def test_modules():
    """Every module that others import for its names is among them: those that the pages show in an import."""
    shown = set()
    for path in (*ROOT.glob("docs/**/*.md"), ROOT / "README.md", *ROOT.glob("examples/*.py")):
        text = path.read_text(encoding="utf-8")
        shown |= set(re.findall(r"^(?:>>> )?from (jambonz_sync[\w.]*) import", text, re.MULTILINE))
    assert shown <= {*MODULES}, shown - {*MODULES}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_members(cls):
    """Every method, property and attribute of a public class stands with the class, or on the page for it."""
    texts = "".join(
        section(subject.page, one.name)
        for subject in SUBJECTS
        for one in sections_of(subject.page)
        if one.owner == cls.__name__
    )
    for name in of_the_package(cls) - SAID_ELSEWHERE.get(cls, set()):
        if hasattr(cls, name) and (hasattr(VerbMethods, name) or hasattr(CommandMethods, name)) and name != "verb":
            continue
        # By itself, behind the name of an object, as a heading, or among what the class is made with.
        code = rf"`(?:\w+\.)?{name}(?:[:(][^`]*)?`|^### {cls.__name__}\.{name}$|^`{cls.__name__}\(.*\b{name}: "
        assert re.search(code, texts, re.MULTILINE), f"{cls.__name__}.{name}"


@pytest.mark.parametrize("name", [name for name in (*vars(VerbMethods), *vars(CommandMethods)) if name[0] != "_"])
def test_verbs_and_commands(name):
    """Every method that queues a verb or sends a command has a section."""
    page = "session.md" if name == "verb" else "verbs.md" if hasattr(VerbMethods, name) else "commands.md"
    assert f"\n## {name}\n" in PAGES[page] or f"\n### Session.{name}\n" in PAGES[page]


@pytest.mark.parametrize("page", OPTIONED, ids=lambda p: p.topic.name)
def test_options(page):
    """Every option of a verb, under whichever name it goes, and of a command has a row."""
    verb = page.topic.name in {verb.method for verb in VERBS.values()}
    text = section("verbs.md" if verb else "commands.md", page.topic.name)
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    other = page.alias_of or page.options_of
    if other is not None:
        assert f"It takes the options of [{other}]" in text
    elif verb:
        assert {option.name for option in options_of(page.topic.options)} <= {*rows}
    assert {entry.name for entry in page.entries} <= {*rows} or page.alias_of


def test_exceptions_say_what_to_do():
    """Each of them does, and nothing else is among them."""
    names = [one.name for one in sections_of("exceptions.md")]
    assert sorted(ADVICE) == sorted(names)
    assert sorted(names) == sorted(cls.__name__ for cls in {*CLASSES} if is_error(cls))


def is_error(cls: type) -> bool:
    """Whether it is one that an application meets in a call."""
    return issubclass(cls, BaseException) and not cls.__module__.startswith("jambonz_sync.simulator")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.page)
def test_roles_lead_somewhere(subject):
    """What a docstring refers to is told of, or is Python's or another library's."""
    for one in sections_of(subject.page):
        docs = [one.doc, *(entry.doc for entry in one.entries)]
        for target in (target for doc in docs for target in ROLE.findall(doc)):
            if address_of(target, one.owner, subject) is None:
                sources = [inspect.getsource(cls) for cls in CLASSES if cls.__name__ == one.owner]
                own = any(f"self.{target} = " in source for source in sources)
                assert own or exists(target.lstrip("~")), (one.name, target)


def exists(name: str) -> bool:
    """Whether it can be imported from elsewhere, or is what this library has without telling of it."""
    parts = name.lstrip(".").split(".")
    for count in range(len(parts), 0, -1):
        for prefix in ("", "jambonz_sync.", "jambonz_sync.simulator.") if name.startswith(".") else ("",):
            try:
                found = importlib.import_module(prefix + ".".join(parts[:count]))
            except ImportError:
                continue
            return all((found := getattr(found, part, None)) is not None for part in parts[count:])
    return hasattr(builtins, name)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.page)
def test_nothing_of_restructured_text_is_left(subject):
    """No role, no directive and no double backtick is on a page that is made from docstrings."""
    text = re.sub(r"```\w+\n.*?```", "", PAGES[subject.page], flags=re.DOTALL)
    assert not re.search(r"``|:\w+:`|\.\. |::(\s|$)", text)


def test_whole_rows():
    """Nothing that is said breaks the table it is in."""
    for name, text in PAGES.items():
        for lines in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines.splitlines()}) == 1, (name, lines)


def test_the_pages_are_here():
    """They are pages of the folder, and each is named by one subject."""
    assert len({subject.page for subject in SUBJECTS}) == len(SUBJECTS)
    assert {subject.page for subject in SUBJECTS} <= PAGES.keys()
    assert name_of(pathlib.Path(REFERENCE)) == "docs/reference"


# How docstrings are rendered


def test_markdown():
    """Paragraphs and items are lines, code is a block, roles are links."""
    text = (
        "Do ``it``,\nas :meth:`other` does::\n\n    a()\n\n\n    b()\n\n"
        "Then:\n\n* ``x``: one,\n  that goes on\n* two\n\n"
        ".. code-block:: json\n\n    {}\n\n::\n\n    c()"
    )
    assert markdown(text, lambda name: f"[{name}]") == (
        "Do `it`, as [other] does:\n\n```python\na()\n\n\nb()\n```\n\nThen:\n\n* `x`: one, that goes on\n* two\n\n"
        "```json\n{}\n```\n\n```python\nc()\n```"
    )


def test_signatures():
    """They are written as they are in code, with defaults that are plain values."""

    def function(one: int, /, two: str = "x", *rest: bytes, three: object = pytest, **more: float) -> bool: ...

    def short(self, a, /, *, b=None): ...

    def nothing(): ...

    assert signature_of(function) == (
        '(one: int, /, two: str = "x", *rest: bytes, three: object = ..., **more: float) -> bool'
    )
    assert signature_of(short) == "(a, /, *, b=None)"
    assert signature_of(nothing) == "()"
