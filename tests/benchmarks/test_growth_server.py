"""A server whose growth is measured."""

from __future__ import annotations

import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs /proc and the CPU clocks of Linux", allow_module_level=True)

from benchmarks.callers import Caller
from benchmarks.growth_server import GrowthServer
from tests.transport.peers import eventually


def test_server() -> None:
    """It holds a call by a descriptor, and the CPU that a turn takes is seen."""
    with GrowthServer("benchmarks.growth_application", "2") as server:
        with Caller(server.port, "call") as caller:
            server.settle()
            held, used = server.holds(), server.cpu()
            caller.speak()
            caller.listen()
            # The system counts it when the thread waits again.
            eventually(lambda: server.cpu() > used)
            caller.hang_up()
        server.settle()
        assert server.holds().descriptors < held.descriptors
        assert server.holds().memory > 1 << 20
