"""What happened in a call: who said what and when, and every message on the wire.

::

    transcript = SimulatedCall(url, [Says("hello")]).run()
    assert "You said: hello" in transcript.heard
    print(transcript)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .clock import Clock

__all__ = ["Ending", "Entry", "Transcript", "Watch", "Who", "WireMessage"]

#: ``call`` is the telephone network, ``app`` what the application lets the caller hear, ``callee`` a party that was
#: dialled, or met in a queue or conference, ``note`` what the simulator has to remark, and ``fault`` the same where the
#: application, or the script, has done what is of no use, or has not done what it should.
Who = Literal["call", "app", "caller", "callee", "note", "fault"]


class Entry(NamedTuple):
    """A line of the conversation: when, who, and what; for speech ``what`` is the bare words.

    ::

        Entry(1.2, "caller", "hello")
    """

    time: float
    who: Who
    what: str

    def __str__(self) -> str:
        return f"{self.time:6.1f}  {self.who:<6}  {self.what}"


class WireMessage(NamedTuple):
    """A message on the wire: when, in which direction, and what.

    ``direction`` is seen from the application: ``"in"`` is sent by jambonz, ``"out"`` by the application. What the
    application sent and could not be read is a message of the type ``"unreadable"``. ``connection`` counts the
    connections of the call, from 1.
    """

    time: float
    direction: Literal["in", "out"]
    message: dict[str, Any]
    connection: int = 1


class Ending(NamedTuple):
    """How a call ended: the websocket's close code, a sentence, and whether jambonz refused the first verbs."""

    code: int
    reason: str
    rejected: bool = False


#: Is told of everything the moment it happens, on the thread that runs the call.
Watch = Callable[["Entry | WireMessage"], None]


@dataclass
class Transcript:
    """Everything that happened in one call, in order. Complete once ``SimulatedCall.run`` has returned.

    ::

        assert transcript.ending.code == 1000
        assert [hook["hook"] for hook in transcript.messages("in", "verb:hook")] == ["/menu", "/menu"]
    """

    clock: Clock
    watch: Watch | None = None
    entries: list[Entry] = field(default_factory=list)
    wire: list[WireMessage] = field(default_factory=list)
    ending: Ending | None = None
    connections: int = 0

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))

    def add(self, who: Who, what: str) -> None:
        """Note what somebody does now."""
        entry = Entry(self.clock.now(), who, what)
        self.entries.append(entry)
        if self.watch is not None:
            self.watch(entry)

    def add_connection(self) -> int:
        """Count a connection, and return its number."""
        self.connections += 1
        return self.connections

    def add_message(self, direction: Literal["in", "out"], message: dict[str, Any], connection: int = 1) -> None:
        """Note a message that is sent or received now."""
        record = WireMessage(self.clock.now(), direction, message, connection)
        self.wire.append(record)
        if self.watch is not None:
            self.watch(record)

    def of(self, who: Who) -> list[str]:
        """Return what one party said or did, in order."""
        return [entry.what for entry in self.entries if entry.who == who]

    @property
    def heard(self) -> list[str]:
        """What the application let the caller hear, in order: texts and URLs, each as it began."""
        return self.of("app")

    def messages(self, direction: Literal["in", "out"], kind: str | None = None) -> list[dict[str, Any]]:
        """Return the messages of one direction, and of one type, in order."""
        return [
            record.message
            for record in self.wire
            if record.direction == direction and (kind is None or record.message.get("type") == kind)
        ]
