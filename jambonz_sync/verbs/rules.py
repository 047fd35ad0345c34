"""Rules across options: what no single option's description can say.

::

    @rule(DialOptions)
    def _captured_keys_need_a_hook(given: Mapping[str, Any], run: Run) -> None:
        if "dtmfHook" in given and "dtmfCapture" not in given:
            run.warn("is never asked without dtmf_capture", "dtmf_hook")

A rule stands beside the ``TypedDict`` it is about. It is called with the object when every option in it is valid,
under the names of the wire. It raises :class:`~.fault.Fault` for what jambonz would refuse or break on, and leaves a
warning with the run for what merely has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..protocol.hooks import HookUse
from .notice import Notice
from .versions import too_new

__all__ = ["Rule", "Run", "rule", "rules_of"]


class Run:
    """What is known, and what is found, while one verb is checked."""

    __slots__ = ("hooks", "notices", "strict", "version")

    def __init__(self, strict: bool, version: tuple[int, ...] | None) -> None:
        self.strict = strict
        self.version = version
        self.hooks: list[HookUse] = []
        self.notices: list[Notice] = []

    def lacks(self, since: str) -> bool:
        """Return whether the server is known to be older than this version."""
        return too_new(since, self.version)

    def may_lack(self, since: str) -> bool:
        """Return whether the server is older than this version, for all that is known."""
        return self.version is None or too_new(since, self.version)

    def warn(self, text: str, leaf: str | None = None) -> None:
        """Have a warning logged once the whole verb has been found valid; see :class:`~.notice.Notice`."""
        self.notices.append(Notice(text, leaf))


Rule = Callable[[Mapping[str, Any], Run], None]

# Filled while the modules of the verbs are imported, and only read after that.
_rules: dict[type, tuple[Rule, ...]] = {}


def rule(*described: type) -> Callable[[Rule], Rule]:
    """Attach the function below to the objects that these ``TypedDict`` describe."""

    def attach(function: Rule) -> Rule:
        for typed in described:
            _rules[typed] = (*_rules.get(typed, ()), function)
        return function

    return attach


def rules_of(described: type) -> tuple[Rule, ...]:
    """Return the rules of an object, in the order in which they stand in the file."""
    return _rules.get(described, ())
