"""A server whose growth is measured, in a process of its own: what it holds and uses, to the microsecond."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Iterator

from .held_servers import HeldServer, Way
from .server_process import ServerProcess, free_port

__all__ = ["GrowthServer", "many_descriptors"]


class GrowthServer(HeldServer):
    """A module that serves, up inside a ``with`` block.

    ::

        with GrowthServer("benchmarks.growth_application", "1000") as server:
            server.cpu()

    ``module``: it listens at the ``PORT`` of its environment, and answers ``/health``. ``arguments``: its own.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._way = Way(["-m", module])
        # Not that of a held server, which is one of those that have a name.
        ServerProcess.__init__(self, [sys.executable, *self._way.command, *arguments], free_port())

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far, on all its threads."""
        # What clock_getcpuclockid(3) returns on Linux. The hundredths in /proc would be coarse for a few turns.
        return time.clock_gettime(~self._process.pid << 3 | 2)


@contextlib.contextmanager
def many_descriptors() -> Iterator[None]:
    """Allow as many descriptors as the system lets us have; servers that are started meanwhile inherit that."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
