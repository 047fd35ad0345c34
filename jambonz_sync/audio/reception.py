"""Where a connection becomes an audio stream, which is held on the thread that brought it.

::

    hold(service, AudioArrival(sock, framing, rest), "/audio", find_session=lambda call_sid: sessions.get(call_sid))
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ..call_log import CallLog
from ..live_calls import Door
from ..wording import STOPPING
from . import wording
from .channel import AudioLine, Channel
from .core import AudioCore
from .metadata import Metadata, parse_metadata
from .service import AudioService
from .stream import AudioStream

if TYPE_CHECKING:
    from ..session import Session

__all__ = ["ArrivingAudio", "hold"]

#: A connection that has carried no message for so long carries none.
_GHOST_AFTER = 10.0

FindSession = Callable[[str], "Session | None"]


class ArrivingAudio(Door, Protocol):
    """A new connection for audio: an :class:`~.link.AudioArrival`, or what stands in for one."""

    def first_message(self, timeout: float) -> str | bytes | None:
        """Wait so many seconds for the first message; ``None`` if none comes."""
        ...

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection: nobody takes it."""

    def connect(self, channel: Channel, /, *, ping: bool = True) -> AudioLine:
        """Make the line, which will deliver the first message too. Called under the channel's lock."""
        ...


def _nobody(call_sid: str) -> Session | None:
    return None


def _nowhere(metadata: Metadata) -> bool:
    return False


def hold(
    service: AudioService,
    arrival: ArrivingAudio,
    path: str,
    *,
    find_session: FindSession = _nobody,
    hand_over: Callable[[Metadata], bool] = _nowhere,
    logger: logging.Logger | None = None,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Hold the stream that a connection brings, on the thread that calls this, until it is over.

    ``find_session`` returns the session of a call sid; ``hand_over`` tells whether somebody else has taken the
    connection, whose metadata it gets; ``now`` is the clock of the stream and of its line.
    """
    log = CallLog(logger or logging.getLogger("jambonz_sync"), {})
    if not service.expect(arrival):
        # jambonz makes no second attempt, so it had better be told.
        arrival.turn_away(1001, STOPPING)
        return
    try:
        first = arrival.first_message(_GHOST_AFTER)
    finally:
        service.forget(arrival)
    if first is None:
        log.info("an audio connection to %s ended before it began", path)
        arrival.turn_away(1000, "no message came")
        return
    metadata = parse_metadata(first)
    log.extra = {"call_sid": metadata.get("callSid")}
    if hand_over(metadata):
        log.info("handed the audio over to the process that holds the call")
        return
    _hold(service, arrival, path, metadata, isinstance(first, str), find_session, log, now)


def _hold(
    service: AudioService,
    arrival: ArrivingAudio,
    path: str,
    metadata: Metadata,
    expects_facts: bool,
    find_session: FindSession,
    log: CallLog,
    now: Callable[[], float],
) -> None:
    blocks = service.when_late == "block"
    core = AudioCore(metadata, max_lag=service.max_lag, blocks=blocks, playout_rate=service.playout_rate)
    channel = Channel(core, log, blocks=blocks, now=now, expects_facts=expects_facts)
    stream = AudioStream(channel, service, path, find_session)
    began = now()
    # Each step is done whatever becomes of those before it: a thread or a descriptor depends on it.
    with contextlib.ExitStack() as end:
        if not service.add(stream):
            arrival.turn_away(1001, STOPPING)
            return
        end.callback(service.remove, stream)
        # A peer that is not read from has no chance to answer.
        channel.attach(lambda channel: arrival.connect(channel, ping=not blocks))
        end.callback(stream.told_end)
        end.callback(channel.finish)
        rate, mix = metadata.sample_rate, metadata.get("mixType", "mono")
        log.info("audio begins on %s: %d samples per second, %s", path, rate, mix)
        handler = service.handler
        if handler is None:
            log.error("%s", wording.nobody_listens(service.path))
        else:
            stream.live(handler)
    reason = "closed" if core.ending is None else core.ending.reason or f"close code {core.ending.code}"
    log.info("audio ended after %.1f s: %s", now() - began, reason)
