"""The language models of OpenAI, and those that speak its language: what their events look like, and what they take.

::

    [*OpenAI().failed({"code": "rate_limit_exceeded"})]

The events are the few that every conversation has, with their most important fields.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from .vendor import Call, Event, Vendor, expect, fields, read

__all__ = ["GptLive", "Later", "Microsoft", "OpenAI"]


class OpenAI(Vendor):
    """OpenAI's realtime models."""

    title = "Llm_OpenAI_s2s"
    kinds = (
        "error",
        *(f"session.{what}" for what in ("created", "updated")),
        "conversation.created",
        *(f"input_audio_buffer.{what}" for what in ("committed", "cleared", "speech_started", "speech_stopped")),
        "conversation.item.created",
        *(f"conversation.item.input_audio_transcription.{what}" for what in ("completed", "failed")),
        *(f"conversation.item.{what}" for what in ("truncated", "deleted")),
        *(f"response.{what}" for what in ("created", "done")),
        *(f"response.{what}.{step}" for what in ("output_item", "content_part") for step in ("added", "done")),
        *(f"response.{what}.{step}" for what in ("text", "audio_transcript", "audio") for step in ("delta", "done")),
        *(f"response.function_call_arguments.{step}" for step in ("delta", "done")),
        "rate_limits.updated",
        *(f"output_audio.playback_{what}" for what in ("started", "stopped")),
    )
    expands = True
    updates: ClassVar[Sequence[str] | None] = (
        "session.update",
        "conversation.item.create",
        "conversation.item.delete",
        "response.cancel",
    )
    needs: ClassVar[Sequence[str]] = ("auth.apiKey", "llmOptions.response_create")

    def __init__(self) -> None:
        self._events = 0
        self._responses = 0
        self._items = 0

    def _event(self, kind: str, **more: Any) -> Event:
        self._events += 1
        return {"type": kind, "event_id": f"ev_{self._events:02}", **more}

    def _response(self, kind: str, status: str) -> Event:
        return self._event(kind, response={"id": f"resp_{self._responses}", "status": status})

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        session = {"id": f"sess_{secrets.token_hex(8)}"}
        yield self._event("session.created", session=session)
        if "session_update" in options:
            yield self._event("session.updated", session=session)

    def caller_begins(self) -> Iterator[Event]:
        self._items += 1
        yield self._event("input_audio_buffer.speech_started", item_id=f"it_{self._items:02}")

    def heard(self, text: str) -> Iterator[Event]:
        item = {"item_id": f"it_{self._items:02}"}
        yield self._event("input_audio_buffer.speech_stopped", **item)
        yield self._event("input_audio_buffer.committed", **item)
        yield self._event(
            "conversation.item.input_audio_transcription.completed", **item, content_index=0, transcript=text
        )

    def begins(self, text: str) -> Iterator[Event]:
        self._responses += 1
        yield self._response("response.created", "in_progress")
        yield self._event("output_audio.playback_started")

    def said(self, text: str) -> Iterator[Event]:
        yield self._event("response.audio_transcript.done", response_id=f"resp_{self._responses}", transcript=text)
        yield self._response("response.done", "completed")
        yield self._event("output_audio.playback_stopped")

    def interrupted(self, text: str) -> Iterator[Event]:
        yield self._response("response.done", "cancelled")
        yield self._event("output_audio.playback_stopped")

    def failed(self, error: Any) -> Iterator[Event]:
        yield self._event("error", error=error)

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        for call in calls:
            item = {"type": "function_call", "name": call.name, "call_id": call.id}
            yield self._event("response.output_item.done", item={**item, "arguments": json.dumps(call.arguments)})

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        kind, item = fields(data, type=str, item=dict)
        expect(kind, "conversation.item.create")
        item_kind, call_id, output = fields(item, type=str, call_id=str, output=str)
        expect(item_kind, "function_call_output")
        return {call_id: read(output)}


class Microsoft(OpenAI):
    """The same models, at Microsoft's."""

    needs = (*OpenAI.needs, "connectOptions.host")


class Later(OpenAI):
    """Vendors of newer servers, which are known from their clients only."""

    needs = ()
    updates: ClassVar[Sequence[str] | None] = None

    answered = Vendor.answered


class GptLive(Later):
    updates = (
        "session.update",
        "session.context.append",
        "delegation.context.append",
        "delegation.function_call_output.create",
        "session.close",
    )
