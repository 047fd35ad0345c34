"""One server under load, and what is looked at afterwards."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable, Iterable, Iterator

from tests.hosting.kinds import Kind
from tests.hosting.light_calls import Crowd, echo_call
from tests.hosting.process import Program, eventually
from tests.hosting.servers import Server, start
from tests.scenarios.light_client import Story, drive

__all__ = ["Trial"]

TURNS = ("good morning", "the kettle is on", "nine green bottles")

#: Faults of one sort come by the hundred.
_SHOWN = 3


class Trial:
    """A server of a kind, and the calls that are put through it.

    ``folder``: for the server's files. ``threads``: how many calls it can hold at once. ``say``: told of progress.
    """

    def __init__(self, kind: Kind, folder: pathlib.Path, threads: int, say: Callable[[str], None]) -> None:
        self._kind = kind
        self._folder = folder
        self._threads = threads
        self._say = say
        self._calls = 0
        self._lost: list[str] = []

    def run(self, calls: int, at_once: int, crowd: int) -> list[str]:
        """Put ``calls`` through, ``at_once`` at a time, and then ``crowd`` that are all up at the same time.

        Returns what was wrong: nothing, if all is well.
        """
        faults = []
        try:
            with start(self._kind, self._folder, threads=self._threads) as server:
                # It has made by then what it makes once, and keeps.
                self._put_through(server, "first", 1, 1)
                before = server.holds()
                self._put_through(server, "in turn", calls, at_once)
                self._put_through(server, "at once", crowd, crowd, Crowd(crowd))
                server.returns_to(before)
                self._expect_in_access_logs(server)
        except AssertionError as fault:
            faults.append(str(fault))
        lost = [f"{len(self._lost)} calls of {self._calls} were lost"] if self._lost else []
        return [*lost, *self._lost[:_SHOWN], *faults]

    def _put_through(self, server: Server, what: str, calls: int, at_once: int, crowd: Crowd | None = None) -> None:
        began = time.monotonic()
        stories = (echo_call(server, f"{what}-{number}", TURNS, crowd) for number in range(calls))
        drive(self._counted(stories), at_once=at_once)
        seconds = time.monotonic() - began
        self._calls += calls
        if calls > 1:
            self._say(f"  {calls:>5} calls, {at_once} at once: {seconds:.1f} s")

    def _counted(self, stories: Iterable[Story]) -> Iterator[Story]:
        for story in stories:
            yield self._count(story)

    def _count(self, story: Story) -> Story:
        try:
            yield from story
        except (AssertionError, OSError) as fault:
            self._lost.append(f"a call was lost: {fault}")

    def _expect_in_access_logs(self, server: Server) -> None:
        logs = {self._kind.name: server.program} if self._kind.logs_access else {}
        if server.nginx is not None:
            logs["nginx"] = server.nginx
        for name, log in logs.items():

            def what(name: str = name, log: Program = log) -> str:
                lines = log.accessed(101)
                return f"the access log of {name} has {lines} lines with 101, and there were {self._calls} calls"

            # A line is written a moment after the caller has heard the end.
            eventually(lambda log=log: log.accessed(101) == self._calls, what)
