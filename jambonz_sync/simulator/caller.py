"""The parties of a call, who follow a script.

::

    SimulatedCall(url, [Says("sales please"), Silence(20), Presses("1#"), HangsUp()])

A party takes its steps in order. It speaks and presses keys when it is asked to: when a ``gather`` listens, after its
prompt, half a second later. So the same script gives the same call every time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Answers", "Busy", "HangsUp", "NoAnswer", "Outcome", "Party", "Presses", "Says", "Silence", "Step"]

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

    ``barge_in``: whether it interrupts the prompt, if the gather allows that (``bargein``).
    """

    text: str
    confidence: float = 0.9
    barge_in: bool = False


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


Step = Says | Presses | Silence | HangsUp


class Party:
    """Follows a script.

    ::

        party = Party("caller", [Says("hello")])
        when, step = party.upcoming(now)
    """

    def __init__(self, who: Literal["caller", "callee"], steps: Sequence[Step]) -> None:
        for step in steps:
            if not isinstance(step, (Says, Presses, Silence, HangsUp)):
                raise TypeError(f"a step is Says, Presses, Silence or HangsUp, not {step!r}")
        self.who: Literal["caller", "callee"] = who
        #: When the party hangs up at the latest; ``inf`` if its script names no time.
        self.leaves_at = min(
            (step.at for step in steps if isinstance(step, HangsUp) and step.at is not None), default=math.inf
        )
        self._steps = deque(step for step in steps if not (isinstance(step, HangsUp) and step.at is not None))
        self._silent_until = 0.0

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
    """

    seconds: float = 5.0
    after: float = 2.0
    steps: Sequence[Step] = ()


@dataclass(frozen=True)
class Busy:
    """A dialled party is busy."""


@dataclass(frozen=True)
class NoAnswer:
    """A dialled party lets it ring until ``dial`` gives up."""


Outcome = Answers | Busy | NoAnswer
