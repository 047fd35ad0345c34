"""Verbs as they come over the wire, taken apart as far as the simulator needs them.

::

    parse_verbs([{"verb": "say", "text": "Hello."}, {"hangup": {}}])

A list that jambonz would refuse is refused here, by :mod:`.validator`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .validator import fault_of
from .vendors import refusal

__all__ = ["BadVerbs", "Verb", "hook_name", "is_http", "nested", "number", "parse_verbs", "would_go_by_http"]


#: What only newer servers know, and is executed here all the same.
_NEWER = frozenset({"agent", "gptlive_s2s", "qwen_s2s"})


class BadVerbs(Exception):
    """jambonz would refuse this list. The text says why."""


class Verb(NamedTuple):
    """One verb: its name and its options as they are on the wire."""

    name: str
    options: dict[str, Any]

    @property
    def id(self) -> str | None:
        """The id by which hooks and statuses name the verb."""
        value = self.options.get("id")
        return value if isinstance(value, str) else None


def parse_verbs(data: object) -> list[Verb]:
    """Return the verbs of a list. Raises :exc:`BadVerbs`."""
    if not isinstance(data, list):
        raise BadVerbs("the verbs are no array")
    verbs = []
    for index, item in enumerate(data):
        if not isinstance(item, dict):
            raise BadVerbs(f"element {index} is no object")
        if "verb" in item:
            name, options = item["verb"], {key: value for key, value in item.items() if key != "verb"}
        elif len(item) == 1:
            ((name, options),) = item.items()
        else:
            raise BadVerbs(f"element {index} names no verb")
        if not isinstance(name, str) or not isinstance(options, dict):
            raise BadVerbs(f"element {index} names no verb")
        fault = None if name in _NEWER else fault_of(name, options) or refusal(name, options)
        if fault is not None:
            raise BadVerbs(f"element {index}: {fault}")
        verbs.append(Verb(name, options))
    return verbs


def hook_name(hook: object) -> str | None:
    """Return the name under which a hook is sent: the string, or the ``url`` of an object."""
    name = hook.get("url") if isinstance(hook, dict) else hook
    return name if isinstance(name, str) and name else None


def is_http(hook: str) -> bool:
    """Return whether jambonz calls a hook by HTTP, instead of sending it to the application."""
    return hook.startswith(("http://", "https://"))


def would_go_by_http(hook: str) -> str:
    """Return what is to be noted of a hook that the simulator does not call."""
    return f"{hook} would be called by HTTP, which this simulator does not"


def nested(verb: Verb) -> Verb | None:
    """Return the prompt of a gather, if it has one."""
    for name in ("say", "play"):
        options = verb.options.get(name)
        if isinstance(options, dict):
            return Verb(name, options)
    return None


def number(options: Mapping[str, Any], key: str, default: float) -> float:
    """Return an option that is a number; ``default`` if it is left out or something else."""
    value = options.get(key)
    return default if isinstance(value, bool) or not isinstance(value, (int, float)) else value
