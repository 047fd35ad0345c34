"""The course of a call, as far as it is about nothing but the call itself: what is known of it, its statuses, its end.

::

    course.answer_call()
    course.hang_up("hung up by jambonz")

All that goes on in a call is built upon this, and knows no more of the call unless it has to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .application import Application
from .caller import Party
from .clock import Clock
from .facts import Leg
from .transcript import Transcript
from .unwinding import CallOver
from .verb import would_go_by_http

__all__ = ["Course"]


class Course:
    """One call.

    * ``leg``: the caller's leg
    * ``caller``: who calls
    """

    def __init__(self, application: Application, clock: Clock, transcript: Transcript, leg: Leg, caller: Party) -> None:
        #: Where hooks go, and where commands come from.
        self.application = application
        #: Where the statuses go: to the application the call began with, unless a redirect has named another.
        self.notifier = application
        self.clock = clock
        self.transcript = transcript
        self.leg = leg
        self.caller = caller
        #: What is due while the call waits, for what goes on in the background.
        self.timers = application.link.timers
        #: Whether jambonz reports the start and the end of verbs.
        self.notifies = False
        #: Ends the leg that a running ``dial`` has called, or a member's part in a ``conference``, if there is one.
        self.end_dialled_leg: Callable[[], None] | None = None
        #: Is called when the call is answered.
        self.on_answer: Callable[[], None] = lambda: None
        self._answered_at = 0.0

    @property
    def answered(self) -> bool:
        """Whether the caller's leg is answered."""
        return self.leg.call_status == "in-progress"

    @property
    def url(self) -> str:
        """The address of the application, against which others are resolved."""
        return self.application.link.url

    # What is told of it

    def change_status(self, status: str, sip_status: int, phrase: str, **ending: Any) -> None:
        """The call takes on a status, and the application is told."""
        self.leg.change(status, sip_status, phrase, **ending)
        # A party that was dialled is none of the trace, even when it goes on by itself.
        self.notifier.tell("call:status", self.leg.normal(), traced=self.leg.parent_call_sid is None)

    def notify(self, event: str, **data: Any) -> None:
        """Report what happens to a verb, if the application has asked for it. ``None`` is left out."""
        if self.notifies:
            self.application.tell(
                "verb:status", {"event": event, **{key: value for key, value in data.items() if value is not None}}
            )

    # What goes by HTTP

    def note_http(self, hook: str) -> None:
        """A hook is an address that the simulator does not call."""
        self.transcript.add("note", would_go_by_http(hook))

    def go_on_by_http(self, hook: str) -> NoReturn:
        """The call goes on where the simulator cannot follow it."""
        raise CallOver(f"jambonz goes on by HTTP with {hook}, which this simulator does not")

    # How it is answered, and how it ends

    def answer_call(self) -> None:
        """Answer the call, if it is not answered."""
        if not self.answered:
            self.transcript.add("call", "answered")
            self._answered_at = self.clock.now()
            self.change_status("in-progress", 200, "OK")
            self.on_answer()

    def hang_up(self, why: str) -> NoReturn:
        """jambonz ends the call: hangs up, or refuses what it has not answered."""
        if self.answered:
            self._complete("jambonz")
            raise CallOver(why)
        self.decline(603, "Decline", why)

    def decline(self, status: int, phrase: str, why: str) -> NoReturn:
        """Refuse the unanswered call."""
        self._end_dialled_leg()
        self.change_status("failed", status, phrase, call_termination_by="jambonz")
        raise CallOver(f"refused with SIP {status}: {why}")

    def caller_hangs_up(self) -> NoReturn:
        """The caller has had enough."""
        self.transcript.add(self.caller.who, "hangs up")
        if not self.answered:
            self._end_dialled_leg()
            self.change_status("no-answer", 487, "Request Terminated", call_termination_by="caller")
            raise CallOver("the caller gave up before the call was answered")
        # What the telephone said in its BYE is told in this last status.
        bye = {"headers": {"user_agent": "Polaris 4.2", "reason": "Q.850;cause=16"}}
        self._complete("caller", **(bye if self.leg.parent_call_sid is None else {}))
        raise CallOver(f"hung up by the caller after {self.clock.now():.0f} s")

    def _complete(self, by: str, **facts: Any) -> None:
        self._end_dialled_leg()
        duration = round(self.clock.now() - self._answered_at)
        self.change_status("completed", 200, "OK", call_termination_by=by, duration=duration, **facts)

    def _end_dialled_leg(self) -> None:
        if self.end_dialled_leg is not None:
            self.end_dialled_leg()
