"""What was measured of echoed audio, for people to read: ours against Node first, then all the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .audio_sample import Sample
from .audio_servers import NODE, OURS
from .spread import Spread, ratios
from .table import columns, placed, quantity

__all__ = ["render"]

#: What is compared, as it is called.
_COMPARED = {"p50": "delay, p50", "p99": "delay, p99", "cpu": "CPU"}


def render(samples: Mapping[int, Mapping[str, Sequence[Sample]]], measured: Mapping[str, Any]) -> str:
    """Return the tables, and what they were measured on.

    ``samples`` are those of the rounds, by the number of streams and by the name of the server; ``measured`` is as
    :func:`benchmarks.machine.facts` has it, with ``rounds``, ``seconds`` and ``callers_on_core``.
    """
    parts = []
    if any(NODE in by_server for by_server in samples.values()):
        parts.append(f"{OURS} divided by {NODE}: medians of the ratios within each round; less is better")
        parts.append(_ratios(samples))
        parts.append("What they are made of, and what else was measured: medians of the rounds; late of all rounds")
    else:
        parts.append("How late audio comes back: medians of the rounds; late of all rounds")
    return "\n\n".join(
        [*parts, _figures(samples), placed(measured, measured["callers_on_core"], same="the callers", apart="callers")]
    )


def _ratios(samples: Mapping[int, Mapping[str, Sequence[Sample]]]) -> str:
    rows = [["streams", "", "ratio", "half of them in"]]
    for streams, by_server in samples.items():
        for field, name in _COMPARED.items():
            ours, theirs = ([getattr(one, field) for one in by_server[server]] for server in (OURS, NODE))
            ratio = Spread.of(ratios(ours, theirs))
            middle = f"{quantity(ratio.low, '', ratio.median)} … {quantity(ratio.high, '', ratio.median)}"
            rows.append([f"{streams:,}", name, quantity(ratio.median, ""), middle])
    return columns(rows, right={0, 2, 3})


def _figures(samples: Mapping[int, Mapping[str, Sequence[Sample]]]) -> str:
    rows = [["streams", "", "p50", "p99", "longest", "late", "CPU", "sent late, p99", "callers' CPU"]]
    for streams, by_server in samples.items():
        for name, taken in by_server.items():
            late, frames = sum(one.late for one in taken), sum(one.frames for one in taken)
            rows.append(
                [
                    f"{streams:,}",
                    name,
                    *(_median(taken, field) for field in ("p50", "p99", "longest")),
                    f"{late:,} of {frames:,}",
                    _share(taken, "cpu"),
                    _median(taken, "sent_late"),
                    _share(taken, "callers_cpu"),
                ]
            )
    return columns(rows, right={0, *range(2, 9)})


def _median(taken: Sequence[Sample], field: str) -> str:
    return quantity(Spread.of(getattr(one, field) for one in taken).median, "s")


def _share(taken: Sequence[Sample], field: str) -> str:
    return f"{Spread.of(getattr(one, field) for one in taken).median:.1%}"
