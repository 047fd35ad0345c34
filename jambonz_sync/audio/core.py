"""One audio connection as a state machine: messages in, audio and events and messages out.

::

    core = AudioCore(parse_metadata(first), max_lag=10.0)
    core.receive(bytes(320))
    core.receive('{"event": "dtmf", "dtmf": "5", "duration": "1600"}')
    assert core.take({"dtmf"}).digit == "5"

No socket, no thread, no clock: the time is :attr:`AudioCore.now`, which whoever calls sets before.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import NamedTuple

from ..protocol.call_state import Notice
from . import commands, wording
from .clips import Clips
from .event import AudioEvent, BadEvent, parse_event
from .inflow import Inflow
from .marks import Marks
from .metadata import Metadata
from .outflow import Outflow
from .samples import SAMPLE_BYTES

__all__ = ["AudioCore", "Ending"]

#: So many events are kept for whoever may still want them.
_MOST_EVENTS = 1_000

#: How often at most the same is complained of, in seconds.
_AGAIN_AFTER = 10.0


class Ending(NamedTuple):
    """How the connection ended: the close code and the reason."""

    code: int
    reason: str


class AudioCore:
    """The state of one connection.

    * ``max_lag``: how many seconds of unread audio are kept
    * ``blocks``: whether whoever reads the socket stops when there is that much, as far as it can
    * ``playout_rate``: samples per second of what is streamed to jambonz
    """

    def __init__(
        self, metadata: Metadata, *, max_lag: float, blocks: bool = False, playout_rate: int | None = None
    ) -> None:
        self.now = 0.0
        self.metadata = metadata
        frame_bytes = SAMPLE_BYTES * metadata.channels
        self.inflow = Inflow(
            bytes_per_second=metadata.sample_rate * frame_bytes,
            frame_bytes=frame_bytes,
            max_lag=max_lag,
            blocks=blocks,
        )
        self.clips = Clips()
        self.marks = Marks()
        self.outflow = Outflow(playout_rate or metadata.sample_rate)
        #: What is to be sent, in order.
        self.outbox: list[str | bytes] = []
        #: How the connection ended, once it has.
        self.ending: Ending | None = None
        #: The same, or how this side has closed it already: since then nothing is sent.
        self.over: Ending | None = None
        #: Whether the handler waits for something else than audio, and so is not slow.
        self.waits = False
        #: What there is to say to the log.
        self.notices: list[Notice] = []
        self._events: list[AudioEvent] = []
        self._said: dict[str, float] = {}
        # Bytes that were dropped and not yet complained of.
        self._dropped = 0
        # The one method by which anything was sent yet.
        self._mode = ""
        #: Whether audio is streamed to jambonz, and not sent in clips.
        self.streams = False
        self._clip_number = 0
        if metadata.fault is not None:
            self.notices.append(Notice(logging.WARNING, metadata.fault))

    # From jambonz

    def receive(self, message: str | bytes) -> None:
        """Take in a message."""
        if isinstance(message, bytes):
            self._hear(message)
            return
        try:
            event = parse_event(message)
        except BadEvent as fault:
            self.complain("bad", logging.WARNING, wording.bad_message(str(fault), message[:200]))
            return
        if event.name == "playDone" and not self.clips.done(event):
            return
        if event.name == "mark" and not self.marks.came(event.get("mark"), event.get("event")):
            return
        self._events.append(event)
        if len(self._events) > _MOST_EVENTS:
            del self._events[0]
            self.complain("events", logging.WARNING, wording.too_many_events(_MOST_EVENTS))

    def _hear(self, data: bytes) -> None:
        self._dropped += self.inflow.put(data)
        # Who does not read is not slow: it only speaks.
        if not self.inflow.is_heard:
            self._dropped = 0
        elif self.waits:
            # It is told of what it has missed when it reads on.
            return
        elif self._dropped:
            self._complain_of_dropped()
        elif self.inflow.is_late:
            self.complain("lag", logging.WARNING, wording.lagging(self.inflow.lag), locate=True)

    def _complain_of_dropped(self) -> None:
        seconds = self._dropped / self.inflow.bytes_per_second
        if self.complain("dropped", logging.WARNING, wording.dropped_audio(seconds), locate=True):
            self._dropped = 0

    def closed(self, code: int, reason: str) -> None:
        """The connection is over."""
        if self.ending is None:
            self.over = self.ending = Ending(code, reason)
            if self._dropped:
                # Else nobody would be told, if there was a complaint a moment ago.
                self._said.pop("dropped", None)
                self._complain_of_dropped()
            self.outbox.clear()
            self.clips.end()
            self.marks.forget()

    def complain(self, about: str, level: int, text: str, *, locate: bool = False) -> bool:
        """Note something for the log, unless the same was complained of a moment ago; return whether it was noted."""
        if self.now - self._said.get(about, -_AGAIN_AFTER) < _AGAIN_AFTER:
            return False
        self._said[about] = self.now
        self.notices.append(Notice(level, text, locate))
        return True

    # For the application

    def take(self, names: Collection[str]) -> AudioEvent | None:
        """Remove and return the first event that has one of ``names``, or ``None``."""
        for place, event in enumerate(self._events):
            if not event.names.isdisjoint(names):
                del self._events[place]
                return event
        return None

    def use(self, method: str) -> str:
        """Return why this method of sending is of no use on this connection; ``""`` if it is."""
        if self._mode not in ("", method):
            return wording.mixed_modes(method, self._mode)
        self._mode = method
        self.streams = method == "send_audio"
        return ""

    def next_clip_id(self) -> str:
        """Return a name for a clip."""
        self._clip_number += 1
        return f"clip-{self._clip_number}"

    def kill_audio(self) -> None:
        """Have nothing heard any more of what was sent."""
        if self.streams:
            self.outflow.kill(self.now)
            self.send(commands.KILL_AUDIO)
        else:
            # Often there is nothing to kill any more, which nobody can know.
            self.send(*(self.clips.hush(self.now) or [commands.KILL_AUDIO]))

    def lose_marks(self) -> None:
        """The marks that are outstanding do not come back."""
        self.complain("marks", logging.WARNING, wording.marks_lost(len(self.marks)))
        self.marks.forget()

    def close(self, code: int, reason: str) -> None:
        """This side closes the connection. What jambonz sends until it has closed its own still comes."""
        if self.over is None:
            self.over = Ending(code, reason)

    def disconnect(self) -> None:
        """Have jambonz end the listening."""
        self.send(commands.DISCONNECT)

    def send(self, *messages: str | bytes) -> None:
        """Have messages sent, unless the connection is over."""
        if self.over is None:
            self.outbox += messages
