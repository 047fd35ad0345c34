"""Conferences: who is in them, and who hears whom.

::

    member = Member("15550143001", moderator=True)
    room.join(member)
    room.speak(member, "Good morning.")
    room.leave(member)
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from .queues import Changing
from .transcript import Who

__all__ = ["Member", "Reports", "Room"]


class Reports(NamedTuple):
    """The hook that is told of a conference, and of which events."""

    hook: object
    events: Collection[str]


@dataclass(eq=False)
class Member:
    """Somebody in a conference.

    * ``who``: who it is
    * ``moderator``: is not silenced with the others
    * ``ends``: ends the conference for all when it leaves
    * ``muted``: is not heard
    * ``tag``: the name that the application has given it
    * ``speaks_only_to``: is heard only by those of this tag

    Whoever has put it there, and nobody else, changes how it takes part; but a moderator may silence it too.
    """

    who: str
    moderator: bool = False
    ends: bool = False
    muted: bool = False
    tag: str | None = None
    speaks_only_to: str | None = None
    #: Whether it is on hold, and neither hears nor is heard.
    held: bool = False
    #: Whether it is in the conference now.
    inside: bool = False
    #: What it sees and hears of the others, until it takes note of it on its own thread.
    news: deque[tuple[Who, str]] = field(default_factory=deque)


class Room:
    """A conference that has begun.

    * ``reports``: what whoever began it wants to be told, which goes for those who join it too; ``None`` if it was
      begun by a party that is only scripted
    * ``age``: returns the seconds since it began
    * ``close``: is called when it is over
    """

    def __init__(
        self,
        sid: str,
        name: str,
        changing: Changing,
        close: Callable[[Room], None],
        *,
        reports: Reports | None,
        age: Callable[[], float],
    ) -> None:
        self.sid = sid
        self.name = name
        self.reports = reports
        self.age = age
        self.members: list[Member] = []
        self._began = datetime.datetime.now(datetime.timezone.utc)
        self._changing = changing
        self._close = close

    def time(self, age: float) -> str:
        """Return the time of day at an age of the conference, as jambonz writes it."""
        then = self._began + datetime.timedelta(seconds=age)
        return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def join(self, member: Member) -> None:
        """Let somebody in; the others notice."""
        with self._changing():
            self._tell_others(member, "callee", "joins the conference")
            self.members.append(member)
            member.inside = True

    def leave(self, member: Member) -> int:
        """Let somebody go, and all others if it ends the conference; return how many were left at that moment.

        An empty conference is over.
        """
        with self._changing():
            if not member.inside:
                # It never joined, or it has been put out with all the others.
                left = len(self.members)
            else:
                self.members.remove(member)
                member.inside = False
                self._tell_others(member, "callee", "leaves the conference")
                left = len(self.members)
                if member.ends:
                    self._put_all_out()
            if not self.members:
                self._close(self)
            return left

    def _put_all_out(self) -> None:
        for member in self.members:
            member.inside = False
        self.members.clear()

    def speak(self, member: Member, words: str) -> bool:
        """Let the others hear what somebody says; return whether it can be heard."""
        with self._changing():
            if member.muted or member.held:
                return False
            self._tell_others(member, "callee", words, heard=True)
            return True

    def announce(self, member: Member, what: str) -> None:
        """Let the others hear what the application of one member plays to all."""
        with self._changing():
            for other in self.members:
                if other is not member and not other.held:
                    other.news.append(("app", what))

    def mute_all_but_moderators(self, muted: bool) -> None:
        """Silence everybody who does not lead the conference, or no longer."""
        with self._changing():
            for member in self.members:
                if not member.moderator:
                    member.muted = muted

    def _tell_others(self, member: Member, who: Who, what: str, *, heard: bool = False) -> None:
        for other in self.members:
            deaf = heard and (other.held or member.speaks_only_to not in (None, other.tag))
            if other is not member and not deaf:
                other.news.append((who, what))
