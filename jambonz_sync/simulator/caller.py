"""The parties of a call, who follow a script.

::

    SimulatedCall(url, [Says("sales please"), Silence(20), Presses("1#"), HangsUp()])

A party takes its steps in order. It speaks and presses keys when it is asked to: when a ``gather`` listens, after its
prompt, half a second later. In a conference it speaks without being asked. In a queue it only waits, until it is taken
or has had enough. So the same script gives the same call every time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "Answers",
    "Busy",
    "DropsConnection",
    "HangsUp",
    "Holds",
    "NoAnswer",
    "Outcome",
    "Party",
    "Presses",
    "Says",
    "SendsRequest",
    "Silence",
    "Step",
]

#: Until a party that is asked begins to answer.
REACTION = 0.5

#: From one key to the next.
KEY_INTERVAL = 0.4


@dataclass(frozen=True)
class Says:
    """The party speaks.

    ::

        Says("a table for two", confidence=0.8)

    ``confidence``: how sure the recogniser is of it, from 0 to 1.

    ``barge_in``: whether it interrupts what is playing, if that is allowed: by the gather whose prompt it is
    (``bargein``), or by barge-in in the background.

    ``translation``: a language, and the text in it, for the hook of a ``transcribe`` that translates.
    """

    text: str
    confidence: float = 0.9
    barge_in: bool = False
    translation: tuple[str, str] | None = None


@dataclass(frozen=True)
class Presses:
    """The party presses keys, one every 0.4 seconds.

    ::

        Presses("1234#")

    ``barge_in``: whether it interrupts the prompt, if the gather allows that (``dtmfBargein``).
    """

    keys: str
    barge_in: bool = False

    def __post_init__(self) -> None:
        strange = set(self.keys) - set("0123456789*#ABCD")
        if not self.keys or strange:
            raise ValueError(f"a telephone has the keys 0 to 9, * and #; Presses({self.keys!r}) needs some of these")


@dataclass(frozen=True)
class Silence:
    """The party says nothing for so many seconds, whatever it is asked, before its next step.

    ::

        Silence(20)
    """

    seconds: float


@dataclass(frozen=True)
class HangsUp:
    """The party hangs up: where its turn comes, or at a time.

    ::

        HangsUp()
        HangsUp(at=2.5)

    ``at``: seconds since the call began; whatever is going on then, and wherever in the script it stands.
    """

    at: float | None = None


@dataclass(frozen=True)
class DropsConnection:
    """The network drops the connection between jambonz and the application. jambonz connects again.

    ::

        DropsConnection(at=2.5)
        DropsConnection(after="/menu", lasts=3)

    Wherever it stands in the script, it takes no turn.

    ``at``: when, in seconds since the call began.

    ``after``: the moment jambonz has sent this hook, or a message of this type, so that no answer to it arrives.
    Several steps that name the same are for the first one, the second, and so on.

    ``lasts``: for how many seconds jambonz cannot connect.
    """

    at: float | None = None
    after: str | None = None
    lasts: float = 0.0

    def __post_init__(self) -> None:
        if (self.at is None) == (self.after is None):
            raise ValueError("DropsConnection needs either at, a time, or after, the hook or the type of a message")


@dataclass(frozen=True)
class SendsRequest:
    """The caller's telephone sends a SIP request within the call.

    ::

        SendsRequest("INFO", at=3, body="Signal=5", headers={"Content-Type": "application/dtmf-relay"})

    The hook ``sipRequestWithinDialogHook`` of ``config`` is told of it, if a verb runs. Wherever it stands in the
    script, it takes no turn.

    ``at``: when, in seconds since the call began.
    """

    method: str
    at: float
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Step = Says | Presses | Silence | HangsUp | DropsConnection | SendsRequest

#: What happens at its own time, and is waited for by nobody.
_TAKES_NO_TURN = (DropsConnection, SendsRequest)


class Party:
    """Follows a script.

    ::

        party = Party("caller", [Says("hello")])
        when, step = party.upcoming(now)
    """

    def __init__(self, who: Literal["caller", "callee"], steps: Sequence[Step]) -> None:
        for step in steps:
            if not isinstance(step, Step):
                raise TypeError(
                    f"a step is Says, Presses, Silence, HangsUp, DropsConnection or SendsRequest, not {step!r}"
                )
        self.who: Literal["caller", "callee"] = who
        #: When the party hangs up at the latest; ``inf`` if its script names no time.
        self.leaves_at = min(
            (step.at for step in steps if isinstance(step, HangsUp) and step.at is not None), default=math.inf
        )
        #: When the connection is dropped.
        self.drops = [step for step in steps if isinstance(step, DropsConnection)]
        #: What its telephone sends by itself.
        self.requests = [step for step in steps if isinstance(step, SendsRequest)]
        self._steps = deque(
            step
            for step in steps
            if not isinstance(step, _TAKES_NO_TURN) and not (isinstance(step, HangsUp) and step.at is not None)
        )
        self._silent_until = 0.0
        #: How often the party has made up its mind to something that was not in the script; and what is called then.
        self.changes = 0
        self.on_change: Callable[[], None] = lambda: None
        #: Whether, while it is connected to a dialled party, it goes on with its own steps, and has no others for that.
        self.talks_when_connected = False

    def upcoming(self, now: float) -> tuple[float, Says | Presses | HangsUp | None]:
        """Return the next step and the time it may be taken, for a party that is asked ``now``."""
        while self._steps and isinstance(self._steps[0], Silence):
            silence = self._steps.popleft()
            assert isinstance(silence, Silence)
            self._silent_until = max(now, self._silent_until) + silence.seconds
        if not self._steps:
            return math.inf, None
        step = self._steps[0]
        assert not isinstance(step, Silence)
        return max(now + REACTION, self._silent_until), step

    def asked(self, now: float) -> tuple[float, Says | Presses | HangsUp | None]:
        """The same, for a party that a ``gather`` waits for, and that may make up its mind only now."""
        return self.upcoming(now)

    def interruption(self, now: float) -> Says | Presses | None:
        """Return the step with which the party breaks into a prompt that begins ``now``; ``None`` if it listens."""
        when, step = self.upcoming(now)
        if isinstance(step, (Says, Presses)) and step.barge_in and when <= now + REACTION:
            return step
        return None

    def take(self) -> None:
        """The next step is taken."""
        self._steps.popleft()


@dataclass(frozen=True)
class Answers:
    """A dialled party answers.

    ::

        Answers(seconds=30, after=4, steps=[Presses("1")])

    ``seconds``: how long it then talks to the caller before it hangs up.

    ``after``: how long it rings first.

    ``steps``: what it says and presses while the ``confirmHook`` asks it.

    ``callee``, ``caller``: what the two say and press while they are connected.

    ``holds``: when one of them puts the other on hold.

    ``amd``: what answering machine detection finds, as the data of its hook, a second apart; by default a person.
    """

    seconds: float = 5.0
    after: float = 2.0
    steps: Sequence[Step] = ()
    callee: Sequence[Step] = ()
    caller: Sequence[Step] = ()
    holds: Sequence[Holds] = ()
    amd: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Holds:
    """One of two connected parties puts the other on hold.

    ::

        Answers(seconds=60, holds=[Holds(at=10, seconds=20, by="callee")])

    ``at``: seconds since they were connected.

    ``seconds``: for how long.
    """

    at: float
    seconds: float
    by: Literal["caller", "callee"] = "callee"


@dataclass(frozen=True)
class Busy:
    """A dialled party is busy."""


@dataclass(frozen=True)
class NoAnswer:
    """A dialled party lets it ring until ``dial`` gives up."""


Outcome = Answers | Busy | NoAnswer
