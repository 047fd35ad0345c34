"""The application at the other end of the wire: what it is told and asked, what it answers and commands.

::

    question = application.ask("session:new", data)
    while question.answer is None and clock.now() < question.due:
        application.listen(until=question.due)

All of it happens on the thread that runs the call.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from .clock import Clock
from .facts import Leg, new_msgid
from .transcript import Transcript
from .wire import Closed, Wire

__all__ = ["Answer", "Application", "Question"]

#: The commands that need no data.
_WITHOUT_DATA = frozenset({"llm:tool-output", "tts:flush", "tts:clear"})


class Answer(NamedTuple):
    """An ack: its ``data``, or ``None`` if it has none."""

    data: Any


@dataclass(eq=False)
class Question:
    """A message that wants an ack, until ``due``."""

    name: str
    due: float
    answer: Answer | None = None


class Application:
    """The application, as jambonz deals with it.

    ``leg`` is the call this wire was opened for. An ack later than ``ack_timeout`` seconds is too late.
    ``on_command`` is told of every command that comes once the session is :attr:`live`.
    """

    def __init__(self, wire: Wire, clock: Clock, transcript: Transcript, leg: Leg, *, ack_timeout: float) -> None:
        #: Whether there is a call that commands can act on. Until then they are lost.
        self.live = False
        self.on_command: Callable[[dict[str, Any]], None] = lambda command: None
        self._wire = wire
        self._clock = clock
        self._transcript = transcript
        self._leg = leg
        self._ack_timeout = ack_timeout
        self._open: dict[str, Question] = {}

    @property
    def is_asked(self) -> bool:
        """Whether an ack is waited for."""
        return bool(self._open)

    @property
    def closed(self) -> Closed | None:
        """How the connection ended, once it has."""
        return self._wire.closed

    # To the application

    def tell(self, kind: str, data: dict[str, Any], *, traced: bool = False) -> None:
        """Send a message that wants no ack; ``traced`` gives it a trace context."""
        self._send({"type": kind, "msgid": new_msgid(), "call_sid": self._leg.call_sid, "data": data}, traced)

    def ask(self, kind: str, data: dict[str, Any], *, hook: str | None = None, traced: bool = True) -> Question:
        """Send a message that wants an ack."""
        msgid = new_msgid()
        message: dict[str, Any] = {"type": kind, "msgid": msgid, "call_sid": self._leg.call_sid}
        if hook is not None:
            message["hook"] = hook
        question = Question(hook or kind, self._clock.now() + self._ack_timeout)
        self._open[msgid] = question
        self._send({**message, "data": data}, traced)
        return question

    def give_up(self, question: Question) -> None:
        """The ack did not come in time; if it still comes, it is dropped."""
        self._open = {msgid: other for msgid, other in self._open.items() if other is not question}

    def _send(self, message: dict[str, Any], traced: bool) -> None:
        if self.closed is not None:
            return
        if traced:
            message["b3"] = self._leg.new_b3()
        self._transcript.add_message("in", message)
        self._wire.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    # From the application

    def listen(self, until: float) -> None:
        """Let time pass until ``until`` or until the application has sent something, which is taken in."""
        if self.closed is not None:
            self._clock.wait(_nothing_arrives, until)
            return
        self._clock.wait(self._wire.wait, until)
        if self._wire.wait(0):
            for raw in self._wire.read():
                self._take(raw)

    def _take(self, raw: str | bytes) -> None:
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        message = _parsed(text)
        self._transcript.add_message("out", message or {"type": "unreadable", "content": text})
        fault = _fault(message)
        if fault is not None:
            self._transcript.add("note", f"the application sent a message that jambonz cannot read: {fault}")
            self.tell("jambonz:error", {"msg": "InvalidMessage", "details": fault, "content": text})
        elif message["type"] == "ack":
            self._take_ack(message)
        elif self.live:
            self.on_command(message)
        else:
            self._transcript.add(
                "note", f"the command {message['command']} is lost: it came before the call session existed"
            )

    def _take_ack(self, message: dict[str, Any]) -> None:
        question = self._open.pop(message["msgid"], None)
        if question is None:
            self._transcript.add("note", "an ack is dropped: it is late, repeated, or of no message that wants one")
        else:
            question.answer = Answer(message.get("data"))


def _nothing_arrives(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _parsed(text: str) -> dict[str, Any]:
    """Return the JSON object; an empty one if it is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _fault(message: dict[str, Any]) -> str | None:
    kind = message.get("type")
    if kind == "ack":
        return None if isinstance(message.get("msgid"), str) else "msgid property not supplied"
    if kind != "command":
        return "type property not supplied" if kind is None else f"invalid type {kind!r}"
    if not isinstance(message.get("command"), str):
        return "command property not supplied"
    data = message.get("data")
    # An empty object and an empty array are true in JavaScript.
    given = bool(data) or isinstance(data, (dict, list))
    return None if given or message["command"] in _WITHOUT_DATA else "data property not supplied"
