"""The verb ``agent``, as if it were a vendor: its events, and what it takes.

::

    [*Agent().heard("hello")]  # [{"type": "user_transcript", "transcript": "hello"}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .vendor import Call, Event, Vendor, Wanted, fields

__all__ = ["Agent"]


#: What an update has to have, by its type.
_PARTS: Mapping[str, Mapping[str, type]] = {
    "update_instructions": {"instructions": str},
    "inject_context": {"messages": list},
    "update_tools": {"tools": list},
}


class Agent(Vendor):
    """A language model with a recogniser and a voice of their own, put together by jambonz."""

    title = "agent"
    channel = "agent"
    update_command = "agent:update"
    updates = ("update_instructions", "inject_context", "update_tools", "generate_reply")
    needs = ()

    def __init__(self) -> None:
        self._asked: str | None = None

    def wants(self, events: object) -> Wanted:
        return Wanted([], (), expands=False)

    def heard(self, text: str) -> Iterator[Event]:
        self._asked = text
        yield {"type": "user_transcript", "transcript": text}

    def begins(self, text: str) -> Iterator[Event]:
        yield {"type": "llm_response", "response": text}

    def said(self, text: str) -> Iterator[Event]:
        yield from self._turn_end(text, interrupted=False)

    def interrupted(self, text: str) -> Iterator[Event]:
        yield {"type": "user_interruption"}
        yield from self._turn_end(text, interrupted=True)

    def _turn_end(self, text: str, *, interrupted: bool) -> Iterator[Event]:
        # A greeting is no turn: nobody has asked for it.
        if self._asked is not None:
            latency = {"transcriber_latency": 240, "model_latency": 510, "voice_latency": 180}
            turn = {"transcript": self._asked, "response": text, "interrupted": interrupted, "latency": latency}
            yield {"type": "turn_end", **turn}
        self._asked = None

    def failed(self, error: Any) -> Iterator[Event]:
        yield from ()

    def tool_messages(self, calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
        for call in calls:
            yield {"tool_call_id": call.id, "name": call.name, "arguments": call.arguments}

    def check_update(self, data: object) -> None:
        super().check_update(data)
        (kind,) = fields(data, type=str)
        fields(data, **_PARTS.get(kind, {}))
