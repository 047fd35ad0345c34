"""Functions that a language model may call."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .verbs.spelling import one_of

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Tool", "Toolbox", "WrongArguments", "name_of"]


class WrongArguments(Exception):
    """The model calls a function that is not there, or as it cannot be called. The text is for the model to read."""


def name_of(function: Callable[..., Any]) -> str:
    """Return the name under which a function is known that was given no other. Raises :exc:`TypeError` without one."""
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        raise TypeError(f'a model calls functions by name, and {function!r} has none: give it one, tool("name", fn)')
    return str(name)


def _loosely(name: str) -> str:
    return name.replace("_", "").lower()


class Tool:
    """A function under the name by which a model calls it.

    Raises :exc:`TypeError` for what cannot be called with arguments by name alone.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"a tool needs a name, not {name!r}")
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"the tool {name} must be a plain function: nothing here awaits an async one")
        self.name = name
        self.function = function
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError) as error:
            raise TypeError(f"the tool {name} needs a function with known arguments, not {function!r}") from error
        for parameter in parameters:
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise TypeError(
                    f"the tool {name} gets its arguments by name, but {parameter.name} has none: it stands before a /"
                )
        self._takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        self._takes_session = any(p.name == "session" for p in named)
        named = [p for p in named if p.name != "session"]
        self._names = {**{_loosely(p.name): p.name for p in named}, **{p.name: p.name for p in named}}
        self._needed = [p.name for p in named if p.default is p.empty]

    def arguments(self, given: Mapping[str, Any], session: Session) -> dict[str, Any]:
        """Return the arguments as the function spells them: the model's, in camelCase or snake_case, and the session.

        Raises :exc:`WrongArguments`.
        """
        fitted: dict[str, Any] = {}
        for key, value in given.items():
            name = self._names.get(key) or self._names.get(_loosely(key))
            if name is None and not self._takes_all:
                takes = sorted({*self._names.values()})
                hint = f"; it takes {one_of(takes, 'and')}" if takes else ""
                raise WrongArguments(f"{self.name} has no argument {key}{hint}")
            name = name or key
            if name in fitted:
                raise WrongArguments(f"{self.name} got {name} twice")
            fitted[name] = value
        if self._takes_session:
            fitted["session"] = session
        missing = [name for name in self._needed if name not in fitted]
        if missing:
            raise WrongArguments(f"{self.name} needs {one_of(missing, 'and')}")
        return fitted


class Toolbox:
    """The functions a model may call: those of a service, or a session's own in front of them.

    Any thread may add to it. The call's own thread looks functions up.
    """

    def __init__(self, outer: Toolbox | None = None) -> None:
        self._outer = outer
        self._lock = threading.Lock()
        self._tools: dict[str, Tool] = {}

    def add(self, name: str, function: Callable[..., Any]) -> None:
        """Add a function, in place of one of that name. Raises :exc:`TypeError` as :class:`Tool` does."""
        tool = Tool(name, function)
        with self._lock:
            # A copy, since the call's thread may be looking through it.
            self._tools = {**self._tools, name: tool}

    def clear(self) -> None:
        """Forget its own functions."""
        with self._lock:
            self._tools = {}

    def __iter__(self) -> Iterator[str]:
        yield from self._tools
        if self._outer is not None:
            yield from self._outer

    def __bool__(self) -> bool:
        return bool(self._tools) or bool(self._outer)

    def find(self, name: object) -> Tool:
        """Return the function of this name. Raises :exc:`WrongArguments` if there is none."""
        tool = self._tools.get(name) if isinstance(name, str) else None
        if tool is not None:
            return tool
        if self._outer is not None:
            return self._outer.find(name)
        raise WrongArguments(f"there is no function {name}")
