"""What a language model does in a simulated call: it follows a script, as the caller does.

::

    SimulatedCall(
        url, [Says("Where is my order?")], model=[ModelSays("Hello."), CallsTool("find", {"id": 7}), ModelEnds()]
    )

The model takes its steps in order. After what it says it gives the caller time to answer, if the caller has something
left to do; a model that does not speak first listens first. After the last step it only listens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CallsTool", "CallsTools", "ModelEnds", "ModelSays", "ModelScript", "ModelSends", "ModelStep"]


@dataclass(frozen=True)
class ModelSays:
    """The model speaks.

    ::

        ModelSays("It is raining in Ghent.")
    """

    text: str


@dataclass(frozen=True)
class CallsTool:
    """The model calls a tool of the application, and waits for its output.

    ::

        CallsTool("get_weather", {"city": "Ghent"})

    ``arguments``: by name.

    ``id``: that of the call; by default a new one.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None


@dataclass(frozen=True)
class CallsTools:
    """The model calls several tools at once, and waits for the outputs of all.

    ::

        CallsTools([CallsTool("get_weather", {"city": "Ghent"}), CallsTool("get_time", {"city": "Ghent"})])

    Google's models send them in one message, the others in one for each.
    """

    calls: Sequence[CallsTool]


@dataclass(frozen=True)
class ModelSends:
    """The model's vendor sends an event, beside those that belong to what is said.

    ::

        ModelSends({"type": "rate_limits.updated", "rate_limits": [{"name": "tokens", "remaining": 30000}]})

    ``event``: as the vendor spells it. jambonz passes it on if the verb wants its type.
    """

    event: Mapping[str, Any]


@dataclass(frozen=True)
class ModelEnds:
    """The conversation is over, and with it the verb.

    ::

        ModelEnds("server error", error={"code": "rate_limit_exceeded"})

    ``reason``: the ``completion_reason`` of the action hook, such as ``"normal conversation end"``,
    ``"disconnect from remote end"``, ``"connection failure"``, ``"server failure"`` or ``"server error"``.

    ``error``: what the vendor says of it.
    """

    reason: str = "normal conversation end"
    error: Any = None


ModelStep = ModelSays | CallsTool | CallsTools | ModelSends | ModelEnds


class ModelScript:
    """The script of the model: of one after the other, if the application talks to several.

    Raises :exc:`TypeError` for what is no step.
    """

    def __init__(self, steps: Sequence[ModelStep] = ()) -> None:
        for step in steps:
            if not isinstance(step, ModelStep):
                raise TypeError(
                    f"a step of a model is ModelSays, CallsTool, CallsTools, ModelSends or ModelEnds, not {step!r}"
                )
        self._steps = deque(steps)
        #: What the model has been told of its calls of tools, by their ids.
        self.outputs: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._steps)

    def add(self, step: ModelStep) -> None:
        """Have the model do this when it has done the rest."""
        self._steps.append(step)

    @property
    def begins_with_speech(self) -> bool:
        """Whether the model is the first to speak."""
        return bool(self._steps) and isinstance(self._steps[0], ModelSays)

    def take(self) -> ModelStep | None:
        """Take the next step; ``None`` once there are no more."""
        return self._steps.popleft() if self._steps else None

    def break_off(self) -> None:
        """Leave out what is left of this conversation: all up to the next :class:`ModelEnds`, and that too."""
        while self._steps and not isinstance(self._steps.popleft(), ModelEnds):
            pass
