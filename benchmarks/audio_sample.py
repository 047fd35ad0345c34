"""What is measured of the servers that echo audio.

::

    measure({"ours": server}, streams=50, seconds=5.0, rounds=5)["ours"][0].p99
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .audio_callers import FRAME_SECONDS, calling, converse
from .audio_servers import EchoServer
from .measuring import interleaved
from .spread import quantile

__all__ = ["Sample", "measure"]


class Sample(NamedTuple):
    """What one server did in one round.

    ``p50`` and ``p99`` are of the delay of a frame, ``sent_late`` is the 99th percentile of the callers' own
    lateness, all in seconds; ``late`` is how many of the ``frames`` took longer than one lasts; ``cpu`` and
    ``callers_cpu`` are shares of a core.
    """

    p50: float
    p99: float
    longest: float
    late: int
    frames: int
    cpu: float
    sent_late: float
    callers_cpu: float


def measure(
    servers: Mapping[str, EchoServer],
    streams: int,
    seconds: float,
    rounds: int,
    *,
    each: Callable[[int], object] = lambda done: None,
) -> dict[str, list[Sample]]:
    """Let so many callers speak to each server for so many seconds, in each of the rounds; return what came of it."""

    def contestant(server: EchoServer) -> Callable[[], Sample]:
        return lambda: _sample(server, streams, seconds)

    return interleaved({name: contestant(server) for name, server in servers.items()}, rounds, each=each)


def _sample(server: EchoServer, streams: int, seconds: float) -> Sample:
    with calling(server.port, streams) as callers:
        cpu = server.cpu()
        spoken = converse(callers, seconds)
        cpu = server.cpu() - cpu
    delays = sorted(spoken.delays)
    return Sample(
        quantile(delays, 0.5),
        quantile(delays, 0.99),
        delays[-1],
        sum(delay > FRAME_SECONDS for delay in delays),
        len(delays),
        cpu / seconds,
        quantile(sorted(spoken.lateness), 0.99),
        spoken.cpu / seconds,
    )
