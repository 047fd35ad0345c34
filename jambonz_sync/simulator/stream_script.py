"""What becomes of the connections to the vendor that speaks streamed text.

::

    SimulatedCall(url, streams=[StreamFails(), StreamConnects(after=2)])
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["StreamConnects", "StreamFails", "StreamOutcome"]


@dataclass(frozen=True)
class StreamConnects:
    """The vendor of streaming speech takes the connection.

    ::

        StreamConnects(after=2)

    ``after``: how many seconds that takes.
    """

    after: float = 0.3


@dataclass(frozen=True)
class StreamFails:
    """The vendor of streaming speech refuses the connection.

    ::

        StreamFails()

    ``after``: how many seconds that takes.
    """

    after: float = 0.3


StreamOutcome = StreamConnects | StreamFails
