"""How late audio comes back from an application that echoes it, beside npm ``ws``, which echoes the same.

::

    $ python -m benchmarks.audio
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .audio_callers import FRAME_SECONDS
from .audio_sample import Sample, measure
from .audio_servers import NODE, OURS, PLAIN, EchoServer, commands, node
from .audio_table import render
from .command import HOW_IT_ENDS, Progress, on_linux, seconds_from, whole_number, whole_numbers, write_json
from .machine import apart, facts
from .side import NotInstalled
from .stopping import stoppable

__all__ = ["main"]

_PROG = "python -m benchmarks.audio"
_DESCRIPTION = f"""\
Hold audio streams, all at once, on each of which a caller sends 50 frames of 20 ms a second (L16 of 8 kHz, 320 bytes),
and measure how long each frame takes until it is back. Three servers echo frames, in turn, on one core; the callers
are on another:

  {OURS}  an audio service with `for frame in stream: stream.send_audio(frame)`
  {NODE}       npm ws with `connection.send(data)` for each message; left out where Node or npm is missing
  {PLAIN}    a loop that sends back the bytes that come: what the system takes, and the callers themselves
"""
_EPILOG = f"""\
delay is from when a frame was sent until it was back; late frames took more than 20 ms. CPU is that of the server, as a
share of one core. sent late is by how much later than it was due a frame was sent, which is the callers' own fault:
where that, or the delay of the plain echo, comes near a server's delay, the machine was too busy for the figure to say
anything of the server.

{HOW_IT_ENDS}"""


@stoppable()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=_PROG,
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
    if not on_linux(_PROG):
        return 2
    servers, versions = _servers()
    progress = Progress(options.rounds)
    try:
        with apart() as (core, own), contextlib.ExitStack() as stack:
            running = {name: stack.enter_context(EchoServer(command, core)) for name, command in servers.items()}
            samples = {
                streams: measure(
                    running, streams, options.seconds, options.rounds, each=progress.part(f"{streams} streams")
                )
                for streams in options.streams
            }
    finally:
        progress.end()
    measured: dict[str, Any] = facts(["jambonz-sync", "simple-websocket", "wsproto"], core)
    measured["packages"].update(versions)
    measured.update(callers_on_core=own, rounds=options.rounds, seconds=options.seconds)
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
