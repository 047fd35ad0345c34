"""What the caller answered to a question of ``session.ask()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..exceptions import JambonzError
from ..protocol.event import Event
from ..protocol.outcome import Outcome

__all__ = ["Answer", "AnswerReason", "answer_of"]

AnswerReason = Literal[
    "speechDetected",
    "dtmfDetected",
    "timeout",
    "error",
    "stt-low-confidence",
    "empty",
    "invalid",
    "interrupted",
    "failed",
]

_GIVEN = frozenset({"speechDetected", "dtmfDetected"})


@dataclass(frozen=True)
class Answer:
    """What the caller said or pressed. True if that was an answer, false if nothing (valid) came.

    ::

        age = session.ask("How old are you?", validate=int)
        if age:
            session.say(f"{age.text}, so you were born in {2026 - age.value} or before.").run()

    As text, in an f-string say, it is its ``text``.
    """

    #: What was said, or the keys if any were pressed; ``""`` when nothing came. What was refused can be read here too.
    text: str = ""
    #: What ``validate`` made of the text; without it the text itself. ``None`` if there is no answer.
    value: Any = None
    #: ``speechDetected`` or ``dtmfDetected`` for an answer; else why there is none, see ``session.ask()``.
    reason: AnswerReason = "timeout"
    #: The hook that brought it; ``None`` if none came.
    event: Event | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.reason in _GIVEN

    def __str__(self) -> str:
        return self.text

    @property
    def digits(self) -> str:
        """The keys pressed; ``""`` when none were."""
        return "" if self.event is None else self.event.digits

    @property
    def transcript(self) -> str:
        """What was said, as the recogniser has understood it; ``""`` when nothing was."""
        return "" if self.event is None else self.event.transcript

    @property
    def confidence(self) -> float | None:
        """How sure the recogniser is of the transcript, 0 to 1; ``None`` when nothing was said."""
        return None if self.event is None else self.event.confidence


def answer_of(outcome: Outcome, *, validate: Callable[[str], Any] | None = None, min_confidence: float = 0.0) -> Answer:
    """Return what a gather has brought.

    ``validate`` and ``min_confidence`` are as for ``session.ask()``.
    """
    event = outcome.event
    if event is None:
        return Answer(reason="interrupted" if outcome.interrupted else "failed")
    text = event.digits or event.transcript.strip()
    reason = _reason_of(event, text, min_confidence)
    if reason not in _GIVEN:
        return Answer(text, reason=reason, event=event)
    value = text if validate is None else _validated(validate, text)
    return Answer(text, value, "invalid" if value is None else reason, event)


def _reason_of(event: Event, text: str, min_confidence: float) -> AnswerReason:
    reason = event.reason
    if reason == "timeout" or reason == "error" or reason == "stt-low-confidence":
        return reason
    if not text:
        return "empty"
    if event.digits:
        return "dtmfDetected"
    confidence = event.confidence
    return "stt-low-confidence" if confidence is not None and confidence < min_confidence else "speechDetected"


def _validated(validate: Callable[[str], Any], text: str) -> Any:
    try:
        return validate(text)
    except ValueError as error:
        if isinstance(error, JambonzError):
            # Not the caller's fault: the function has written a wrong verb.
            raise
        return None
