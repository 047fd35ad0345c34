"""Definitions of application variables, in an app.json or in code: what an operator may set, and of what kind it is.

An app.json holds definitions by name, and sections of them for single paths:

.. code-block:: json

    {
      "VOICE": {"type": "string", "description": "the voice that speaks", "default": "Joanna"},
      "/orders": {"SHOP_KEY": {"type": "string", "description": "the key of the shop", "obscure": true}}
    }
"""

from __future__ import annotations

import json
import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from .exceptions import InvalidVerb
from .verbs.compile import compiled
from .verbs.fault import Fault
from .verbs.markers import AtLeastOne, Doc, Needed, Secret
from .verbs.rules import Run, rule

__all__ = [
    "TYPES",
    "AppJson",
    "Definitions",
    "VariableDefinition",
    "definitions_in_code",
    "get_app_config",
    "overlaid",
    "read_app_json",
    "type_of",
    "validate_app_config",
]

#: The path of an app.json, or what it holds.
AppJson: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
#: Definitions by name, on the wire's terms.
Definitions: TypeAlias = dict[str, dict[str, Any]]

_Type: TypeAlias = Literal["string", "number", "boolean"]
_Field: TypeAlias = Literal["input", "textarea", "filepicker"]
# May be a key or a password of the application, so no error repeats one.
_Value: TypeAlias = str | float | bool


class VariableDefinition(TypedDict, total=False):
    """One variable that an operator may set."""

    type: Required[Annotated[_Type, Needed(hint='"string", "number" or "boolean"'), Doc("What kind of value it has.")]]
    description: Required[Annotated[str, Needed(hint="the operator reads it"), Doc("What the operator reads of it.")]]
    required: Annotated[bool, Doc("Whether the operator must set it; false if left out.")]
    default: Annotated[_Value, Secret, Doc("Its value where the operator has saved none.")]
    enum: Annotated[Sequence[_Value], AtLeastOne, Secret, Doc("The only values it may have, shown as a list.")]
    obscure: Annotated[bool, Doc("Mask its value in the portal.")]
    ui_hint: Annotated[_Field, Doc("How the operator writes it: on one line, on several, or from a file.")]
    jambonz_resource: Annotated[Literal["carriers"], Doc("Let the operator choose one of the account's carriers.")]
    value: Annotated[_Value, Secret, Doc("A value to tell the portal; as asterisks if it is obscure.")]


#: How a type is called in a sentence.
TYPES = {"string": "a string", "number": "a number", "boolean": "True or False"}
_NAME = re.compile("[A-Za-z0-9_]+")
_EXAMPLE = '{"type": "string", "description": "..."}'


def type_of(value: object) -> str:
    """Return the type of a value as JavaScript has it: jambonz compares by that."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "object"


@rule(VariableDefinition)
def _its_values_can_be_saved(given: Mapping[str, Any], run: Run) -> None:
    """jambonz would show a default that is none of them, and not let the operator save it."""
    kind = given["type"]
    for name in ("default", "value"):
        if name in given and type_of(given[name]) != kind:
            raise Fault(f"needs {TYPES[kind]} as its {name}, since type is {kind}", name)
    if "enum" in given:
        if any(type_of(value) != kind for value in given["enum"]):
            raise Fault(f"needs {TYPES[kind]} for each value of its enum, since type is {kind}", "enum")
        if "default" in given and given["default"] not in given["enum"]:
            raise Fault("needs one of the values of its enum as its default", "default")


def validate_app_config(config: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the definitions of an app.json: a sentence for each that jambonz could not use.

    ::

        faults = validate_app_config(json.loads(text))
        assert not faults, faults

    ``config``: what the file holds: definitions by name, and sections of them by path. Of each definition the first
    fault is told, and no value of a variable is repeated. An empty list means that all is well.
    """
    faults: list[str] = []
    _checked(config, faults, True)
    return faults


def get_app_config(path: str, app_json: AppJson) -> dict[str, Any]:
    """Return the definitions for one path, as jambonz wants them: the common ones, overlaid with those of the path.

    ::

        get_app_config("/orders", "app.json")

    A ``value`` that is obscure has become as many asterisks.

    * ``path``: the path of a service; a section of the file is for it if the two are the same
    * ``app_json``: the path of the file, or what it holds

    Raises :exc:`ValueError` if the file cannot be read, or holds anything that jambonz could not use.
    """
    return overlaid(read_app_json(app_json, path))


def definitions_in_code(env: Mapping[str, VariableDefinition] | None, *, strict: bool) -> Definitions:
    """Return definitions that stand in the code of an application.

    ::

        definitions_in_code({"VOICE": {"type": "string", "description": "the voice that speaks"}}, strict=True)

    * ``env``: definitions by name; ``None`` is none
    * ``strict``: whether a key that is unknown here is a fault

    Raises :exc:`ValueError` for what jambonz could not use, with a line for each fault.
    """
    faults: list[str] = []
    own = _definitions({} if env is None else env, faults, strict)
    _complain("env", faults)
    return own


def read_app_json(app_json: AppJson, path: str, *, strict: bool = True) -> tuple[Definitions, Definitions]:
    """Return the common definitions of an app.json, and those for the path of a service.

    ::

        common, own = read_app_json("app.json", "/orders")

    ``app_json``, ``path`` and what it raises: as for :func:`get_app_config`. ``strict``: whether a key that is unknown
    here is a fault.
    """
    if isinstance(app_json, Mapping):
        source, config = "app_json", app_json
    else:
        source, config = os.fspath(app_json), _parsed(pathlib.Path(app_json))
    faults: list[str] = []
    common, sections = _checked(config, faults, strict)
    _complain(source, faults)
    # The path of the service, not the one that a call came by: a service answers whatever is below its path, such as
    # the /orders/adulting that jambonz makes up, and all of its calls need the same variables. The router has found
    # the service already, so a section is for that one alone, and not for another at /orders/old.
    return common, sections.get(_plain(path), {})


def overlaid(layers: Iterable[Definitions]) -> dict[str, Any]:
    """Return the definitions by name; of those of one name, the last."""
    return {name: definition for definitions in layers for name, definition in definitions.items()}


def _parsed(file: pathlib.Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"cannot read {file.absolute()}: {error.strerror or error}. A relative path is seen from the folder in "
            f"which the program was started; pathlib.Path(__file__).with_name({file.name!r}) is beside the code"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} must hold JSON in UTF-8, and does not: {error}") from error


def _complain(source: str, faults: Sequence[str]) -> None:
    if faults:
        raise ValueError("\n".join(f"{source}: {fault}" for fault in faults))


def _checked(config: object, faults: list[str], strict: bool) -> tuple[Definitions, dict[str, Definitions]]:
    """Return the common definitions of an app.json and those by path, on the wire's terms; and find its faults."""
    if not isinstance(config, Mapping):
        return _definitions(config, faults, strict), {}
    by_path = {name: item for name, item in config.items() if isinstance(name, str) and name.startswith("/")}
    common = _definitions({name: config[name] for name in config if name not in by_path}, faults, strict)
    sections: dict[str, Definitions] = {}
    for path, section in by_path.items():
        if "?" in path or "#" in path:
            faults.append(f"a path has no query and no fragment: {path!r}")
        elif _plain(path) in sections:
            faults.append(f"{path!r} is there twice, but for its slashes: make one section of the two")
        else:
            sections[_plain(path)] = _definitions(section, faults, strict, path)
    return common, sections


def _plain(path: str) -> str:
    # As in routing: slashes at the end make no difference, and "*" and "/" both answer what nothing else does.
    return "" if path == "*" else path.strip("/")


def _definitions(items: object, faults: list[str], strict: bool, path: str = "") -> Definitions:
    if not isinstance(items, Mapping):
        faults.append(f'{path or "it"} must hold definitions by name, such as {{"NAME": {_EXAMPLE}}}')
        return {}
    sound: Definitions = {}
    for name, item in items.items():
        where = f"{path}.{name}" if path else name
        fault = _misshapen(name, where, item)
        if fault is None:
            try:
                sound[name] = _masked(compiled(VariableDefinition)(item, Run(strict, None)))
            except Fault as found:
                # Only its words are wanted: where it is, what is wrong, and what was meant.
                fault = str(found.error(str(where), InvalidVerb))
        if fault is not None:
            faults.append(fault)
    return sound


def _misshapen(name: object, where: object, item: object) -> str | None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        guess = re.sub("[^A-Za-z0-9_]+", "_", str(name)).strip("_")
        hint = f"; did you mean {guess!r}?" if guess else ""
        return f"{where!r} is no name of a variable, which has letters from A to Z, digits and _ only{hint}"
    if not isinstance(item, Mapping):
        return f"{where} needs a definition, such as {_EXAMPLE}"
    if item and all(isinstance(inside, Mapping) for inside in item.values()):
        return f"{where} holds definitions and is none; did you mean '/{name}', the path of a service?"
    return None


def _masked(definition: dict[str, Any]) -> dict[str, Any]:
    if definition.get("obscure") and "value" in definition:
        definition["value"] = "*" * len(str(definition["value"]))
    return definition
