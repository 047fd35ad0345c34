"""The application at the other end of the wire: what it is told and asked, what it answers and commands.

::

    question = application.ask("session:new", data)
    while not question.is_settled and clock.now() < question.due:
        listen([application], clock, until=question.due)

All of it happens on the thread that runs the call.
"""

from __future__ import annotations

import copy
import functools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .clock import Clock
from .facts import Leg, new_msgid
from .readable import fault_in, parsed
from .reconnecting import Link
from .transcript import Transcript, Who
from .verb import Verb, parse_verbs
from .wire import Closed, Connection, any_arrives

__all__ = ["Answer", "Application", "Question", "listen"]


class Answer(NamedTuple):
    """An ack: its ``data``, or ``None`` if it has none."""

    data: Any

    def verbs(self) -> list[Verb]:
        """Return its verbs: none if its data is no array. Raises :exc:`~.verb.BadVerbs`."""
        return parse_verbs(self.data) if isinstance(self.data, list) else []


@dataclass(eq=False)
class Question:
    """A message that wants an ack, until ``due``: ``inf`` as long as it waits to be sent."""

    name: str
    due: float = math.inf
    answer: Answer | None = None
    #: Why it cannot be answered.
    failed: str | None = None
    #: Whether its answer is waited for no longer.
    expired: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether it is answered, or will not be."""
        return self.answer is not None or self.failed is not None or self.expired

    @property
    def unanswered(self) -> tuple[Who, str]:
        """What is to be noted of it: the application is to blame, unless the answer had no way to come."""
        if self.failed is None:
            return "fault", f"{self.name} was not answered in time"
        return "note", f"{self.name} was not answered: {self.failed}"


class Application:
    """The application, as jambonz deals with it over one address.

    ``leg`` is the call that this is about. An ack later than ``ack_timeout`` seconds is too late. ``on_command`` is
    told of every command that comes once the session is :attr:`live`, ``on_sent`` the hook, or else the type, of every
    message that has been sent.
    """

    def __init__(self, link: Link, clock: Clock, transcript: Transcript, leg: Leg, *, ack_timeout: float) -> None:
        #: Whether there is a call that commands can act on. Until then they are lost.
        self.live = False
        #: Why commands are lost while it is not.
        self.deaf_because = "it came before the call session existed"
        self.on_command: Callable[[dict[str, Any]], None] = lambda command: None
        self.on_sent: Callable[[Application, str], None] = lambda application, name: None
        #: Why the call cannot go on, once that is so: ``session:reconnect`` was not answered.
        self.given_up: str | None = None
        self.link = link
        self._clock = clock
        self._transcript = transcript
        self._leg = leg
        self._ack_timeout = ack_timeout
        self._open: dict[str, Question] = {}
        # The sid of the call whose session:new was sent here, and what session:reconnect repeats.
        self._call_sid: str | None = None
        self._session: dict[str, Any] = {}
        self._opening: Question | None = None
        self._reconnect: Question | None = None
        # What is to be sent once there is a connection, and session:reconnect is answered on it.
        self._waiting: list[tuple[dict[str, Any], Question | None]] = []
        self._crippled = False
        link.on_lost = self._lost
        link.on_restored = self._restored
        link.on_failed = self._fail_waiting

    def at(self, url: str, pause: Callable[[float], None], leg: Leg | None = None) -> Application:
        """Return the application at another address, connected; ``pause`` lets time pass between attempts.

        ``leg``: what it is about, unless it is the same.

        Raises :exc:`~.wire.CannotConnect`.
        """
        link = self.link.to(url)
        link.open(pause)
        other = Application(link, self._clock, self._transcript, leg or self._leg, ack_timeout=self._ack_timeout)
        other.on_sent = self.on_sent
        return other

    @property
    def is_asked(self) -> bool:
        """Whether an ack is waited for."""
        return bool(self._open)

    @property
    def closed(self) -> Closed | None:
        """How the connection ended for good, once it has."""
        return self.link.closed

    def never_sends(self, question: Question) -> bool:
        """Whether the server has got into the state in which no hook and no status is sent any more, with this one."""
        return self._crippled and any(other is question for _, other in self._waiting)

    # To the application

    def tell(self, kind: str, data: dict[str, Any], *, hook: str | None = None, traced: bool = False) -> None:
        """Send a message that wants no ack; ``traced`` gives it a trace context."""
        self._post(self._envelope(kind, hook, data, traced), None)

    def ask(self, kind: str, data: dict[str, Any], *, hook: str | None = None, traced: bool = True) -> Question:
        """Send a message that wants an ack."""
        question = Question(hook or kind)
        if kind in ("session:new", "session:adulting"):
            self._session = copy.deepcopy(data)
        if kind == "session:new":
            self._call_sid = data.get("call_sid")
            self._opening = question
        self._post(self._envelope(kind, hook, data, traced), question)
        return question

    def _envelope(self, kind: str, hook: str | None, data: dict[str, Any], traced: bool) -> dict[str, Any]:
        message: dict[str, Any] = {"type": kind, "msgid": new_msgid()}
        if self._call_sid is not None:
            message["call_sid"] = self._call_sid
        if hook is not None:
            message["hook"] = hook
        message["data"] = data
        if traced:
            message["b3"] = self._leg.new_b3()
        return message

    def give_up(self, question: Question) -> None:
        """The ack did not come in time; if it still comes, it is dropped."""
        question.expired = True
        self._open = {msgid: other for msgid, other in self._open.items() if other is not question}
        self._waiting = [one for one in self._waiting if one[1] is not question]

    def _post(self, message: dict[str, Any], question: Question | None) -> None:
        """Send a message, or keep it until it can be sent."""
        if self.closed is not None:
            # It is discarded, and what waits for its ack waits in vain.
            if question is not None:
                question.due = self._clock.now() + self._ack_timeout
        elif self.link.connection is not None and self._reconnect is None and not self._crippled:
            self._transmit(message, question)
        else:
            self._waiting.append((message, question))
            if self.link.connection is None:
                self.link.hurry()

    def _transmit(self, message: dict[str, Any], question: Question | None) -> None:
        if question is not None:
            question.due = self._clock.now() + self._ack_timeout
            self._open[message["msgid"]] = question
        self.link.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        self._transcript.add_message("in", message, self.link.number)
        self.on_sent(self, message.get("hook", message["type"]))

    # The connection is lost, and there again

    def _lost(self) -> None:
        opening = self._opening
        for question in self._open.values():
            # What is asked first is asked again, as session:reconnect; everything else fails at once.
            if question is not opening:
                question.failed = "the connection was lost"
        self._open.clear()
        if self._reconnect is not None:
            self._reconnect = None
            if opening is None:
                self._end_reconnect("session:reconnect was in flight when the connection was lost")

    def _restored(self) -> None:
        question = self._opening or Question("session:reconnect")
        self._reconnect = question
        self._transmit(self._envelope("session:reconnect", None, self._session, traced=False), question)
        if question is not self._opening:
            self.link.timers.at(question.due, functools.partial(self._expire, question))
        else:
            # The time limit of session:new no longer applies; and the server never gets out of its reconnect.
            question.due = math.inf
            self._crippled = True
            self._transcript.add(
                "note", "session:new had not been answered: from now on jambonz sends no hooks and no statuses"
            )

    def _expire(self, question: Question) -> None:
        if self._reconnect is question:
            self.give_up(question)
            self._reconnect = None
            self._transcript.add(*question.unanswered)
            self._end_reconnect("session:reconnect was not answered in time")

    def _end_reconnect(self, why: str) -> None:
        self._fail_waiting(why)
        self.given_up = why

    def _fail_waiting(self, why: str) -> None:
        waiting, self._waiting = self._waiting, []
        for message, question in waiting:
            self._transcript.add("note", f"{message.get('hook', message['type'])} is not sent: {why}")
            if question is not None:
                question.failed = why

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        # Hooks come before notifications.
        for message, question in sorted(waiting, key=lambda one: one[1] is None):
            self._post(message, question)

    # From the application

    def take_in(self) -> None:
        """Take in what the application has sent, and how the connection has ended, if it has."""
        for raw in self.link.read():
            self._take(raw)
        self.link.check()

    def _take(self, raw: str | bytes) -> None:
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        message = parsed(text)
        self._transcript.add_message("out", message or {"type": "unreadable", "content": text}, self.link.number)
        fault = fault_in(message)
        if fault is not None:
            self._transcript.add("fault", f"the application sent a message that jambonz cannot read: {fault}")
            self.tell("jambonz:error", {"msg": "InvalidMessage", "details": fault, "content": text})
        elif message["type"] == "ack":
            self._take_ack(message)
        elif self.live:
            self.on_command(message)
        else:
            self._transcript.add("fault", f"the command {message['command']} is lost: {self.deaf_because}")

    def _take_ack(self, message: dict[str, Any]) -> None:
        question = self._open.pop(message["msgid"], None)
        if question is None:
            self._transcript.add("fault", "an ack is dropped: it is late, repeated, or of no message that wants one")
            return
        question.answer = Answer(message.get("data"))
        if question is self._opening:
            self._opening = None
        if question is self._reconnect:
            self._reconnect = None
            if not self._crippled:
                self._send_waiting()


def listen(applications: Sequence[Application], clock: Clock, until: float, others: Sequence[Connection] = ()) -> None:
    """Let time pass until ``until`` or until an application has sent something, which is taken in.

    It is also over when something has come on one of the ``others``, which is left there.
    """
    connections = [one.link.connection for one in applications if one.link.connection is not None]
    connections += others
    clock.wait(functools.partial(any_arrives, connections), until)
    for application in applications:
        application.take_in()
