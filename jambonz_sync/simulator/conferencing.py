"""The verb ``conference``, also known as ``room``: a call's part in a conference.

::

    conference(run, Verb("conference", {"name": "standup", "statusHook": "/events", "statusEvents": ["join"]}))
"""

from __future__ import annotations

import math
from typing import Any

from .caller import HangsUp, Says
from .conference_commands import ConferenceCommands
from .rooms import Member, Reports, Room
from .runner import Runner
from .speech import speaking_time
from .unwinding import Killed, Skipped
from .verb import Verb
from .waiting import PROMPTS, ask_for_prompts, entertain

__all__ = ["Attendance", "conference"]

#: Before the application is asked what a waiting member hears.
_SILENCE = 0.75

#: What has an effect here or needs none: nobody notes who hears a beep, and ``listen`` has none on jambonz either.
_EXECUTED = frozenset(
    {
        "actionHook",
        "beep",
        "endConferenceOnExit",
        "enterHook",
        "id",
        "joinMuted",
        "listen",
        "memberTag",
        "name",
        "speakOnlyTo",
        "startConferenceOnEnter",
        "statusEvents",
        "statusHook",
        "waitHook",
    }
)


def conference(run: Runner, verb: Verb) -> None:
    """Execute it: wait for the conference if need be, take part, and send the action hook, also when it is killed."""
    if not run.is_main:
        raise Skipped("it is for the caller's leg only")
    run.answer()
    left_out = [key for key in verb.options if key not in _EXECUTED]
    if left_out:
        run.execution.transcript.add("note", f"conference: this simulator leaves out {', '.join(left_out)}")
    attendance = Attendance(run, verb)
    try:
        attendance.attend()
    except Killed:
        pass
    finally:
        attendance.leave()
    run.ask(verb, "actionHook", {})


class Attendance:
    """One call's part in a conference: waiting for it, joining, and whatever happens until it leaves."""

    def __init__(self, run: Runner, verb: Verb) -> None:
        options = verb.options
        self.run = run
        self.member = Member(
            run.number,
            moderator=options.get("startConferenceOnEnter") is True,
            ends=options.get("endConferenceOnExit") is True,
            muted=options.get("joinMuted") is True,
            tag=options.get("memberTag"),
            speaks_only_to=options.get("speakOnlyTo"),
        )
        self._name = str(options.get("name"))
        self._options = options
        self._reports = Reports(options.get("statusHook"), options.get("statusEvents") or ())
        self._room: Room | None = None
        self._joined = False
        self._commands = ConferenceCommands(self)
        # Since when the caller could have said something.
        self._quiet_since = 0.0

    @property
    def room(self) -> Room:
        """The conference that the member takes part in."""
        assert self._room is not None
        return self._room

    def attend(self) -> None:
        """Take part until it is over. Raises :exc:`~.unwinding.Killed`."""
        execution = self.run.execution
        if self._options.get("startConferenceOnEnter") is False:
            self._room = self._find_or_wait()
        else:
            self._room = self._find_or_begin()
        self._hear(self._options.get("enterHook"))
        # Who hangs up leaves the conference first, and is told of before the call's last status.
        execution.end_dialled_leg = self.leave
        self.room.join(self.member)
        self._joined = True
        execution.transcript.add("call", f"joins the conference {self._name}")
        self.report("join", len(self.room.members))
        self._quiet_since = execution.clock.now()
        with execution.doing(self._commands.table):
            while not self.is_over():
                if not self._commands.go_on():
                    self._speak_or_listen()

    def leave(self) -> None:
        """Leave, and let the application know; nothing happens if it has left."""
        if self._room is None:
            return
        execution = self.run.execution
        execution.end_dialled_leg = None
        left = self._room.leave(self.member)
        if self._joined:
            execution.transcript.add("call", f"leaves the conference {self._name}")
            self.report("leave", left)
            if left == 0 or self.member.ends:
                self.report("end", left)
        self._room = None

    def is_over(self) -> bool:
        """Take note of what the others have done; return whether the member is no longer in the conference."""
        while self.member.news:
            self.run.execution.transcript.add(*self.member.news.popleft())
        return not self.member.inside

    def report(self, event: str, members: int, **more: Any) -> None:
        """Tell the status hook of an event, if it wants to know."""
        if event not in self._reports.events:
            return
        age = self.room.age()
        data = {
            "event": event,
            "duration": round(float(age), 3),
            "time": self.room.time(age),
            "members": members,
            **more,
            "conference_sid": self.room.sid,
            "friendly_name": self._name,
            **self.run.leg.normal(),
            "b3": self.run.leg.new_b3(),
        }
        self.run.execution.background.ask(self._reports.hook, data, traced=False)

    # Until it has joined

    def _find_or_begin(self) -> Room:
        execution = self.run.execution
        began = execution.clock.now()
        room, is_new = execution.platform.open_room(self._name, self._reports, lambda: execution.clock.now() - began)
        self._room = room
        if is_new:
            self.report("start", 0)
        else:
            self._report_as_agreed(room)
        return room

    def _report_as_agreed(self, room: Room) -> None:
        """Who joins a conference that goes on reports what its beginner wanted to know, and to that hook."""
        if room.reports is not None:
            self._reports = room.reports

    def _find_or_wait(self) -> Room:
        execution = self.run.execution
        room = execution.platform.room(self._name)
        if room is not None:
            self._report_as_agreed(room)
            return room
        execution.transcript.add("call", f"waits for the conference {self._name} to begin")
        entertain(
            self.run,
            self._options.get("waitHook"),
            self.run.leg.raw,
            allowed=PROMPTS,
            silence=_SILENCE,
            over=lambda: execution.platform.room(self._name) is not None,
        )
        room = execution.platform.room(self._name)
        # It may have been over again before it was noticed.
        return self._find_or_wait() if room is None else room

    def _hear(self, hook: object) -> None:
        """Hear what the application wants to be heard before joining."""
        verbs = ask_for_prompts(self.run, hook, self.run.leg.raw(), allowed=PROMPTS, over=lambda: False)
        self.run.for_prompts(verbs).run()

    # While it is in the conference

    def _speak_or_listen(self) -> None:
        """Let the caller say what comes next in its script; keys it keeps until it is asked for them."""
        party = self.run.party
        when, step = party.upcoming(self._quiet_since)
        if not isinstance(step, (Says, HangsUp)):
            when = math.inf

        def otherwise() -> bool:
            return self._is_interrupted() or party.upcoming(self._quiet_since)[1] is not step

        self.run.wait_until(when, otherwise)
        if otherwise():
            return
        if isinstance(step, HangsUp):
            self.run.party_hangs_up()
        assert isinstance(step, Says)
        party.take()
        self._speak(step)

    def _is_interrupted(self) -> bool:
        return self.is_over() or self._commands.are_pending

    def _speak(self, speech: Says) -> None:
        execution = self.run.execution
        began = execution.clock.now()
        execution.transcript.add(self.run.party.who, speech.text)
        self.run.is_overheard(speech, began)
        heard = self.room.speak(self.member, speech.text)
        if heard:
            self.report("start-talking", len(self.room.members))
        else:
            execution.transcript.add("note", "nobody in the conference hears that")
        self._quiet_since = began + speaking_time(speech.text)
        self.run.wait_until(self._quiet_since, self.is_over)
        if heard and not self.is_over():
            self.report("stop-talking", len(self.room.members))
