"""The servers that hold calls to be measured."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks.callers import Caller
from benchmarks.held_servers import SERVERS, HeldServer, Way

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="it reads /proc")


@pytest.mark.parametrize("name", SERVERS)
def test_server(name: str) -> None:
    """Each holds a call, by a descriptor of the process that is looked at, and gives it back."""
    for module in SERVERS[name].needs:
        pytest.importorskip(module)
    # The first call brings with it what is there as long as there are any.
    with HeldServer(SERVERS[name], 10) as server, Caller(server.port, "first") as first:
        server.settle()
        before = server.holds()
        with Caller(server.port, "second") as caller:
            server.settle()
            assert server.holds().descriptors == before.descriptors + 1
            for _ in range(3):
                caller.speak()
                caller.listen()
            caller.hang_up()
        server.settle()
        assert server.holds().descriptors == before.descriptors
        assert server.cpu() > 0
        first.hang_up()


def test_server_that_does_not_start() -> None:
    """What it has said is in the error."""
    broken = Way(["-c", "raise SystemExit('no luck today')"])
    with pytest.raises(RuntimeError, match="no luck today"), HeldServer(broken, 1):
        pass
