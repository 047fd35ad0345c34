"""A call in this process, with no socket under it: what the session itself costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from . import ours

__all__ = ["Talk"]


class Talk:
    """A call that takes turns.

    ::

        talk = Talk()
        talk.turn(verbs=20)
    """

    def __init__(self) -> None:
        self.session = ours.session()
        self._count = 0
        self.session.gather(input=["speech"], action_hook="/heard", timeout=15).send()

    def receive(self, kind: str, data: dict[str, Any], **envelope: Any) -> None:
        """Have jambonz say something."""
        self._count += 1
        conversation = self.session._conversation
        text = json.dumps({"type": kind, "msgid": f"{self._count}", "call_sid": "bench", "data": data, **envelope})
        with conversation.lock:
            conversation.message(text)

    def hear(self, hook: str = "/heard") -> None:
        """Have the caller say something, of which this hook tells."""
        speech = {"alternatives": [{"transcript": "the kettle is on", "confidence": 0.9}]}
        self.receive("verb:hook", {"reason": "speechDetected", "speech": speech}, hook=hook)

    def turn(self, names: Sequence[str] = ("/heard",), *, verbs: int = 2) -> None:
        """Take what the caller says, of which the last of these hooks tells, and answer it with so many verbs."""
        self.hear(names[-1])
        self.answer(names, verbs=verbs)

    def answer(self, names: Sequence[str] = ("/heard",), *, verbs: int = 2) -> None:
        """Wait for one of these hooks, and answer it with so many verbs, the last of which asks again."""
        session = self.session
        said = session.wait_for(*names).transcript
        for _ in range(verbs - 1):
            session.say(f"You said {said}.")
        session.gather(input=["speech"], action_hook=names[-1], timeout=15).reply()
