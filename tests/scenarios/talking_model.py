"""A language model in a call: the verb that brings it in, what it calls, and what it must be told."""

from __future__ import annotations

from typing import Any

from jambonz_sync import Session

from .jambonz_side import JambonzSide

__all__ = ["call_several", "call_tool", "expect_output", "expect_text", "talk"]

#: What the verb of a vendor cannot do without.
_NEEDED: dict[str, dict[str, Any]] = {
    "elevenlabs": {"auth": {"agent_id": "a"}},
    "gptlive": {"auth": {"apiKey": "k"}, "llm_options": {"session_update": {}}},
}


def talk(session: Session, vendor: str = "openai", tool_hook: str = "/tool", action_hook: str = "/done") -> Session:
    """Let the caller talk to a model of this vendor."""
    options: Any = {"llm_options": {}, **_NEEDED.get(vendor, {})}
    return session.llm(vendor=vendor, tool_hook=tool_hook, action_hook=action_hook, **options).send()


def call_tool(
    jambonz: JambonzSide, name: str = "get_weather", call_id: str = "call-1", hook: str = "/tool", **args: Any
) -> None:
    """The model calls a function."""
    jambonz.send("llm:tool-call", {"tool_call_id": call_id, "name": name, "args": args}, hook=hook)


def call_several(jambonz: JambonzSide, *calls: tuple[str, str, dict[str, Any]], hook: str = "/tool") -> None:
    """A model of Google calls several functions at once: each an id, a name and arguments."""
    functions = [{"id": call_id, "name": name, "args": args} for call_id, name, args in calls]
    data = {"tool_call_id": "function_call_id", "type": "toolCall", "function_calls": functions}
    jambonz.send("llm:tool-call", data, hook=hook)


def expect_output(jambonz: JambonzSide, call_id: str = "call-1") -> Any:
    """The next message must be the answer to a tool call; return its data."""
    message = dict(jambonz.receive())
    data = message.pop("data")
    assert message == {"type": "command", "command": "llm:tool-output", "tool_call_id": call_id}, message
    return data


def expect_text(jambonz: JambonzSide, call_id: str = "call-1") -> str:
    """The same for a model of OpenAI; return the text that the model reads."""
    data = expect_output(jambonz, call_id)
    text = data["item"].pop("output")
    item = {"type": "function_call_output", "call_id": call_id}
    assert data == {"type": "conversation.item.create", "item": item}, data
    assert isinstance(text, str)
    return text
