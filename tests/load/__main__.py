"""Put a thousand calls through every server.

.. code-block:: console

    $ python -m tests.load
    $ python -m tests.load --calls 5000 --only gthread,gevent

Each server is a process of its own; the callers are all in this one. Calls must not be lost, the servers' logs must
hold no line above INFO and their access logs one for each call, and no thread or descriptor may be left over. The exit
status is 0 if it is so, 1 if not, and 2 if no server is called that.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
import time
from collections.abc import Sequence

import pytest

from tests.hosting.kinds import KINDS, Kind
from tests.load.trial import Trial

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run, as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1000, help="calls through each server (default: 1000)")
    parser.add_argument("--at-once", type=int, default=50, help="how many of them at a time (default: 50)")
    parser.add_argument("--crowd", type=int, default=200, help="calls after that, all up together (default: 200)")
    parser.add_argument("--only", metavar="NAMES", default="", help="parts of the servers' names, with commas between")
    options = parser.parse_args(argv)
    words = options.only.split(",")
    kinds = [kind for name, kind in KINDS.items() if any(word in name for word in words)]
    if not kinds:
        print(f"no server is called {options.only}; there are: {', '.join(KINDS)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    failed = [kind.name for kind in kinds if not _try(kind, options)]
    print(f"{len(kinds)} servers in {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _try(kind: Kind, options: argparse.Namespace) -> bool:
    print(kind.name, flush=True)
    # Some to spare: the thread of a call that is over is free a moment after its caller knows.
    threads = 2 * max(options.at_once, options.crowd)
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        trial = Trial(kind, pathlib.Path(folder), threads, lambda text: print(text, flush=True))
        try:
            faults = trial.run(options.calls, options.at_once, options.crowd)
        except pytest.skip.Exception as reason:
            print(f"  skipped: {reason}")
            return True
        except pytest.fail.Exception as reason:
            faults = [str(reason)]
    for fault in faults:
        print(f"  {fault}")
    return not faults


if __name__ == "__main__":
    sys.exit(main())
