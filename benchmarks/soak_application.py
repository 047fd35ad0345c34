"""The application of :mod:`.soak`: it repeats what is said, hangs up when that is goodbye, and sends audio back.

::

    $ PORT=3000 python -m benchmarks.soak_application

A page at ``/state`` tells what it holds; ``/state?collected`` does so when the garbage has been collected, and memory
that nothing is in has been given back to the system.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from jambonz_sync import Session, create_endpoint

from .audio_application import echo

__all__ = ["main"]


def answer(session: Session) -> None:
    """Ask, and repeat what was said."""
    session.gather(input=["speech"], action_hook="/heard", timeout=15).send()
    while True:
        said = session.wait_for("/heard").transcript
        session.say(f"You said {said}.")
        if said == "goodbye":
            session.hangup().reply()
            return
        session.gather(input=["speech"], action_hook="/heard", timeout=15).reply()


def _give_back() -> None:
    # glibc keeps what lies between blocks that are in use, in a pool for each of some threads. Not every system has it.
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def main() -> None:
    """Listen until SIGTERM."""

    def state(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["QUERY_STRING"]:
            gc.collect()
            _give_back()
        counters = endpoint.counters
        told = {
            "objects": len(gc.get_objects()),
            "blocks": sys.getallocatedblocks(),
            "started": counters.started,
            "live": counters.live,
            "reconnects": counters.reconnects,
            "ended": dict(counters.ended),
        }
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    endpoint = create_endpoint(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")), fallback=state)
    endpoint.make_service("/app").on("session:new", answer)
    endpoint.make_audio_service("/voices").on("connection", echo)
    endpoint.serve_forever(drain=0.0)


if __name__ == "__main__":
    main()
