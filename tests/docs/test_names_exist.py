"""Whatever a page names exists: attributes, options, modules, files, and what is imported."""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import inspect
import pathlib
import re
import textwrap

import pytest

import jambonz_sync.flask
from jambonz_sync import (
    AudioEvent,
    AudioService,
    AudioStream,
    CallStatus,
    Counters,
    Endpoint,
    Event,
    Outcome,
    Service,
    Session,
)
from jambonz_sync.cli import COMMANDS
from jambonz_sync.manual.carried import all_groups, attributes_of
from jambonz_sync.request import Request
from jambonz_sync.simulator import SimulatedCall, Transcript
from jambonz_sync.talk.answer import Answer
from jambonz_sync.testing import Jambonz, PhoneCall
from tests.docs.markdown import ROOT, blocks, inline_code, name_of, pages

TEXTS = {name_of(path): path.read_text(encoding="utf-8") for path in pages()}

#: What a reader is told of changes, and what is measured, has names of other times and of others.
OTHERS = {"CHANGELOG.md", "docs/benchmarks.md"}


def members(*classes: type) -> set[str]:
    """The public names of objects of these classes, those that ``__init__`` makes too."""
    found: set[str] = set()
    for cls in classes:
        found.update(name for name in dir(cls) if not name.startswith("_"))
        for base in cls.__mro__:
            if base.__module__.startswith("jambonz_sync"):
                source = inspect.getsource(base)
                found.update(re.findall(r"self\.([a-z]\w*)\b(?:: [^=\n]+)? = ", source))
                found.update(re.findall(r"^ {4}([a-z]\w*): ", source, re.MULTILINE))
    return found


def carried() -> set[str]:
    """What events may have: attributes, and those of the dicts in them."""
    found: set[str] = set()
    waiting = [attribute for group in all_groups() for attribute in group.attributes]
    while waiting:
        attribute = waiting.pop()
        if attribute.name not in found:
            found.add(attribute.name)
            waiting += attributes_of(attribute.inside) if attribute.inside is not None else []
    return found


EVENT = members(Event, Outcome) | carried() | {*re.findall(r"^ +([a-z]\w*): ", inspect.getsource(AudioEvent), re.M)}

#: What is called so on the pages, and what it may have.
OBJECTS = {
    "session": members(Session),
    "endpoint": members(Endpoint),
    "service": members(Service, AudioService),
    "evt": EVENT,
    "event": EVENT,
    "outcome": EVENT,
    "answer": members(Answer),
    "stream": members(AudioStream),
    "counters": members(Counters),
    "transcript": members(Transcript),
    "request": members(Request),
    # Two classes have the name, and some pages have both: one by Flask, one by the kit.
    "jambonz": members(Jambonz, jambonz_sync.flask.Jambonz),
    "call": members(PhoneCall, CallStatus, SimulatedCall),
}

#: Of others' commands, by the word that the line or the sentence has.
FOREIGN_OPTIONS = {
    "docker": {"--network", "--rm", "--time"},
    "gunicorn": {
        "--bind",
        "--certfile",
        "--graceful-timeout",
        "--keyfile",
        "--pid",
        "--reload",
        "--threads",
        "--worker-class",
        "--workers",
    },
    "pip": {"--upgrade"},
    "pytest": {"--cov", "--timeout"},
    "tox": {"--workdir"},
}

NAMED = re.compile(rf"(?<![\w.])({'|'.join(OBJECTS)})\.([a-z]\w*)")


@functools.cache
def known_options() -> set[str]:
    """Every option of the command line, of the tools, and of the tests and benchmarks that can be run."""
    found = {"--help", "--version"}
    for command in COMMANDS:
        parser = argparse.ArgumentParser(add_help=False)
        command.add_arguments(parser)
        found.update(option for action in parser._actions for option in action.option_strings)
    for folder in ("tools", "benchmarks", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(re.findall(r'add_argument\(\s*"(--[\w-]+)"', path.read_text(encoding="utf-8")))
    return found


# What the Node library calls things stands in the lines of one page; its blocks are tested.
@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS - {"docs/from-the-node-library.md"}))
def test_attributes(name):
    """What stands behind the name of an object is an attribute of it."""
    wrong = [
        f"{owner}.{attribute}"
        for code in inline_code(TEXTS[name])
        for owner, attribute in NAMED.findall(code)
        if attribute not in OBJECTS[owner] and not is_host_or_file(code, attribute)
    ]
    assert wrong == []


def is_host_or_file(code: str, attribute: str) -> bool:
    """Whether a dot divides something else: ``service.py``, ``app.py:service``, ``jambonz.org``."""
    return attribute in {"py", "wav", "org", "com", "toml", "md", "json", "one", "cfg", "example"}


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS))
def test_attributes_in_blocks(name):
    """So it does in a block of Python, unless something else has the name there."""
    wrong = []
    for block in blocks(TEXTS[name], "python"):
        tree = ast.parse(textwrap.dedent(block))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        names |= {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom | ast.Import)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner, attribute = node.value.id, node.attr
                if owner in ("session", "endpoint") or owner not in names:
                    if attribute not in OBJECTS.get(owner, {attribute}):
                        wrong.append(f"{owner}.{attribute}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS))
def test_imports(name):
    """What is imported from the library is there."""
    for block in blocks(TEXTS[name], "python"):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jambonz_sync"):
                module = importlib.import_module(node.module or "")
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS))
def test_options(name):
    """What looks like an option is one: of a command of the project, or of another that is known here."""
    known = known_options()
    wrong = []
    codes = [*inline_code(TEXTS[name]), *"\n".join(blocks(TEXTS[name], "console", "text")).splitlines()]
    for code in codes:
        for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", code):
            if option not in known and not any(option in options for options in FOREIGN_OPTIONS.values()):
                wrong.append(option)
    assert wrong == []


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS))
def test_commands(name):
    """What is typed behind ``jambonz-sync`` is a command, and its options are options of that one."""
    known = {command.name: command for command in COMMANDS}
    codes = [*inline_code(TEXTS[name]), *"\n".join(blocks(TEXTS[name], "console")).splitlines()]
    for code in codes:
        for line in re.findall(r"(?:^|\$ |&& )jambonz-sync (?!-)([^|<>&#]+)", code):
            command, *words = line.split()
            assert command in known, code
            parser = argparse.ArgumentParser()
            known[command].add_arguments(parser)
            options = {option for action in parser._actions for option in action.option_strings}
            assert {word for word in words if re.match(r"--?[a-z]", word)} <= options, code


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - OTHERS))
def test_modules_and_files(name):
    """Modules can be imported; paths below the folders of the project are there."""
    for code in inline_code(TEXTS[name]):
        if re.fullmatch(r"jambonz_sync(\.\w+)+", code):
            assert is_there(code), code
        if re.match(r"(jambonz_sync|examples|tests|tools|benchmarks|docs)/[\w./-]*$", code):
            # `x` stands for any name.
            assert code.endswith(("/x.py", "/test_x.py")) or (ROOT / code).exists(), code
        for module in re.findall(r"python -m ((?:tools|tests|benchmarks)[\w.]*)", code):
            assert importlib.util.find_spec(module) is not None, code


def is_there(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one; the loggers have such names too."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_what_is_wrong_is_found():
    """The tests above would notice."""
    assert "wait_fro" not in OBJECTS["session"]
    assert {"wait_for", "locals", "call_sid", "gather", "inject_mute", "ask"} <= OBJECTS["session"]
    assert "digits" in EVENT
    assert not is_there("jambonz_sync.gunicron")
    assert is_there("jambonz_sync.gunicorn.post_worker_init")
    assert NAMED.findall("session.wait_for(...) if my_session.x else endpoint.url") == [
        ("session", "wait_for"),
        ("endpoint", "url"),
    ]
    assert "--reload" in known_options()
    assert "--relaod" not in known_options()
    assert pathlib.Path(ROOT / "README.md").exists()
