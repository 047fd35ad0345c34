"""Where connections become calls: whose call a connection is for, and the life of that call on its thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .call_log import CallLog
from .conversation import Conversation, Line
from .counters import Tally
from .how_ended import how_ended
from .live_calls import Door, LiveCalls, return_name
from .protocol.call import Call
from .protocol.message import BadMessage, Message, parse
from .redaction import one_line
from .service import Service
from .session import Session
from .settings import Settings
from .wire_recording import Recordings
from .wording import STOPPING

__all__ = ["Address", "Arriving", "HandOver", "Reception"]

#: A connection that has carried no message for so long is a ghost: jambonz opens one when a call ends while it
#: reconnects, and never sends anything on it.
_GHOST_AFTER = 10.0
#: A call that was placed by REST rings no longer than that before its session begins, in seconds.
_LONGEST_RINGING = 600.0
#: How long jambonz is granted to end a call that it was told to, where nothing else is to come of it, in seconds.
_FAREWELL = 10.0
#: How long those that came before are given to say whose they are, where jambonz has come back for a call that nobody
#: knows, in seconds. It waits 5 for the answer, of which other processes may have taken some.
_LET_SPEAK = 1.0
_ASKED_LONG = 3.0
#: While calls are waited for at the end, this often a line tells how many there are, in seconds.
_TELL_EVERY = 5.0


class Arriving(Door, Protocol):
    """A new connection of which the first message will tell what it is for: :class:`~.transport.arrival.Arrival`, or
    what stands in for one."""

    def first_message(self, timeout: float) -> str | bytes | None:
        """Wait so many seconds for the first message; ``None`` if none comes."""
        ...

    def keep(self) -> None:
        """Be independent of the request that brought it: the call it is for is held by another one."""

    def turn_away(self, code: int, reason: str) -> None:
        """Close the connection: nobody takes it."""

    def connect(self, conversation: Conversation, /) -> Line:
        """Make the line, which will deliver the first message too. Called under the conversation's lock."""
        ...


class Address(NamedTuple):
    """What jambonz has connected to: a path, the service for it, and ``target``, the path with the query."""

    service: Service
    path: str
    target: str


class _Progress(NamedTuple):
    """What is done when a connection turns out to be that of a call: of one that rings, and of one that begins."""

    rings: Callable[[], None]
    begins: Callable[[], None]


#: See :class:`Reception`.
HandOver = Callable[[str, Address, Arriving], bool]


class Reception:
    """Takes connections in, and holds calls on the threads that bring them.

    ``hand_over(name, address, arrival)`` is tried for a connection on which jambonz has come back for a call that is
    not held here; it tells whether somebody else has taken it.
    """

    def __init__(self, settings: Settings, hand_over: HandOver = lambda name, address, arrival: False) -> None:
        #: The calls that are up.
        self.calls = LiveCalls()
        #: What is counted of them.
        self.tally = Tally()
        #: Where those that begin from now on are recorded; ``None`` for nowhere.
        self.recordings: Recordings | None = None
        self._settings = settings
        self._hand_over = hand_over

    def admit(
        self, address: Address, arrival: Arriving, now: Callable[[], float] = time.monotonic, *, alone: bool = False
    ) -> tuple[Conversation, Line] | None:
        """Hold the call that a connection is for, on the thread that calls this, until it is over.

        ``now`` is the clock of the call and of its lines. ``alone``: nobody else can do anything while this thread does
        not wait by that clock, so that there is no use in waiting for others.

        Where jambonz has come back for a call that another thread holds, the connection becomes that call's, and this
        returns at once with the two: the conversation and its new line.
        """
        place = self.calls.expect(arrival)
        if place is None:
            # The socket is closed without an answer: that, unlike an HTTP status, makes jambonz try again.
            return None
        # Plain statements here and below: an ExitStack has a kilobyte and a half, for as long as the call lasts.
        try:
            first = _parsed(arrival.first_message(_GHOST_AFTER))
            name = return_name(first, address.target)
            if first is not None and first.type == "session:reconnect":
                # Whoever stops the endpoint must not shut what is a call's connection in a moment.
                self.calls.forget(arrival)
                conversation, began = self.calls.find(name, address.service.path), time.monotonic()
                if conversation is None:
                    if self._hand_over(name, address, arrival):
                        log = self._settings.logger
                        log.info("handed the connection of call %s over to the process that holds it", name)
                        return None
                    if not alone and time.monotonic() - began < _ASKED_LONG:
                        self.calls.let_speak(place, _LET_SPEAK)
                    conversation = self.calls.find(name, address.service.path)
                if conversation is not None:
                    arrival.keep()
                line = None if conversation is None else conversation.attach(arrival.connect)
                if conversation is not None and line is not None:
                    self.tally.came_back()
                    return conversation, line
            progress = _Progress(lambda: self.calls.rings(arrival), lambda: self.calls.forget(arrival))
            self._hold(address, arrival, name, now, progress)
        finally:
            self.calls.forget(arrival)
        return None

    def drain(self, seconds: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """Let the calls that are up go on for so long, then end them with 1001; return when they have ended.

        After that jambonz comes back for them, to another process if this one listens no more. New calls are not
        taken meanwhile if nothing listens. ``hurry()``: whether to wait no longer.
        """
        until = time.monotonic() + seconds
        tell = seconds
        while (rest := until - time.monotonic()) > 0 and not hurry():
            if rest <= tell:
                tell -= _TELL_EVERY
                if len(self.calls):
                    self._settings.logger.info("%d calls are up, and may go on for %.0f s", len(self.calls), rest)
            if self.calls.wait_for_end(min(rest, 0.25)):
                break
        self.calls.close()
        for conversation in self.calls.all():
            conversation.close(1001, STOPPING)
        if not self.calls.wait_for_end(5.0):
            stuck = [conversation.where() for conversation in self.calls.all()]
            self._settings.logger.warning(
                "%d calls have not returned: their handlers are at %s", len(stuck), "; ".join(stuck)
            )

    def _hold(
        self, address: Address, arrival: Arriving, name: str, now: Callable[[], float], progress: _Progress
    ) -> None:
        log = CallLog(self._settings.logger, {})
        settings = self._settings
        call = Call(ack_timeout=settings.ack_timeout, reconnect_timeout=settings.reconnect_timeout)
        recordings = self.recordings
        conversation = Conversation(call, log, now, None if recordings is None else recordings.begin())
        # Before jambonz can know that it is: the call is found under its name from its first message on.
        if not self.calls.add(conversation, name, address.service.path):
            arrival.turn_away(1001, STOPPING)
            return
        # Each step is done whatever becomes of those before it: a thread or a descriptor depends on it.
        try:
            line = None
            try:
                line = conversation.attach(arrival.connect)
                assert line is not None
                self._hold_call(conversation, address, log, progress)
            finally:
                try:
                    # Also where there is no line: another thread may have brought a second, and wait for the first.
                    conversation.finish()
                finally:
                    if line is not None:
                        # The call may have gone on over another.
                        line.finish()
        finally:
            self.calls.remove(conversation, name)

    def _hold_call(self, conversation: Conversation, address: Address, log: CallLog, progress: _Progress) -> None:
        call = conversation.call
        if not _await_opening(conversation, progress):
            log.info("a connection to %s ended before a session began", address.path)
            return
        assert call.opening is not None
        log.extra = {"call_sid": call.call_sid}
        session = Session(conversation, address.service, address.path, address.target)
        # Other calls than new ones have been let in before, here or elsewhere.
        at_most = self._settings.max_calls if call.opening.type == "session:new" else None
        has_seat = self.calls.take_seat(conversation, at_most)
        self.tally.began(call)
        try:
            if has_seat:
                self._hold_session(session, conversation, address, log)
            else:
                log.warning("declined on %s: as many calls are up as max_calls allows", address.path)
                session.live(_decline, patience=_FAREWELL)
        finally:
            failed = session._failed_in is not None
            self.tally.ended(call, how_ended(call, declined=not has_seat, failed=failed))

    def _hold_session(self, session: Session, conversation: Conversation, address: Address, log: CallLog) -> None:
        call = conversation.call
        for fault in address.service.variables.faults(session.data.get("env_vars")):
            log.warning("%s", fault)
        name = self.calls.name(session)
        from_, to = one_line(session.from_), one_line(session.to)
        log.info("started on %s: %s from %s to %s", address.path, one_line(session.direction), from_, to)
        try:
            with address.service.surroundings(address.path):
                handler = _handler_for(session, call)
                if handler is None:
                    # Returning ends a call politely.
                    session.live(lambda session: None, patience=_FAREWELL)
                else:
                    session.live(handler)
        finally:
            self.calls.unname(name, session)
            reason = call.ending.reason if call.ending is not None else "the handler failed"
            log.info("ended after %.1f s: %s", conversation.now() - conversation.began, reason)


def _decline(session: Session) -> None:
    # A caller who hears a busy server may try elsewhere; one whose call is just not answered hears it ring. The first
    # is for a call that jambonz has placed, which is answered already, and the other one is for callers.
    session.hangup().sip_decline(status=503, reason="Service Unavailable").send()


def _parsed(raw: str | bytes | None) -> Message | None:
    if raw is None:
        return None
    try:
        return parse(raw)
    except BadMessage:
        # The call that it is given to says so.
        return None


def _await_opening(conversation: Conversation, progress: _Progress) -> bool:
    """Wait until the session begins, and return whether it does."""
    until = conversation.began + _GHOST_AFTER
    while True:
        with conversation.turn() as call:
            if call.opening is not None:
                progress.begins()
                return True
            if call.call_status is not None:
                # One that was placed by REST reports its ringing, for as long as it takes, before the session begins.
                progress.rings()
                until = conversation.began + _LONGEST_RINGING
            if call.ending is not None:
                return False
            seen = call.arrivals
        if not seen or not conversation.wait_for_arrival(seen, until):
            # jambonz opens such a connection when a call ends while it reconnects, and never sends anything on it.
            conversation.close(1000, "no session began")
            return False


def _handler_for(session: Session, call: Call) -> Any:
    assert call.opening is not None
    opening = call.opening.type
    handler = session.service.handler_for(opening)
    if handler is not None:
        return handler
    if opening == "session:new" or opening == "session:redirect":
        session.log.error(
            "nobody answers this call: register a function by service.on('session:new', fn), for the service of %s",
            session.service.path,
        )
    elif opening == "session:reconnect":
        session.log.warning("this process does not know the call (was it restarted?), so it is ended")
    else:
        session.log.warning(
            "nobody takes this leg, which has become a call of its own, so it is ended behind its verbs; "
            "register a function: service.on(%r, fn)",
            opening,
        )
    return None
