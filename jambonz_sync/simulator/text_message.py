"""A text message to an application: a session without a call.

::

    transcript = SimulatedMessage("ws://127.0.0.1:3000/texts", "Are you open?").run()
    assert transcript.heard == ["Until six."]
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Sequence
from typing import Any

from .application import Answer, Application, Question, listen
from .clock import Clock, RealClock
from .facts import inbound_leg
from .reconnecting import Link, pause
from .timers import Timers
from .transcript import Ending, Transcript, Watch
from .verb import BadVerbs, Verb, hook_name, is_http, would_go_by_http
from .wire import Connect, Wire

__all__ = ["SimulatedMessage"]


class SimulatedMessage:
    """A text message, and what the application texts back by the verb ``message``.

    * ``url``: where the application listens
    * ``text``: what it says
    * ``from_``, ``to``: the numbers
    * ``media``: addresses of pictures and the like that come with it
    * ``speed``, ``clock``, ``ack_timeout``, ``watch``, ``connect``: as in :class:`~.call.SimulatedCall`
    """

    def __init__(
        self,
        url: str,
        text: str,
        *,
        from_: str = "15550143001",
        to: str = "+15550143900",
        media: Sequence[str] = (),
        speed: float = 1.0,
        clock: Clock | None = None,
        ack_timeout: float = 5.0,
        watch: Watch | None = None,
        connect: Connect = Wire,
    ) -> None:
        self._url = url
        self._text = text
        self._from = from_
        self._to = to
        self._media = list(media)
        self._clock = RealClock(speed) if clock is None else clock
        self._ack_timeout = ack_timeout
        self._watch = watch
        self._connect = connect

    def run(self) -> Transcript:
        """Send it and return when the application's verbs are done.

        Raises :exc:`CannotConnect` if there is no application at the address.
        """
        self._clock.start()
        transcript = Transcript(self._clock, self._watch)
        link = Link(self._url, self._connect, self._clock, Timers(), transcript)
        link.open(pause=functools.partial(pause, self._clock))
        leg = inbound_leg(self._from, self._to)
        application = Application(link, self._clock, transcript, leg, ack_timeout=self._ack_timeout)
        application.deaf_because = "there is no call"
        try:
            transcript.add("caller", self._text)
            self._exchange(application, transcript)
            transcript.ending = Ending(1000, "the verbs are done")
            link.close(1000)
            return transcript
        finally:
            link.abort()

    def _exchange(self, application: Application, transcript: Transcript) -> None:
        facts = {
            "carrier": "blue-carrier",
            "message_sid": str(uuid.uuid4()),
            "account_sid": str(uuid.uuid4()),
            "service_provider_sid": str(uuid.uuid4()),
            "application_sid": str(uuid.uuid4()),
            "from": self._from,
            "to": self._to,
            "text": self._text,
        }
        data = {**facts, "media": self._media} if self._media else facts
        verbs = self._verbs(application.ask("session:new", data), application, transcript)
        while verbs:
            verb, *verbs = verbs
            if verb.name != "message":
                transcript.add("note", f"{verb.name} is skipped: there is no call")
                continue
            transcript.add("app", str(verb.options.get("text", "")))
            hook = hook_name(verb.options.get("actionHook"))
            if hook is not None:
                verbs = self._report(verb, hook, facts, application, transcript) or verbs

    def _report(
        self, verb: Verb, hook: str, facts: dict[str, Any], application: Application, transcript: Transcript
    ) -> list[Verb]:
        if is_http(hook):
            transcript.add("note", would_go_by_http(hook))
            return []
        sids = {key: facts[key] for key in ("account_sid", "application_sid")}
        data = {**sids, "message_sid": str(uuid.uuid4()), "message_status": "success", "carrier": facts["carrier"]}
        if verb.id is not None:
            data["verb_id"] = verb.id
        return self._verbs(application.ask("verb:hook", data, hook=hook), application, transcript)

    def _verbs(self, question: Question, application: Application, transcript: Transcript) -> list[Verb]:
        answer = self._answer(question, application)
        if answer is None:
            transcript.add("fault", f"{question.name} was not answered in time")
            return []
        try:
            return answer.verbs()
        except BadVerbs as fault:
            transcript.add("fault", f"{fault}, in the answer to {question.name}")
            return []

    def _answer(self, question: Question, application: Application) -> Answer | None:
        self._clock.application_moves(True)
        # A session without a call ends with its connection: nothing is left that would reconnect it.
        while not question.is_settled and application.link.connection is not None:
            if self._clock.now() >= question.due:
                break
            listen([application], self._clock, question.due)
        return question.answer
