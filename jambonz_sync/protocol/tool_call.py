"""What a language model wants called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["TOOL_CALL_TYPES", "ToolCall", "tool_calls"]

#: The messages that bring tool calls. The answer is a command.
TOOL_CALL_TYPES = frozenset({"llm:tool-call", "agent:tool-call"})


@dataclass(frozen=True)
class ToolCall:
    """One function that a model wants called: the call's own id, the function's name, the arguments by name."""

    id: str
    name: str
    arguments: dict[str, Any]


def tool_calls(kind: str, data: Mapping[str, Any]) -> Iterator[ToolCall]:
    """Go through the tool calls that a message of this type brings; only Google's models send several at a time."""
    if kind not in TOOL_CALL_TYPES:
        return
    several = data.get("function_calls")
    if isinstance(several, list):
        for call in several:
            if isinstance(call, dict):
                yield _tool_call(call, call.get("id"))
    else:
        yield _tool_call(data, data.get("tool_call_id"))


def _tool_call(call: Mapping[str, Any], call_id: object) -> ToolCall:
    name = call.get("name")
    # The verb llm has them by the first name, the verb agent by the second.
    arguments = call.get("args", call.get("arguments"))
    return ToolCall(
        call_id if isinstance(call_id, str) else "",
        name if isinstance(name, str) else "",
        arguments if isinstance(arguments, dict) else {},
    )
