"""How late audio comes back from an application that echoes it, beside npm ``ws``, which echoes the same.

::

    $ python -m benchmarks.audio
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .audio_callers import FRAME_SECONDS
from .audio_sample import Sample, measure
from .audio_servers import NODE, OURS, PLAIN, EchoServer, commands, node
from .audio_table import render
from .command import STOPPED, Progress, seconds_from, whole_number, whole_numbers, write_json
from .machine import facts, pinned
from .side import NotInstalled

__all__ = ["main"]

_DESCRIPTION = f"""\
Hold audio streams, all at once, on each of which a caller sends 50 frames of 20 ms a second (L16 of 8 kHz, 320 bytes),
and measure how long each frame takes until it is back. Three servers echo frames, in turn, on one core; the callers
are on another:

  {OURS}  an audio service with `for frame in stream: stream.send_audio(frame)`
  {NODE}       npm ws with `connection.send(data)` for each message; left out where Node or npm is missing
  {PLAIN}    a loop that sends back the bytes that come: what the system takes, and the callers themselves
"""
_EPILOG = """\
delay is from when a frame was sent until it was back; late frames took more than 20 ms. CPU is that of the server, as a
share of one core. sent late is by how much later than it was due a frame was sent, which is the callers' own fault:
where that, or the delay of the plain echo, comes near a server's delay, the machine was too busy for the figure to say
anything of the server.

The table goes to stdout, progress to stderr. The exit status is 0 whatever the figures are; 1 if FILE cannot be
written; 2 if the system lacks what this needs or the command line is wrong; 130 after Ctrl-C. Linux only.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audio",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--streams",
        type=whole_numbers(50),
        default=[50],
        metavar="N,N",
        help="streams at once (default: 50); 26,50,100: a curve",
    )
    parser.add_argument(
        "--seconds",
        type=seconds_from(FRAME_SECONDS),
        default=5.0,
        metavar="S",
        help="how long each sample speaks (default: %(default)g)",
    )
    parser.add_argument(
        "--rounds", type=whole_number(50), default=5, metavar="N", help="samples of each server (default: %(default)s)"
    )
    parser.add_argument("--output", type=pathlib.Path, metavar="FILE", help="write all samples there as JSON")
    options = parser.parse_args(arguments)
    if not sys.platform.startswith("linux"):
        print("python -m benchmarks.audio: it needs epoll and the CPU clocks of Linux", file=sys.stderr)
        return 2
    servers, versions = _servers()
    progress = Progress(options.rounds)
    try:
        with _serving(servers) as (running, cores):
            samples = {
                streams: measure(
                    running, streams, options.seconds, options.rounds, each=progress.part(f"{streams} streams")
                )
                for streams in options.streams
            }
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return 130
    finally:
        progress.end()
    measured: dict[str, Any] = facts(["jambonz-sync", "simple-websocket", "wsproto"], cores[0])
    measured["packages"].update(versions)
    measured.update(callers_on_core=cores[1], rounds=options.rounds, seconds=options.seconds)
    print(render(samples, measured))
    return 0 if options.output is None else _write(options.output, samples, measured)


def _servers() -> tuple[dict[str, Sequence[str]], Mapping[str, object]]:
    servers = commands()
    try:
        command, versions = node()
    except NotInstalled as error:
        print(f"{NODE} is left out: {error}", file=sys.stderr)
        return servers, {}
    return {**servers, NODE: command}, versions


@contextlib.contextmanager
def _serving(
    servers: Mapping[str, Sequence[str]],
) -> Iterator[tuple[dict[str, EchoServer], tuple[int | None, int | None]]]:
    """Have the servers up, all on one core, and this process on another; give the numbers of the two cores."""
    allowed = os.sched_getaffinity(0)
    with contextlib.ExitStack() as stack:
        with pinned() as core:
            running = {name: stack.enter_context(EchoServer(command)) for name, command in servers.items()}
        others = allowed - {core}
        if core is not None and others:
            os.sched_setaffinity(0, {max(others)})
            stack.callback(os.sched_setaffinity, 0, allowed)
        # With one core for both, the callers are in the way of the servers.
        yield running, (core, max(others) if core is not None and others else None)


def _write(path: pathlib.Path, samples: Mapping[int, Mapping[str, Sequence[Sample]]], measured: object) -> int:
    each = [
        {"streams": streams, "server": name, "round": number, **one._asdict()}
        for streams, by_server in samples.items()
        for name, taken in by_server.items()
        for number, one in enumerate(taken)
    ]
    return write_json(path, {"measured": measured, "samples": each})


if __name__ == "__main__":
    sys.exit(main())
