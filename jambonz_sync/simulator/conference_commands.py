"""What the application's commands do to a call in a conference, and to the conference.

::

    commands = ConferenceCommands(attendance)
    with execution.doing(commands.table):
        while not attendance.is_over():
            commands.go_on()
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .commanding import CommandDoer
from .verb import Verb, hook_name
from .waiting import PROMPTS, entertain

if TYPE_CHECKING:
    from .conferencing import Attendance

__all__ = ["ConferenceCommands"]

#: Before the application is asked what a member on hold hears.
_SILENCE = 0.75


@dataclass(eq=False)
class _Hold:
    """One command to hold the member, and what it hears meanwhile."""

    hook: str | None


class ConferenceCommands:
    """The commands of one call, while it is in a conference.

    Most are done at once. What is to be heard, on hold or by the whole conference, is done by :meth:`go_on`.
    """

    def __init__(self, attendance: Attendance) -> None:
        #: What does each command, as :meth:`.Execution.doing` wants it.
        self.table: Mapping[str, CommandDoer] = {
            "conf:hold-status": self._hold_status,
            "conf:mute-status": self._mute_others,
            "conf:participant-action": self._act,
            "mute:status": self._mute_status,
            "room:play": self._play_to_all,
            "room:say": self._say_to_all,
        }
        self._attendance = attendance
        self._hold: _Hold | None = None
        # The last hold's, which the next one without any takes over.
        self._hook: str | None = None
        self._announcements: deque[Verb] = deque()
        self._broken_off = False
        self._actions: Mapping[str, Callable[[dict[str, Any]], object]] = {
            "coach": lambda data: self._speak_only_to(data.get("tag")),
            "hold": lambda data: self._set_hold(True, data),
            "kick": lambda data: self._kick(),
            "mute": lambda data: self._mute(True),
            "tag": lambda data: self._tag(data.get("tag")),
            "uncoach": lambda data: self._speak_only_to(None),
            "unhold": lambda data: self._set_hold(False, data),
            "unmute": lambda data: self._mute(False),
            "untag": lambda data: self._tag(None),
        }

    # What takes time

    @property
    def are_pending(self) -> bool:
        """Whether :meth:`go_on` has something to do."""
        return bool(self._announcements) or (self._hold is not None and self._hold.hook is not None)

    def go_on(self) -> bool:
        """Do what takes time; return whether there was anything. Raises :exc:`~.unwinding.Killed`."""
        attendance = self._attendance
        if self._announcements:
            self._announce(self._announcements.popleft())
        elif self._hold is not None and self._hold.hook is not None:
            hold = self._hold
            entertain(
                attendance.run,
                hold.hook,
                attendance.run.leg.raw,
                allowed=PROMPTS,
                silence=_SILENCE,
                over=lambda: attendance.is_over() or bool(self._announcements) or self._hold is not hold,
            )
        else:
            return False
        return True

    def _announce(self, verb: Verb) -> None:
        attendance = self._attendance
        named = {} if verb.id is None else {"id": verb.id}
        self._broken_off = False
        attendance.report(f"{verb.name}-start", len(attendance.room.members), **named)
        attendance.run.for_prompts(
            [verb], broken_off=lambda: attendance.is_over() or self._broken_off, hears=self._all_hear
        ).run()
        if not attendance.is_over():
            attendance.report(f"{verb.name}-done", len(attendance.room.members), **named)

    def _all_hear(self, what: str) -> None:
        attendance = self._attendance
        if not attendance.member.held:
            attendance.run.lets_hear(what)
        attendance.room.announce(attendance.member, what)

    # The commands

    def _mute_status(self, message: dict[str, Any]) -> bool:
        data = message["data"]
        status = data.get("mute_status") if isinstance(data, dict) else data
        # Whatever else it says unmutes.
        self._mute(status == "mute")
        return True

    def _mute_others(self, message: dict[str, Any]) -> bool:
        data = message["data"]
        if not isinstance(data, dict):
            return False
        muted = data.get("conf_mute_status") == "mute"
        self._note(f"all but the moderators are {'muted' if muted else 'no longer muted'}")
        self._attendance.room.mute_all_but_moderators(muted)
        return True

    def _hold_status(self, message: dict[str, Any]) -> bool:
        data = message["data"]
        if not isinstance(data, dict):
            return False
        self._set_hold(data.get("conf_hold_status") == "hold", data)
        return True

    def _act(self, message: dict[str, Any]) -> bool:
        data = message["data"]
        action = data.get("action") if isinstance(data, dict) else None
        if not isinstance(action, str) or action not in self._actions:
            return False
        self._actions[action](data)
        return True

    def _say_to_all(self, message: dict[str, Any]) -> bool:
        return self._queue(message["data"], "say", "text", ("loop", "synthesizer"))

    def _play_to_all(self, message: dict[str, Any]) -> bool:
        return self._queue(message["data"], "play", "url", ())

    def _queue(self, data: Any, verb: str, needed: str, further: tuple[str, ...]) -> bool:
        if not isinstance(data, dict) or not data.get(needed):
            return False
        if data.get("replace") is True:
            self._announcements.clear()
            self._broken_off = True
        self._announcements.append(Verb(verb, {key: data[key] for key in (needed, "id", *further) if key in data}))
        return True

    # What they do to the member

    def _note(self, what: str) -> None:
        self._attendance.run.execution.transcript.add("call", what)

    def _mute(self, muted: bool) -> None:
        self._attendance.member.muted = muted
        self._note("is muted in the conference" if muted else "is no longer muted in the conference")

    def _set_hold(self, held: bool, data: dict[str, Any]) -> None:
        self._hook = hook_name(data.get("wait_hook")) or self._hook
        self._hold = _Hold(self._hook) if held else None
        self._attendance.member.held = held
        self._note("is on hold in the conference" if held else "is no longer on hold in the conference")

    def _tag(self, tag: Any) -> None:
        self._attendance.member.tag = tag
        self._note("has no tag in the conference any more" if tag is None else f"has the tag {tag} in the conference")

    def _speak_only_to(self, tag: Any) -> None:
        self._attendance.member.speaks_only_to = tag
        self._note("is heard by all of the conference" if tag is None else f"is heard only by those with the tag {tag}")

    def _kick(self) -> None:
        self._note("is put out of the conference")
        self._attendance.leave()
