"""One message that wants an ack, from its arrival to its answer."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from .hooks import HookKind

if TYPE_CHECKING:
    from .event import Event
    from .verb import Verb

__all__ = ["Asking", "State"]


# jambonz does not go on before it has the answer, and verbs in the answer take the place of its queue.
_HOLDING = frozenset({HookKind.ACTION, HookKind.SESSION, HookKind.BARGE_IN})


class State(enum.Enum):
    """How far a question has come."""

    OPEN = "jambonz waits for the ack"
    SETTLED = "a stand-in was sent; the application has not answered"
    ANSWERED = "the application has answered"
    LOST = "the connection dropped before the ack; jambonz has given up on it"


class Asking:
    """One question of jambonz, bound to its ``msgid``, so that an answer goes to what was asked and to nothing else."""

    def __init__(self, msgid: str, name: str, kind: HookKind, due: float, event: Event) -> None:
        self.msgid = msgid
        #: The hook's name, or the message's type where there is none.
        self.name = name
        self.kind = kind
        #: When a stand-in has to be sent, in the seconds of the call's clock.
        self.due = due
        # Of its event only this: the event has its question, and both together would wait for the garbage collector.
        #: The message's type.
        self.type = event.type
        #: Every name by which its event can be waited for.
        self.names = event.names
        self.state = State.OPEN
        #: Whether the handler has received the event.
        self.taken = False
        #: Whether it reports the end of a verb of the list last sent.
        self.in_list = False
        #: If so: the verbs queued behind that verb when it arrived.
        self.behind: tuple[Verb, ...] = ()
        #: Whether jambonz was given other verbs since, which a stand-in with verbs would sweep.
        self.overtaken = False
        #: The verbs a stand-in has swept from jambonz's queue, to be sent again if no reply comes.
        self.frozen: tuple[Verb, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether jambonz waits for the ack."""
        return self.state is State.OPEN

    @property
    def holds_queue(self) -> bool:
        """Whether jambonz's queue stands still because of this question: unanswered, or answered by freezing it."""
        return self.kind in _HOLDING and (self.is_open or bool(self.frozen))
