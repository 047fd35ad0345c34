"""A server whose growth is measured, in a process of its own."""

from __future__ import annotations

from .held_servers import HeldServer, Way

__all__ = ["GrowthServer"]


class GrowthServer(HeldServer):
    """A module that serves, up inside a ``with`` block.

    ::

        with GrowthServer("benchmarks.growth_application", "1000") as server:
            server.cpu()

    ``module``: it listens at the ``PORT`` of its environment, and answers ``/health``. ``arguments``: its own.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        super().__init__(Way(["-m", module, *arguments]), 0)
