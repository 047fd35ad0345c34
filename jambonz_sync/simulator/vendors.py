"""The vendors of language models: what their events look like, and what they can be sent.

::

    vendor = vendor_of("google_s2s", {})()
    [*vendor.heard("hello")]  # [{"serverContent": {"inputTranscription": {"text": "hello"}}}]

The events are the few that every conversation has, with their most important fields.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .agent_vendor import Agent
from .openai_vendor import GptLive, Later, Microsoft, OpenAI
from .vendor import Call, Event, Vendor, WrongShape, expect, fields, read

__all__ = ["refusal", "vendor_of"]


class _VoiceAgent(Vendor):
    title = "Llm_VoiceAgent_s2s"
    kinds = (
        "Error",
        "Welcome",
        "SettingsApplied",
        "ConversationText",
        "UserStartedSpeaking",
        "EndOfThought",
        "AgentThinking",
        "FunctionCallRequest",
        "FunctionCalling",
        "AgentStartedSpeaking",
        "AgentAudioDone",
    )
    updates = ("UpdateInstructions", "UpdateSpeak", "InjectAgentMessage")
    needs = (
        "auth.apiKey",
        "llmOptions.Settings.agent.think.provider.type",
        "llmOptions.Settings.agent.think.provider.model",
    )

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        yield {"type": "Welcome", "request_id": str(uuid.uuid4())}
        yield {"type": "SettingsApplied"}

    def caller_begins(self) -> Iterator[Event]:
        yield {"type": "UserStartedSpeaking"}

    def heard(self, text: str) -> Iterator[Event]:
        yield {"type": "ConversationText", "role": "user", "content": text}

    def begins(self, text: str) -> Iterator[Event]:
        yield {"type": "ConversationText", "role": "assistant", "content": text}
        yield {"type": "AgentStartedSpeaking", "total_latency": 0.9, "tts_latency": 0.3, "ttt_latency": 0.6}

    def said(self, text: str) -> Iterator[Event]:
        yield {"type": "AgentAudioDone"}

    def failed(self, error: Any) -> Iterator[Event]:
        yield {"type": "Error", "description": error}

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        functions = [{"id": call.id, "name": call.name, "arguments": json.dumps(call.arguments)} for call in calls]
        yield {"type": "FunctionCallRequest", "functions": functions}

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        (inner,) = fields(data, data=dict)
        kind, call_id, _, content = fields(inner, type=str, id=str, name=str, content=str)
        expect(kind, "FunctionCallResponse")
        return {call_id: read(content)}


class _Ultravox(Vendor):
    title = "Llm_Ultravox_s2s"
    kinds = (
        "createCall",
        "pong",
        "state",
        "transcript",
        "conversationText",
        "clientToolInvocation",
        "playbackClearBuffer",
    )
    updates = ("input_text_message",)

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        yield {"type": "createCall", "callId": str(uuid.uuid4()), "firstSpeaker": "FIRST_SPEAKER_AGENT"}
        yield _state("listening")

    def heard(self, text: str) -> Iterator[Event]:
        yield _transcript("user", text)
        yield _state("thinking")

    def begins(self, text: str) -> Iterator[Event]:
        yield _state("speaking")

    def said(self, text: str) -> Iterator[Event]:
        yield _transcript("agent", text)
        yield _state("listening")

    def interrupted(self, text: str) -> Iterator[Event]:
        yield {"type": "playback_clear_buffer"}
        yield _state("listening")

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        for call in calls:
            event = {"toolName": call.name, "invocationId": call.id, "parameters": call.arguments}
            yield {"type": "client_tool_invocation", **event}

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        kind, call_id, result = fields(data, type=str, invocation_id=str, result=object)
        expect(kind, "client_tool_result")
        return {call_id: read(result) if isinstance(result, str) else result}


def _state(state: str) -> Event:
    return {"type": "state", "state": state}


def _transcript(role: str, text: str) -> Event:
    return {"type": "transcript", "role": role, "medium": "voice", "text": text, "final": True}


class _ElevenLabs(Vendor):
    title = "Llm_Elevenlabs_s2s"
    kinds = ("conversation_initiation_metadata", "user_transcript", "agent_response", "client_tool_call")
    expands = True
    updates = ()
    needs = ("auth.agent_id",)

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        kind = "conversation_initiation_metadata"
        yield {"type": kind, f"{kind}_event": {"conversation_id": f"conv_{secrets.token_hex(8)}"}}

    def heard(self, text: str) -> Iterator[Event]:
        yield {"type": "user_transcript", "user_transcription_event": {"user_transcript": text}}

    def begins(self, text: str) -> Iterator[Event]:
        yield {"type": "agent_response", "agent_response_event": {"agent_response": text}}

    def said(self, text: str) -> Iterator[Event]:
        yield from ()

    def interrupted(self, text: str) -> Iterator[Event]:
        yield {"type": "interruption", "interruption_event": {"reason": "user"}}

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        for call in calls:
            details = {"tool_name": call.name, "tool_call_id": call.id, "parameters": call.arguments}
            yield {"type": "client_tool_call", "client_tool_call": details}

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        (inner,) = fields(data, data=dict)
        kind, call_id, result, _ = fields(inner, type=str, tool_call_id=str, result=object, is_error=bool)
        expect(kind, "client_tool_result")
        return {call_id: read(result) if isinstance(result, str) else result}

    def check_update(self, data: object) -> None:
        raise WrongShape("jambonz passes no updates on to elevenlabs")


class _Google(Vendor):
    title = "Llm_Google_s2s"
    kinds = ("llm_event",)
    expands = True
    needs = ("auth.apiKey", "llmOptions.setup")

    def kind(self, event: Mapping[str, Any]) -> object:
        return "llm_event"

    def new_id(self) -> str:
        return f"function-call-{secrets.randbelow(10**18)}"

    def connected(self, options: Mapping[str, Any]) -> Iterator[Event]:
        yield {"setupComplete": {}}

    def heard(self, text: str) -> Iterator[Event]:
        yield {"serverContent": {"inputTranscription": {"text": text}}}

    def said(self, text: str) -> Iterator[Event]:
        yield {"serverContent": {"outputTranscription": {"text": text}}}
        yield {"serverContent": {"turnComplete": True}}

    def interrupted(self, text: str) -> Iterator[Event]:
        yield {"serverContent": {"interrupted": True}}

    def failed(self, error: Any) -> Iterator[Event]:
        yield from ()

    def _function_calls(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        return [{"id": call.id, "name": call.name, "args": call.arguments} for call in calls]

    def tool_messages(self, calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
        # The same id for all: those of the calls are inside.
        several = {"functionCalls": self._function_calls(calls)}
        yield {"tool_call_id": "function_call_id", "type": "toolCall", **several}

    def tool_events(self, calls: Sequence[Call]) -> Iterator[Event]:
        yield {"toolCall": {"functionCalls": self._function_calls(calls)}}

    def answered(self, data: object, tool_call_id: object) -> Mapping[str, Any]:
        (answer,) = fields(data, toolResponse=dict)
        (responses,) = fields(answer, functionResponses=list)
        if not responses:
            raise WrongShape("functionResponses has none")
        return dict(fields(response, id=str, response=dict) for response in responses)


_VENDORS: Mapping[str, type[Vendor]] = {
    "openai": OpenAI,
    "microsoft": Microsoft,
    "deepgram": _VoiceAgent,
    "voiceagent": _VoiceAgent,
    "ultravox": _Ultravox,
    "elevenlabs": _ElevenLabs,
    "google": _Google,
    "qwen": Later,
    "gptlive": GptLive,
}


def vendor_of(name: str, options: Mapping[str, Any]) -> type[Vendor] | None:
    """Return the vendor whose model the verb of this name wants; ``None`` if there is none, or it wants no model."""
    if name == "agent":
        return Agent
    vendor = options.get("vendor", name.removesuffix("_s2s")) if _wants_model(name) else None
    return _VENDORS.get(vendor) if isinstance(vendor, str) else None


def _wants_model(name: str) -> bool:
    return name == "llm" or name == "s2s" or name.endswith("_s2s")


def refusal(name: str, options: Mapping[str, Any]) -> str | None:
    """Return why jambonz cannot make a verb of this, and so refuses the whole list; ``None`` if it can."""
    if not _wants_model(name):
        return None
    vendor = vendor_of(name, options)
    if vendor is None:
        return f"{name} has no vendor {options.get('vendor')!r}, only {', '.join(_VENDORS)}"
    for path in vendor.needs:
        value: Any = options
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value in (None, ""):
            return f"{name} needs {path}"
    return None
