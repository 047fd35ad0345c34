"""What ``session.run()`` returns."""

from __future__ import annotations

from typing import Literal

from .event import Event
from .facts import ActionFacts

__all__ = ["Outcome"]

_State = Literal["completed", "interrupted", "failed"]


class Outcome(ActionFacts):
    """How a verb ended, and what its hook said.

    ::

        outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()
        if not outcome or outcome.dial_call_status != "completed":
            session.say("Nobody is free.").run()

    Exactly one of ``completed``, ``interrupted`` (by the caller's barge-in, or by verbs sent meanwhile) and ``failed``
    is true. The mapping holds the data of the verb's action hook, and is empty for a verb that has none. An outcome is
    true if the verb was completed.

    What the hook said can be read as an attribute too: ``outcome.digits``, ``outcome.transcript``,
    ``outcome.dial_call_status``; what it did not say raises :exc:`AttributeError`, and ``outcome.get("key")`` is
    ``None``.
    """

    def __init__(self, state: _State, event: Event | None = None) -> None:
        self.state: _State = state
        #: The verb's action hook, if it sent one. ``session.reply()`` answers it.
        self.event = event
        #: The data of the verb's action hook; empty if there was none.
        self.data = event.data if event is not None else {}

    @property
    def completed(self) -> bool:
        """The verb did what it should."""
        return self.state == "completed"

    @property
    def interrupted(self) -> bool:
        """The caller or the application stopped it."""
        return self.state == "interrupted"

    @property
    def failed(self) -> bool:
        """jambonz could not do it: a missing file, a voice that does not exist."""
        return self.state == "failed"

    def __bool__(self) -> bool:
        return self.completed

    def __repr__(self) -> str:
        return f"<Outcome {self.state} {self.data!r:.200}>"

    @property
    def _title(self) -> str:
        return f"outcome ({self.state})"
