"""Making a verb report its end."""

from __future__ import annotations

from ..protocol.hooks import HookKind, HookUse
from ..protocol.verb import Verb
from .registry import find

__all__ = ["with_action_hook"]


def with_action_hook(verb: Verb, hook: str) -> Verb:
    """Return the verb with ``hook`` as its action hook; unchanged if it has one, or is of a kind that takes none."""
    described = find(verb.name)
    if described is None or verb.action_hook is not None:
        return verb
    if not any(option.name == "action_hook" and option.hook is HookKind.ACTION for option in described.fields):
        return verb
    return Verb(verb.name, {**verb.options, "actionHook": hook}, (*verb.hooks, HookUse(hook, HookKind.ACTION)))
