"""Commands to language models."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.commands.model import as_update

from .sending import message, refused


@pytest.mark.parametrize(
    ("options", "text", "name"),
    [
        ({}, "needs type", "type"),
        ({"type": "update_instructions"}, "needs instructions, since type is update_instructions", "instructions"),
        ({"type": "inject_context"}, "needs messages, since type is inject_context", "messages"),
        ({"type": "update_tools"}, "needs tools, since type is update_tools", "tools"),
        (
            {"type": "update_tools", "tools": [], "instructions": "x"},
            "takes instructions where type is update_instructions or generate_reply, and not update_tools",
            "instructions",
        ),
        (
            {"type": "generate_reply", "messages": []},
            "takes messages where type is inject_context, and not generate_reply",
            "messages",
        ),
        (
            {"type": "inject_context", "messages": [], "tools": []},
            "takes tools where type is update_tools, and not inject_context",
            "tools",
        ),
        (
            {"type": "update_instructions", "instructions": "x", "user_input": "y"},
            "takes user_input where type is generate_reply, and not update_instructions",
            "user_input",
        ),
        (
            {"type": "update_instructions", "instructions": "x", "interrupt": True},
            "takes interrupt where type is generate_reply, and not update_instructions",
            "interrupt",
        ),
        (
            {"type": "generate_reply", "userInput": "x"},
            "has no option 'userInput'; did you mean user_input?",
            "userInput",
        ),
    ],
)
def test_each_update_has_its_own(options: dict[str, Any], text: str, name: str) -> None:
    """What an update of that type does not have is refused, and so is one without what it is for."""
    assert refused(lambda s: s.update_agent(**options)) == (f"update_agent {text}", f"update_agent.{name}")


@pytest.mark.parametrize("type_", ["update_instruction", None, 7])
def test_a_type_is_one_of_four(type_: Any) -> None:
    """With all of them in the error."""
    assert refused(lambda s: s.update_agent(type_, instructions="x"))[1] == "update_agent.type"


def test_messages_and_tools_are_left_alone() -> None:
    """Their keys are the vendor's."""
    tools = [{"type": "function", "function": {"name": "a", "some_key": None}}]
    assert message(lambda s: s.update_agent("update_tools", tools=tools))["data"]["tools"] == tools


@pytest.mark.parametrize("data", [None, "session.update", ["session.update"], 7])
def test_an_update_is_a_dict(data: Any) -> None:
    """In the words of the vendor."""
    assert refused(lambda s: s.inject_command("llm:update", data))[1] == "llm:update.update"


def test_as_update() -> None:
    """Whatever is in it, it is none of our options."""
    assert as_update({"update": 1}) == {"update": {"update": 1}}
    assert message(lambda s: s.inject_command("llm:update", {"update": 1}))["data"] == {"update": 1}
