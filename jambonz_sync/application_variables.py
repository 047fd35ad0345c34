"""Application variables: what an operator may set of an application, described in its app.json or in its code.

jambonz' portal asks for the definitions, shows them to the operator, and what was saved there comes with each call.
Nothing here speaks HTTP or knows a session.

An app.json holds definitions by name, and sections of them for single paths:

.. code-block:: json

    {
      "VOICE": {"type": "string", "description": "the voice that speaks", "default": "Joanna"},
      "/orders": {"SHOP_KEY": {"type": "string", "description": "the key of the shop", "obscure": true}}
    }
"""

from __future__ import annotations

import copy
import json
import os
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from .exceptions import InvalidVerb
from .verbs.compile import compiled
from .verbs.fault import Fault
from .verbs.markers import AtLeastOne, Doc, Needed, Secret
from .verbs.rules import Run, rule

__all__ = [
    "AppJson",
    "ApplicationVariables",
    "VariableDefinition",
    "get_app_config",
    "merge_env_vars_with_defaults",
    "validate_app_config",
]

#: The path of an app.json, or what it holds.
AppJson: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]

_Definitions: TypeAlias = dict[str, dict[str, Any]]
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


_TYPES = {"string": "a string", "number": "a number", "boolean": "True or False"}
_NAME = re.compile("[A-Za-z0-9_]+")
_EXAMPLE = '{"type": "string", "description": "..."}'


def _type_of(value: object) -> str:
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
        if name in given and _type_of(given[name]) != kind:
            raise Fault(f"needs {_TYPES[kind]} as its {name}, since type is {kind}", name)
    if "enum" in given:
        if any(_type_of(value) != kind for value in given["enum"]):
            raise Fault(f"needs {_TYPES[kind]} for each value of its enum, since type is {kind}", "enum")
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
    return _overlaid(_read(app_json, path))


def merge_env_vars_with_defaults(received: Mapping[str, Any] | None, path: str, app_json: AppJson) -> dict[str, Any]:
    """Return the variables of a call, completed with the defaults of those that the operator has not saved.

    ::

        merge_env_vars_with_defaults(session.data.get("env_vars"), "/orders", "app.json")

    A variable that is there is left alone, whatever its value, ``None`` too. The common default of a variable comes
    before the one for its path.

    * ``received``: the variables as they came; ``None`` is none
    * ``path``, ``app_json``: as for :func:`get_app_config`

    Raises :exc:`ValueError` as :func:`get_app_config` does.
    """
    return _with_defaults(received, _read(app_json, path))


class ApplicationVariables:
    """The variables of the calls to one service. Never changes, so any thread may use it.

    ::

        variables = ApplicationVariables({"VOICE": {"type": "string", "description": "the voice that speaks"}})

    * ``env``: definitions by name, as :class:`VariableDefinition` has them; they come before those of the app.json
    * ``app_json``: the path of an app.json, or what it holds; ``None`` is none
    * ``path``: the path of the service, for the sections of the app.json
    * ``strict``: whether a definition with a key that is unknown here raises; ``False`` lets it through to jambonz

    Raises :exc:`ValueError` for what jambonz could not use, with a line for each fault, and for a file that cannot be
    read.
    """

    __slots__ = ("_layers", "_schema")

    def __init__(
        self,
        env: Mapping[str, VariableDefinition] | None = None,
        *,
        app_json: AppJson | None = None,
        path: str = "/",
        strict: bool = True,
    ) -> None:
        faults: list[str] = []
        own = _definitions({} if env is None else env, faults, strict)
        _complain("env", faults)
        shared = () if app_json is None else _read(app_json, path, strict=strict)
        # What the code of the service says of a variable goes before what a file says.
        self._layers = (own, *shared)
        self._schema = _overlaid((*shared, own))

    def __repr__(self) -> str:
        return f"<ApplicationVariables {', '.join(self._schema) or 'none'}>"

    @property
    def schema(self) -> dict[str, Any]:
        """The definitions by name, as jambonz wants them in answer to its question; empty if there are none.

        It is a copy, to keep. An empty one is no answer that jambonz could read: send none, with status 204.
        """
        return copy.deepcopy(self._schema)

    def merged(self, received: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return the variables of a call, completed with defaults: what ``session.env`` shows.

        ``received``: the variables as they came; ``None`` is none, and so is anything that is no mapping.
        """
        return MappingProxyType(_with_defaults(received, self._layers))

    def faults(self, received: Mapping[str, Any] | None) -> list[str]:
        """Return a sentence for each variable of a call that is not as it was defined; for a log.

        That is one which is required and has neither been set nor a default, has a value of another type, or one that
        its ``enum`` does not list. No value is repeated. Of variables that are not defined nothing is said.

        ``received``: as for :meth:`merged`.
        """
        values = self.merged(received)
        return [
            f"the application variable {name} {fault}"
            for name, definition in self._schema.items()
            if (fault := _fault_of(values, name, definition)) is not None
        ]


def _fault_of(values: Mapping[str, Any], name: str, definition: Mapping[str, Any]) -> str | None:
    if name not in values:
        return "is required and not set: set it in the portal" if definition.get("required") else None
    value, kind = values[name], definition["type"]
    if _type_of(value) != kind:
        return f"must be {_TYPES[kind]}, and is not: set it again in the portal"
    if "enum" in definition and value not in definition["enum"]:
        return "is none of the values in its enum: choose one in the portal"
    return None


def _with_defaults(received: object, layers: Iterable[_Definitions]) -> dict[str, Any]:
    values = dict(received) if isinstance(received, Mapping) else {}
    for definitions in layers:
        for name, definition in definitions.items():
            if "default" in definition:
                values.setdefault(name, definition["default"])
    return values


def _overlaid(layers: Iterable[_Definitions]) -> dict[str, Any]:
    return {name: definition for definitions in layers for name, definition in definitions.items()}


def _read(app_json: AppJson, path: str, *, strict: bool = True) -> tuple[_Definitions, _Definitions]:
    """Return the common definitions, and those for the path of a service."""
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


def _checked(config: object, faults: list[str], strict: bool) -> tuple[_Definitions, dict[str, _Definitions]]:
    """Return the common definitions of an app.json and those by path, on the wire's terms; and find its faults."""
    if not isinstance(config, Mapping):
        return _definitions(config, faults, strict), {}
    by_path = {name: item for name, item in config.items() if isinstance(name, str) and name.startswith("/")}
    common = _definitions({name: config[name] for name in config if name not in by_path}, faults, strict)
    sections: dict[str, _Definitions] = {}
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


def _definitions(items: object, faults: list[str], strict: bool, path: str = "") -> _Definitions:
    if not isinstance(items, Mapping):
        faults.append(f'{path or "it"} must hold definitions by name, such as {{"NAME": {_EXAMPLE}}}')
        return {}
    sound: _Definitions = {}
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
