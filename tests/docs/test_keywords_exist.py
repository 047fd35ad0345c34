"""What a page calls something with is taken: options of verbs, and arguments of methods and functions."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import textwrap

import pytest

from jambonz_sync import Endpoint, Session, create_endpoint
from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.registry import VERBS
from tests.docs.markdown import blocks, inline_code, name_of, pages

TEXTS = {name_of(path): path.read_text(encoding="utf-8") for path in pages()}

KEYWORDS = {
    "create_endpoint": create_endpoint,
    "make_service": Endpoint.make_service,
    "wait_for": Session.wait_for,
    "send": Session.send,
    "run": Session.run,
}


@pytest.mark.parametrize("name", TEXTS)
def test_keywords(name):
    """What is called with keywords in a line takes them: ``create_endpoint(port=3000)``, ``session.say(loop=2)``."""
    wrong = []
    for code in inline_code(TEXTS[name]):
        for function, keyword in re.findall(r"\b(create_endpoint|\w+\.make_service|wait_for|send|run)\((\w+)=", code):
            target = KEYWORDS[function.rpartition(".")[2]]
            if keyword not in inspect.signature(target).parameters:
                wrong.append(code)
    assert wrong == []


# One page is about mistakes.
@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"docs/guides/errors.md"}))
def test_keywords_in_blocks(name):
    """What a method of the session is called with in a block is an option of the verb, or an argument of the method."""
    wrong = []
    for block in blocks(TEXTS[name], "python"):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and owner_of(node.func) == "session":
                allowed = arguments_of(node.func.attr)
                # What is wrong on purpose says so behind the line.
                if allowed is not None and not re.search(r"# (Invalid\w+|TypeError)\b", block):
                    wrong += [
                        f"{node.func.attr}({one.arg}=)" for one in node.keywords if one.arg not in {*allowed, None}
                    ]
    assert wrong == []


def owner_of(node: ast.expr) -> str:
    """The name that a chain of calls begins with: ``session.say(...).gather(...)`` begins with that of the session."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


@functools.cache
def arguments_of(method: str) -> frozenset[str] | None:
    """What a method of the session takes by name; ``None`` if that is not known."""
    verb = next((verb for verb in VERBS.values() if verb.method == method), None)
    if verb is not None:
        return frozenset(name for option in options_of(verb.options) for name in (option.name, option.wire))
    function = getattr(Session, method, None)
    if function is None or not inspect.isfunction(function):
        return None
    parameters = inspect.signature(function).parameters
    options = {one.name for one in options_of(VERBS["gather"].options)} if "gather_options" in parameters else set()
    options |= {one.name for one in options_of(VERBS["dial"].options)} if "dial_options" in parameters else set()
    if not options and any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return None
    return frozenset(parameters) | options


def test_what_is_wrong_is_found():
    """The tests above would notice."""
    assert "num_digits" in (arguments_of("gather") or ())
    assert "num_digit" not in (arguments_of("gather") or ())
    assert arguments_of("no_such_verb") is None
    assert owner_of(ast.parse("session.say('x').gather", mode="eval").body) == "session"
