"""The strict validator of verbs that runs inside jambonz 0.9: one fault, and the whole list is refused.

::

    fault_of("say", {"txt": "Hello."})  # "say has no property 'txt'"

What it knows of the verbs stands in ``verb_specifications.json``, which ``tools/make_verb_specifications.py`` makes.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["fault_of"]

#: An object as it is described: the type of each property, and the properties it needs.
_Described = tuple[Mapping[str, Any], list[str]]

_SIMPLE = frozenset({"number", "string", "object", "boolean"})

#: What takes whatever it is given, in every object.
_CARRIED_ALONG = "_"


@functools.cache
def _specifications() -> Mapping[str, Any]:
    path = importlib.resources.files(__name__.rpartition(".")[0]) / "verb_specifications.json"
    specifications: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return specifications


def fault_of(name: str, options: Mapping[str, Any]) -> str | None:
    """Return what jambonz would refuse about a verb, with the path to it; ``None`` if it takes the verb."""
    known = _specifications()
    verb, preset = known["aliases"].get(name, (name, {}))
    if verb not in known["verbs"]:
        return f"there is no verb {name!r}"
    return next(_faults(name, known["verbs"][verb], {**preset, **options}), None)


def _faults(path: str, described: _Described, value: Any) -> Iterator[str]:
    properties, needed = described
    for key, item in _members(value):
        if key in properties:
            yield from _faults_of_property(f"{path}.{key}", properties[key], item)
        elif key != _CARRIED_ALONG:
            why = ", since only a verb in a list says which it is" if key == "verb" else ""
            yield f"{path} has no property {key!r}{why}" if isinstance(value, dict) else f"{path} is no object"
    given = {key for key, _ in _members(value)}
    missing = [key for key in needed if key not in given]
    if missing:
        yield f"{path} needs {' and '.join(missing)}"


def _members(value: Any) -> list[tuple[str, Any]]:
    """Return what JavaScript goes through in a value: the elements of a list by their indices, the letters of a text.

    So where an object is wanted that has nothing it needs, ``null``, a number, or an empty text will do.
    """
    if isinstance(value, dict):
        return list(value.items())
    return [(str(index), item) for index, item in enumerate(value)] if isinstance(value, (list, str)) else []


def _faults_of_property(path: str, wanted: Any, value: Any) -> Iterator[str]:
    if isinstance(wanted, str) and wanted.startswith("#"):
        yield from _faults_of_object(path, wanted, value)
    elif isinstance(wanted, str):
        types = wanted.split("|")
        array = isinstance(value, list)
        # An array is an object too, but an object is no array.
        if not (array and "array" in types) and _type(value) not in types:
            given = "an array" if array else "null" if value is None else _typed(_type(value))
            wanted = " or ".join(_typed(one) for one in types if not one.startswith("#"))
            yield f"{path} must be {wanted}, not {given}"
    elif isinstance(wanted, list):
        if not isinstance(value, (list, str)):
            yield f"{path} must be an array"
            return
        for index, item in enumerate(value):
            yield from _faults_of_object(f"{path}[{index}]", wanted[0], item)
    elif wanted.get("type") not in _SIMPLE:
        # The validator trips over its own description here.
        yield f"{path} is refused, whatever it is"
    elif wanted["type"] == "string" and value not in wanted.get("enum", [value]):
        yield f"{path} must be one of {', '.join(wanted['enum'])}, not {json.dumps(value)}"


def _faults_of_object(path: str, reference: str, value: Any) -> Iterator[str]:
    name = reference.removeprefix("#")
    known = _specifications()
    described = known["objects"].get(name) or known["verbs"].get(name)
    if described is None:
        yield f"{path} is refused, since jambonz does not know what a {name} is"
    else:
        yield from _faults(path, described, value)


def _type(value: Any) -> str:
    """Return the type of a JSON value as JavaScript has it."""
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "number", float: "number"}.get(type(value), "object")


def _typed(name: str) -> str:
    return f"an {name}" if name[0] in "ao" else f"a {name}"
