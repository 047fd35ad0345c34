"""Answers to tool calls and updates of models, in the shape that each vendor reads."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from jambonz_sync.commands.tool_output import Failure, check_update, outputs_for, tool_output
from jambonz_sync.exceptions import InvalidCommand
from jambonz_sync.protocol.tool_call import ToolCall

TABLE = json.loads((pathlib.Path(__file__).parents[1] / "data" / "messages.json").read_text(encoding="utf-8"))

CALL = ToolCall("call-1", "get_weather", {"city": "Ghent"})

#: What functions return, and the text that stands for it where a vendor wants text.
RESULTS = [
    ("sunny", "sunny"),
    ("", ""),
    ({"temperature": 21, "sky": "grün"}, '{"temperature":21,"sky":"grün"}'),
    (["sunny", None], '["sunny",null]'),
    ((1, 2), "[1,2]"),
    (21.5, "21.5"),
    (0, "0"),
    (True, "true"),
    (None, "null"),
]

#: The vendors whose models came after jambonz 0.9, as far as they are known, and one that is not.
LATER = ["agent", "qwen", "gptlive", "newvendor"]


def output(vendor: str | None, result: Any) -> Any:
    """The data of the answer to one call."""
    return tool_output(vendor, [CALL], [result])


def holds(data: Any, part: Any) -> bool:
    """Whether data has all that a part of it has."""
    if isinstance(part, dict):
        return isinstance(data, dict) and all(key in data and holds(data[key], part[key]) for key in part)
    return type(data) is type(part) and bool(data == part)


# Plain results


@pytest.mark.parametrize("vendor", ["openai", "microsoft"])
@pytest.mark.parametrize(("result", "text"), RESULTS)
def test_openai(vendor: str, result: Any, text: str) -> None:
    """An item of the conversation, with the output as text."""
    assert output(vendor, result) == {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": "call-1", "output": text},
    }


@pytest.mark.parametrize("vendor", ["deepgram", "voiceagent"])
@pytest.mark.parametrize(("result", "text"), RESULTS)
def test_deepgram(vendor: str, result: Any, text: str) -> None:
    """A response inside an object, with the output as text, and the function's name."""
    assert output(vendor, result) == {
        "data": {"type": "FunctionCallResponse", "id": "call-1", "name": "get_weather", "content": text}
    }


@pytest.mark.parametrize(("result", "_"), RESULTS)
def test_elevenlabs(result: Any, _: str) -> None:
    """A result inside an object, as it is."""
    assert output("elevenlabs", result) == {
        "data": {"type": "client_tool_result", "tool_call_id": "call-1", "result": result, "is_error": False}
    }


@pytest.mark.parametrize(("result", "_"), RESULTS)
def test_ultravox(result: Any, _: str) -> None:
    """A result as it is."""
    assert output("ultravox", result) == {
        "type": "client_tool_result",
        "invocation_id": "call-1",
        "result": result,
    }


@pytest.mark.parametrize(("result", "_"), RESULTS)
def test_google(result: Any, _: str) -> None:
    """A list of responses, each of which is an object."""
    response = result if isinstance(result, dict) else {"result": result}
    assert output("google", result) == {
        "toolResponse": {"functionResponses": [{"id": "call-1", "name": "get_weather", "response": response}]}
    }


@pytest.mark.parametrize("vendor", [*LATER, None])
@pytest.mark.parametrize(("result", "_"), RESULTS)
def test_later_vendors(vendor: str | None, result: Any, _: str) -> None:
    """The verb agent and all that came after it read one shape; where nothing is known, a dict may be any."""
    expected = result if vendor is None and isinstance(result, dict) else {"result": result}
    assert output(vendor, result) == expected


def test_a_call_without_a_name() -> None:
    """Where only the call's id is known, its name is left out if it may be."""
    call = ToolCall("call-1", "", {})
    assert tool_output("google", [call], ["sunny"]) == {
        "toolResponse": {"functionResponses": [{"id": "call-1", "response": {"result": "sunny"}}]}
    }


@pytest.mark.parametrize("vendor", [name for name in TABLE["llm_tool_output"] if not name.startswith("agent")])
def test_every_vendor_of_the_table(vendor: str) -> None:
    """The shape has the keys of the table, at every level, and its fixed words."""

    def same(ours: Any, theirs: Any) -> None:
        if isinstance(theirs, dict):
            assert ours.keys() == theirs.keys()
            for key in theirs:
                same(ours[key], theirs[key])
        elif theirs in ("string", "boolean", "array"):
            assert type(ours) is {"string": str, "boolean": bool, "array": list}[theirs]
        elif theirs != "any":
            assert ours == theirs

    same(output(vendor, {"temperature": 21}), TABLE["llm_tool_output"][vendor])
    assert TABLE["llm_tool_output"]["agent(v10)"].keys() == output("agent", 21).keys()


# Failures


@pytest.mark.parametrize(
    ("vendor", "shape"),
    [
        ("openai", {"item": {"output": '{"error":"no such city"}'}}),
        ("microsoft", {"item": {"output": '{"error":"no such city"}'}}),
        ("deepgram", {"data": {"content": '{"error":"no such city"}'}}),
        ("voiceagent", {"data": {"content": '{"error":"no such city"}'}}),
        ("elevenlabs", {"data": {"result": "no such city", "is_error": True}}),
        ("ultravox", {"result": {"error": "no such city"}}),
        *((vendor, {"result": {"error": "no such city"}}) for vendor in (*LATER, None)),
    ],
)
def test_failure(vendor: str, shape: dict[str, Any]) -> None:
    """The model reads what went wrong, where its vendor has a place for that and where not."""
    assert holds(output(vendor, Failure("no such city")), shape)


def test_failure_of_google() -> None:
    """Each of several has its own."""
    calls = [ToolCall("a", "one", {}), ToolCall("b", "two", {})]
    assert tool_output("google", calls, ["fine", Failure("too late")]) == {
        "toolResponse": {
            "functionResponses": [
                {"id": "a", "name": "one", "response": {"result": "fine"}},
                {"id": "b", "name": "two", "response": {"error": "too late"}},
            ]
        }
    }


# What has the shape already


@pytest.mark.parametrize(
    ("vendor", "given"),
    [
        ("openai", {"type": "conversation.item.create", "item": {"type": "message", "role": "system"}}),
        ("microsoft", {"type": "conversation.item.create", "item": {}}),
        ("deepgram", {"data": {"type": "FunctionCallResponse", "id": "x", "content": "y"}}),
        ("voiceagent", {"data": {"type": "FunctionCallResponse"}}),
        ("elevenlabs", {"data": {"type": "client_tool_result", "result": 1, "is_error": True}}),
        ("ultravox", {"type": "client_tool_result", "invocation_id": "x", "error_type": "undefined"}),
        ("google", {"toolResponse": {"functionResponses": []}}),
        *((vendor, {"result": 1}) for vendor in (*LATER, None)),
    ],
)
def test_shape_of_the_vendor(vendor: str, given: dict[str, Any]) -> None:
    """It goes as it stands."""
    assert output(vendor, given) == given


@pytest.mark.parametrize(
    ("vendor", "given"),
    [
        ("deepgram", {"type": "FunctionCallResponse", "id": "x", "name": "n", "content": "y"}),
        ("voiceagent", {"type": "FunctionCallResponse"}),
        ("elevenlabs", {"type": "client_tool_result", "tool_call_id": "x", "result": 1, "is_error": False}),
    ],
)
def test_shape_of_the_vendor_itself(vendor: str, given: dict[str, Any]) -> None:
    """Where jambonz wants it inside an object, that is put around it."""
    assert output(vendor, given) == {"data": given}


@pytest.mark.parametrize(
    ("vendor", "given", "sent"),
    [
        ("openai", {"type": "x"}, {"item": {"output": '{"type":"x"}'}}),
        ("openai", {"type": "client_tool_result"}, {"item": {"output": '{"type":"client_tool_result"}'}}),
        ("deepgram", {"data": {"type": "x"}}, {"data": {"content": '{"data":{"type":"x"}}'}}),
        ("elevenlabs", {"data": "text"}, {"data": {"result": {"data": "text"}, "is_error": False}}),
        ("ultravox", {"type": "conversation.item.create"}, {"result": {"type": "conversation.item.create"}}),
        ("agent", {"result": 1, "more": 2}, {"result": {"result": 1, "more": 2}}),
    ],
)
def test_shape_of_another_vendor(vendor: str, given: dict[str, Any], sent: dict[str, Any]) -> None:
    """It is a result like any other."""
    assert holds(output(vendor, given), sent)


# Several calls


CALLS = [ToolCall("a", "one", {}), ToolCall("b", "two", {})]


@pytest.mark.parametrize("given", [["x", "y"], ("x", "y"), {"b": "y", "a": "x"}])
def test_outputs_of_several_calls(given: Any) -> None:
    """A list in their order, or a dict by their ids."""
    assert outputs_for(CALLS, given) == ["x", "y"]


def test_outputs_of_several_calls_at_once() -> None:
    """A failure is that of all of them, and what the vendor reads is left alone."""
    assert outputs_for(CALLS, Failure("no")) == [Failure("no"), Failure("no")]
    answer = {"toolResponse": {"functionResponses": [{"id": "a"}, {"id": "b"}]}}
    assert tool_output("google", CALLS, outputs_for(CALLS, answer)) == answer


@pytest.mark.parametrize("given", ["xy", ["x"], ["x", "y", "z"], {"a": "x"}, {"a": "x", "b": "y", "c": "z"}, None, {}])
def test_outputs_that_do_not_match(given: Any) -> None:
    """Each call must get its own."""
    with pytest.raises(InvalidCommand) as caught:
        outputs_for(CALLS, given)
    assert (str(caught.value), caught.value.path) == (
        "send_tool_output needs one output for each of the 2 calls: a list in the order of evt.function_calls, or a "
        "dict by their ids",
        "send_tool_output",
    )


@pytest.mark.parametrize("given", ["x", ["x"], ["x", "y"], {"a": "x", "b": "y"}, None, Failure("no")])
def test_output_of_one_call(given: Any) -> None:
    """Whatever it is, it is the output."""
    assert outputs_for(CALLS[:1], given) == [given]


def test_output_of_one_call_by_its_id() -> None:
    """Code that answers several calls by their ids works for one."""
    assert outputs_for(CALLS[:1], {"a": "x"}) == ["x"]


# What JSON cannot carry


@pytest.mark.parametrize("result", [{1, 2}, {"at": object()}, float("nan"), [b"bytes"], {("a", "b"): 1}])
@pytest.mark.parametrize("vendor", ["openai", "deepgram"])
def test_no_text_for_it(vendor: str, result: Any) -> None:
    """A result that is sent as text must have one."""
    with pytest.raises(InvalidCommand, match="the output of a tool must be something JSON can carry") as caught:
        output(vendor, result)
    assert caught.value.path == "send_tool_output"
    assert caught.value.__cause__ is not None


def test_a_result_that_contains_itself() -> None:
    """Nor has this."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidCommand, match="something JSON can carry"):
        output("openai", loop)


# Updates


REALTIME = ["session.update", "conversation.item.create", "conversation.item.delete", "response.cancel"]
VOICE_AGENT = ["UpdateInstructions", "UpdateSpeak", "InjectAgentMessage"]
UPDATES = {
    "openai": REALTIME,
    "microsoft": REALTIME,
    "deepgram": VOICE_AGENT,
    "voiceagent": VOICE_AGENT,
    "ultravox": ["input_text_message"],
    "gptlive": [
        "session.update",
        "session.context.append",
        "delegation.context.append",
        "delegation.function_call_output.create",
        "session.close",
    ],
}


@pytest.mark.parametrize(("vendor", "kind"), [(vendor, kind) for vendor, kinds in UPDATES.items() for kind in kinds])
def test_update(vendor: str, kind: str) -> None:
    """Each vendor takes its own."""
    check_update(vendor, {"type": kind})


@pytest.mark.parametrize("vendor", ["google", "qwen", "newvendor"])
def test_update_of_any_kind(vendor: str) -> None:
    """What jambonz passes on whatever it is, or what is not known here, is not checked."""
    check_update(vendor, {"clientContent": {}})


@pytest.mark.parametrize(("vendor", "kinds"), UPDATES.items())
@pytest.mark.parametrize(("kind", "shown"), [("session.updat", "'session.updat'"), (None, "None"), ([], "a list")])
def test_update_that_would_be_dropped(vendor: str, kinds: list[str], kind: Any, shown: str) -> None:
    """And nothing of another kind."""
    with pytest.raises(InvalidCommand) as caught:
        check_update(vendor, {} if kind is None else {"type": kind})
    named = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"
    assert (str(caught.value), caught.value.path) == (
        f"update_llm.type must be {named}, since the vendor is {vendor}; not {shown}",
        "update_llm.type",
    )


@pytest.mark.parametrize(
    ("vendor", "text"),
    [
        ("elevenlabs", "update_llm has no effect here: jambonz passes no updates on to elevenlabs"),
        ("agent", "update_llm is for the verb llm; agent is changed by update_agent"),
    ],
)
def test_update_that_has_no_effect(vendor: str, text: str) -> None:
    """Some take none."""
    with pytest.raises(InvalidCommand) as caught:
        check_update(vendor, {"type": "session.update"})
    assert (str(caught.value), caught.value.path) == (text, "update_llm")
