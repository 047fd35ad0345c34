"""Application variables: what an operator may set of an application, described in its app.json or in its code.

jambonz' portal asks for the definitions, shows them to the operator, and what was saved there comes with each call.
Nothing here speaks HTTP or knows a session.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from .variable_definitions import (
    TYPES,
    AppJson,
    Definitions,
    VariableDefinition,
    definitions_in_code,
    overlaid,
    read_app_json,
    type_of,
)

__all__ = ["ApplicationVariables", "merge_env_vars_with_defaults"]


def merge_env_vars_with_defaults(received: Mapping[str, Any] | None, path: str, app_json: AppJson) -> dict[str, Any]:
    """Return the variables of a call, completed with the defaults of those that the operator has not saved.

    ::

        merge_env_vars_with_defaults(session.data.get("env_vars"), "/orders", "app.json")

    A variable that is there is left alone, whatever its value, ``None`` too. The common default of a variable comes
    before the one for its path.

    * ``received``: the variables as they came; ``None`` is none
    * ``path``, ``app_json``: as for :func:`~jambonz_sync.get_app_config`

    Raises :exc:`ValueError` as :func:`~jambonz_sync.get_app_config` does.
    """
    return _with_defaults(received, read_app_json(app_json, path))


class ApplicationVariables:
    """The variables of the calls to one service. Never changes, so any thread may use it.

    ::

        variables = ApplicationVariables({"VOICE": {"type": "string", "description": "the voice that speaks"}})

    * ``env``: definitions by name, as :class:`~jambonz_sync.VariableDefinition` has them; they come before
      those of the app.json
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
        own = definitions_in_code(env, strict=strict)
        shared = () if app_json is None else read_app_json(app_json, path, strict=strict)
        # What the code of the service says of a variable goes before what a file says.
        self._layers = (own, *shared)
        self._schema = overlaid((*shared, own))

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
    if type_of(value) != kind:
        return f"must be {TYPES[kind]}, and is not: set it again in the portal"
    if "enum" in definition and value not in definition["enum"]:
        return "is none of the values in its enum: choose one in the portal"
    return None


def _with_defaults(received: object, layers: Iterable[Definitions]) -> dict[str, Any]:
    values = dict(received) if isinstance(received, Mapping) else {}
    for definitions in layers:
        for name, definition in definitions.items():
            if "default" in definition:
                values.setdefault(name, definition["default"])
    return values
