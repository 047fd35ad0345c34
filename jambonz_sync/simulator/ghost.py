"""What may be left of a connection when the call is over: one on which nothing is ever said.

::

    haunt(link, due, clock, transcript)
"""

from __future__ import annotations

import functools

from .clock import Clock
from .reconnecting import Link, pause
from .transcript import Transcript
from .wire import CannotConnect, any_arrives

__all__ = ["haunt"]

#: How long the simulator keeps the connection; jambonz never closes it.
_SECONDS = 30.0


def haunt(link: Link, due: float, clock: Clock, transcript: Transcript) -> None:
    """Make the attempt to connect that was due when the call ended, say nothing, and see what the application does."""
    clock.application_moves(False)
    pause(clock, due - clock.now())
    try:
        connection = link.connect()
    except CannotConnect as error:
        transcript.add("note", f"{error}; the call is over")
        return
    transcript.add("note", "jambonz has connected again, though the call is over, and says nothing")
    try:
        end = clock.now() + _SECONDS
        while connection.closed is None and clock.now() < end:
            clock.wait(functools.partial(any_arrives, [connection]), end)
            if connection.wait(0):
                connection.read()
        if connection.closed is None:
            transcript.add("note", f"the application has left the silent connection open for {_SECONDS:g} s")
        else:
            transcript.add("note", f"the application has closed the silent connection with {connection.closed.code}")
    finally:
        connection.abort()
