"""Functions that are registered by name with what serves a path."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

__all__ = ["Registration"]


class _Subject(Protocol):
    """What functions are called with: a session, a stream."""

    @property
    def log(self) -> logging.Logger | logging.LoggerAdapter[logging.Logger]: ...


class Registration:
    """The functions of one service, by the names under which there may be one; a second takes the first one's place.

    ``owner`` is what to call the service in a sentence: ``a service``. ``elsewhere`` says where other names belong.

    Threads. Changed before anything is served; whoever serves only reads.
    """

    def __init__(self, owner: str, names: Sequence[str], elsewhere: str) -> None:
        self._owner = owner
        self._names = names
        self._elsewhere = elsewhere
        self._functions: dict[str, Callable[..., Any]] = {}

    def get(self, name: str) -> Callable[..., Any] | None:
        """Return the function of this name, or ``None``."""
        return self._functions.get(name)

    def on(self, name: str, fn: Any = None) -> Any:
        """Register a function and return it; without one, return a decorator that does.

        Raises :exc:`ValueError` for an unknown name, :exc:`TypeError` for what is no function.
        """
        if name not in self._names:
            raise ValueError(f"{self._owner} has no {name!r}; it has {', '.join(self._names)}. {self._elsewhere}")
        if fn is None:
            return lambda function: self.on(name, function)
        if not callable(fn):
            raise TypeError(f"on({name!r}) needs a function, not {fn!r}")
        self._functions[name] = fn
        return fn

    def report_error(self, subject: _Subject, error: BaseException, complaint: str) -> None:
        """Tell the function for ``error``, if there is one; if that raises itself, log ``complaint``."""
        function = self.get("error")
        if function is None:
            return
        try:
            function(subject, error)
        except Exception:
            subject.log.exception("%s", complaint)
