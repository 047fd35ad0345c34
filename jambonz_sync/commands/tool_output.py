"""Answers to tool calls, and updates of language models, in the shape that each vendor reads.

A wrong shape is dropped by jambonz without a word, and the model waits for its answer for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..exceptions import InvalidCommand
from ..protocol.tool_call import ToolCall
from ..verbs.fault import shown
from ..verbs.spelling import one_of

__all__ = ["Failure", "check_update", "outputs_for", "tool_output"]


@dataclass(frozen=True)
class Failure:
    """What a function did instead of returning: a sentence for the model."""

    text: str


def outputs_for(calls: Sequence[ToolCall], output: Any) -> list[Any]:
    """Return the output of each of the calls that one message has brought.

    For several, ``output`` is a list in their order, or a dict by their ids; a failure is that of all of them.

    Raises :exc:`~jambonz_sync.InvalidCommand` where it is neither.
    """
    if isinstance(output, Mapping) and output.keys() == {call.id for call in calls}:
        return [output[call.id] for call in calls]
    if len(calls) == 1 or _is_answer_of_google(output):
        return [output]
    if isinstance(output, Failure):
        return [output] * len(calls)
    if isinstance(output, (list, tuple)) and len(output) == len(calls):
        return list(output)
    raise InvalidCommand(
        f"send_tool_output needs one output for each of the {len(calls)} calls: a list in the order of "
        "evt.function_calls, or a dict by their ids",
        "send_tool_output",
    )


def tool_output(vendor: str | None, calls: Sequence[ToolCall], outputs: Sequence[Any]) -> Any:
    """Return the data of ``llm:tool-output``.

    ``vendor`` is that of the verb ``llm``, ``agent`` for the verb of that name, ``None`` if it is not known.
    ``calls`` are those of one message, ``outputs`` what each of the functions returned, or its :class:`Failure`. What
    has the vendor's shape already is passed on.

    Raises :exc:`~jambonz_sync.InvalidCommand` for what JSON cannot carry.
    """
    if vendor == "google":
        return _google(calls, outputs)
    call, output = calls[0], outputs[0]
    shape = _SHAPES.get(vendor or "")
    if shape is not None:
        return shape(call, output)
    # The verb `agent`, and all vendors that came after jambonz 0.9, have this one in common.
    if isinstance(output, Mapping) and (output.keys() == {"result"} or vendor is None):
        return output
    return {"result": _result(output)}


def _result(output: Any) -> Any:
    return {"error": output.text} if isinstance(output, Failure) else output


def _text(output: Any) -> str:
    if isinstance(output, str):
        return output
    try:
        return json.dumps(_result(output), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        text = f"the output of a tool must be something JSON can carry: {error}"
        raise InvalidCommand(text, "send_tool_output") from error


def _is(output: Any, kind: str) -> bool:
    return isinstance(output, Mapping) and output.get("type") == kind


def _openai(call: ToolCall, output: Any) -> Any:
    if _is(output, "conversation.item.create"):
        return output
    item = {"type": "function_call_output", "call_id": call.id, "output": _text(output)}
    return {"type": "conversation.item.create", "item": item}


def _nested(kind: str, output: Any) -> Any:
    """Return an output that has its vendor's shape inside the object that jambonz wants around it, else ``None``."""
    if _is(output, kind):
        return {"data": output}
    return output if isinstance(output, Mapping) and _is(output.get("data"), kind) else None


def _deepgram(call: ToolCall, output: Any) -> Any:
    kind = "FunctionCallResponse"
    answer = {"type": kind, "id": call.id, "name": call.name}
    return _nested(kind, output) or {"data": {**answer, "content": _text(output)}}


def _elevenlabs(call: ToolCall, output: Any) -> Any:
    kind = "client_tool_result"
    failed = isinstance(output, Failure)
    answer = {"type": kind, "tool_call_id": call.id, "result": output.text if failed else output, "is_error": failed}
    return _nested(kind, output) or {"data": answer}


def _ultravox(call: ToolCall, output: Any) -> Any:
    if _is(output, "client_tool_result"):
        return output
    return {"type": "client_tool_result", "invocation_id": call.id, "result": _result(output)}


def _is_answer_of_google(output: Any) -> bool:
    return isinstance(output, Mapping) and "toolResponse" in output


def _google(calls: Sequence[ToolCall], outputs: Sequence[Any]) -> Any:
    if _is_answer_of_google(outputs[0]):
        return outputs[0]
    responses = []
    for call, output in zip(calls, outputs, strict=True):
        result = _result(output)
        name = {"name": call.name} if call.name else {}
        response = result if isinstance(result, Mapping) else {"result": result}
        responses.append({"id": call.id, **name, "response": response})
    return {"toolResponse": {"functionResponses": responses}}


_SHAPES: Mapping[str, Callable[[ToolCall, Any], Any]] = {
    "openai": _openai,
    "microsoft": _openai,
    "deepgram": _deepgram,
    "voiceagent": _deepgram,
    "elevenlabs": _elevenlabs,
    "ultravox": _ultravox,
}


_REALTIME = ("session.update", "conversation.item.create", "conversation.item.delete", "response.cancel")
_VOICE_AGENT = ("UpdateInstructions", "UpdateSpeak", "InjectAgentMessage")

#: The types of update that jambonz passes on, by vendor.
_UPDATES: Mapping[str, Sequence[str]] = {
    "openai": _REALTIME,
    "microsoft": _REALTIME,
    "deepgram": _VOICE_AGENT,
    "voiceagent": _VOICE_AGENT,
    "ultravox": ("input_text_message",),
    "gptlive": (
        "session.update",
        "session.context.append",
        "delegation.context.append",
        "delegation.function_call_output.create",
        "session.close",
    ),
}


def check_update(vendor: str, data: Mapping[str, Any]) -> None:
    """Make sure that jambonz passes this update on to the vendor.

    Raises :exc:`~jambonz_sync.InvalidCommand` if it would drop it.
    """
    if vendor == "elevenlabs":
        raise InvalidCommand("update_llm has no effect here: jambonz passes no updates on to elevenlabs", "update_llm")
    if vendor == "agent":
        raise InvalidCommand("update_llm is for the verb llm; agent is changed by update_agent", "update_llm")
    kinds = _UPDATES.get(vendor)
    if kinds is not None and data.get("type") not in kinds:
        raise InvalidCommand(
            f"update_llm.type must be {one_of(kinds)}, since the vendor is {vendor}; not {shown(data.get('type'))}",
            "update_llm.type",
        )
