"""The end of a benchmark before its end, by Ctrl-C or by SIGTERM."""

from __future__ import annotations

import contextlib
import functools
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn, ParamSpec

__all__ = ["STOPPED", "stoppable"]

#: What is said then.
STOPPED = "\nstopped; half a measurement says nothing, so there is none"

_Arguments = ParamSpec("_Arguments")


class _Terminated(KeyboardInterrupt):
    """SIGTERM has come. Whatever lets go of something at Ctrl-C does so for this too."""


def stoppable(sentence: str = STOPPED) -> Callable[[Callable[_Arguments, int]], Callable[_Arguments, int]]:
    """Let a command end with a sentence when it is stopped, and with everything put away that it has started.

    ::

        @stoppable()
        def main(arguments: Sequence[str] | None = None) -> int:
            with GrowthServer("benchmarks.soak_application"):
                ...

    The exit status is 130 after Ctrl-C, 143 after SIGTERM.
    """

    def decorate(command: Callable[_Arguments, int]) -> Callable[_Arguments, int]:
        @functools.wraps(command)
        def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> int:
            try:
                with _terminable():
                    return command(*args, **kwargs)
            except KeyboardInterrupt as error:
                print(sentence, file=sys.stderr)
                return 128 + (signal.SIGTERM if isinstance(error, _Terminated) else signal.SIGINT)

        return run

    return decorate


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM raise."""

    def terminate(*_: object) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
