"""Commands to language models: ``llm:tool-output``, ``llm:update`` and ``agent:update``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict

from ..verbs.fault import Fault
from ..verbs.markers import Doc, FreeForm, Needed, SameOnWire
from ..verbs.rules import Run, rule
from ..verbs.spelling import one_of

__all__ = ["AgentChange", "AgentUpdate", "LlmUpdate", "ToolOutput", "as_update"]

AgentChange: TypeAlias = Literal["update_instructions", "inject_context", "update_tools", "generate_reply"]


class AgentUpdate(TypedDict, total=False):
    """Change what the verb `agent` does, while it runs."""

    type: Annotated[
        AgentChange,
        Needed(),
        Doc("Tell it something else, let it know more, give it other tools, or have it speak."),
    ]
    instructions: Annotated[
        str, Doc("What it should do from now on (update_instructions), or this time (generate_reply).")
    ]
    messages: Annotated[Sequence[FreeForm], Doc("Dicts with `role` and `content` (inject_context).")]
    tools: Annotated[
        Sequence[FreeForm], Doc("Functions it may call: dicts with `name`, `description`, `parameters` (update_tools).")
    ]
    user_input: Annotated[str, SameOnWire, Doc("What the caller is taken to have said (generate_reply).")]
    interrupt: Annotated[bool, Doc("Break off what it says now (generate_reply).")]


_BELONGS = {
    "instructions": ("update_instructions", "generate_reply"),
    "messages": ("inject_context",),
    "tools": ("update_tools",),
    "user_input": ("generate_reply",),
    "interrupt": ("generate_reply",),
}
_WANTED = {"update_instructions": "instructions", "inject_context": "messages", "update_tools": "tools"}


@rule(AgentUpdate)
def _each_update_has_its_own(given: Mapping[str, Any], run: Run) -> None:
    kind = given["type"]
    wanted = _WANTED.get(kind)
    if wanted is not None and wanted not in given:
        raise Fault(f"needs {wanted}, since type is {kind}", wanted)
    for name, kinds in _BELONGS.items():
        if name in given and kind not in kinds:
            raise Fault(f"takes {name} where type is {one_of(kinds)}, and not {kind}", name)


class LlmUpdate(TypedDict, total=False):
    """Change what the verb `llm` does, while it runs."""

    update: Annotated[FreeForm, Needed(), Doc("What to change, in the words of the model's vendor.")]


class ToolOutput(TypedDict, total=False):
    """Answer a tool call of a language model."""

    output: Annotated[FreeForm, Needed(), Doc("The answer, in the shape of the model's vendor.")]


def as_update(data: Any) -> Any:
    """Return the options that a vendor's update stands for: its keys are none of ours."""
    return {"update": data}
