"""docs/reference/limits.md has every bound, with the value that it has in the code."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from jambonz_sync import Endpoint, Session, create_endpoint
from tests.docs.markdown import ROOT

PACKAGE = ROOT / "jambonz_sync"
PAGE = (ROOT / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!limit|---)(.+?) \| (.+?) \| (.+?) \| `([\w.]+)` \|$", PAGE, re.MULTILINE)

UNITS = {"KiB": 1024, "MiB": 1024 * 1024}

#: Numbers that bound nothing an application or an operator could meet.
NO_BOUNDS = {
    "a size of pieces": "_CHUNK _PIECE SAMPLE_BYTES _FRAME_MILLISECONDS FRAME_SECONDS _MASKED _MASK_SIZE LONGEST_HEAD "
    "HEAD_BYTES _SHORT",
    "how often something is looked at": "_LOOK _STEP _PAUSE _REST _SHORT_REST _LONGEST_POLL _AWAY _MOST_READS",
    "masks of the system, and how the interpreter is tuned": "_READ _WRITE _APPEND _EACH _FEW",
    "how jambonz does it": "_TICKS_PER_SECOND _DEFAULT_RATE _FIRST_STEP _TAIL READY_AFTER PROBE_AFTER",
    "a part of a bound that is named": "_EVENT_OVERHEAD _OVERSHOOT _REMEMBERED _MEETING",
}


def value(cell: str) -> float | None:
    """The number that a cell begins with, in the unit of the code: bytes and seconds."""
    if cell == "`None`":
        return None
    found = re.match(r"([\d,.]+)(?: (\w+))?", cell)
    assert found is not None, cell
    return float(found[1].replace(",", "")) * UNITS.get(found[2], 1)


def lookup(name: str) -> Any:
    """What a name stands for: a constant, an attribute of a class, or the default of an argument."""
    first, _, rest = name.partition(".")
    starts = {
        "create_endpoint": create_endpoint,
        "serve_forever": Endpoint.serve_forever,
        "make_audio_service": Endpoint.make_audio_service,
        "Session": Session,
    }
    if first in starts:
        return functools.reduce(part_of, rest.split("."), starts[first])
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            module = importlib.import_module(".".join(["jambonz_sync", *parts[:count]]))
        except ModuleNotFoundError:
            continue
        return functools.reduce(part_of, parts[count:], module)
    raise AssertionError(name)


def part_of(thing: Any, name: str) -> Any:
    """An attribute, or the default of an argument; that of ``__init__`` where it is a class."""
    if hasattr(thing, name):
        return getattr(thing, name)
    return inspect.signature(thing).parameters[name].default


@pytest.mark.parametrize(("limit", "shown", "effect", "name"), ROWS, ids=[row[3] for row in ROWS])
def test_values(limit, shown, effect, name):
    """The number of the page is that of the code."""
    assert value(shown) == lookup(name)
    assert limit
    assert effect


def constants() -> Iterator[tuple[str, str]]:
    """Every constant of a module that is a number: the module, and its name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] in ("cli", "simulator"):
            # One is for those who develop, the other is a jambonz.
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                number = getattr(importlib.import_module(".".join(["jambonz_sync", *parts])), name, None)
                if re.fullmatch(r"_?[A-Z][A-Z0-9_]*", name) and type(number) in (int, float):
                    yield ".".join(parts), name


def test_every_bound_is_there():
    """Of each number that is a constant it is said what happens at it, or it bounds nothing."""
    told = {name for *_, name in ROWS}
    left_out = {name for names in NO_BOUNDS.values() for name in names.split()}
    missing = [f"{module}.{name}" for module, name in constants() if f"{module}.{name}" not in told]
    assert [name for name in missing if name.rpartition(".")[2] not in left_out] == []
    # Nothing stands there that is gone.
    assert left_out <= {name for _, name in constants()}


def test_arguments():
    """Every argument of an endpoint that is a number is among them."""
    told = {name for *_, name in ROWS}
    for name, one in inspect.signature(create_endpoint).parameters.items():
        if type(one.default) in (int, float) and name != "port":
            assert f"create_endpoint.{name}" in told


def test_reading():
    """Numbers are read with their units."""
    assert [value(cell) for cell in ("16 KiB", "1,000", "2.5 s", "`None`", "500 of 32,768")] == [
        16_384,
        1000,
        2.5,
        None,
        500,
    ]
    assert len(ROWS) > 60
