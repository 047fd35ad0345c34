"""The verbs llm and agent: conversations with a language model."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import (
    Answers,
    CallsTool,
    CallsTools,
    HangsUp,
    ModelEnds,
    ModelSays,
    ModelSends,
    Presses,
    Says,
    Silence,
    Transcript,
)
from jambonz_sync.testing import Jambonz

from .in_world import call_in_world
from .server import HANGUP, App, call, say
from .test_session import late_clock

AUTH = {"apiKey": "k"}

#: What jambonz cannot do without, by vendor.
NEEDED: dict[str, dict[str, Any]] = {
    "openai": {"auth": AUTH, "llmOptions": {"response_create": {}}},
    "microsoft": {"auth": AUTH, "llmOptions": {"response_create": {}}, "connectOptions": {"host": "example.com"}},
    "deepgram": {
        "auth": AUTH,
        "llmOptions": {"Settings": {"agent": {"think": {"provider": {"type": "open_ai", "model": "m"}}}}},
    },
    "voiceagent": {
        "auth": AUTH,
        "llmOptions": {"Settings": {"agent": {"think": {"provider": {"type": "open_ai", "model": "m"}}}}},
    },
    "ultravox": {"auth": AUTH, "llmOptions": {}},
    "elevenlabs": {"auth": {"agent_id": "a"}, "llmOptions": {}},
    "google": {"auth": AUTH, "llmOptions": {"setup": {}}},
}

HOOKS = {"actionHook": "/over", "eventHook": "/event", "toolHook": "/tool"}
AGENT = {"verb": "agent", **HOOKS}


def llm(vendor: str = "openai", **options: Any) -> dict[str, Any]:
    return {"verb": "llm", "vendor": vendor, **NEEDED[vendor], **HOOKS, **options}


def run(*verbs: dict[str, Any], steps: Any = (), **options: Any) -> Transcript:
    """Call an application that gives its verbs, hangs up when the model is done, and does nothing else."""

    def application(app: App) -> None:
        app.begin(*verbs)
        hang_up_when_over(app)

    return call(application, *steps, **options)


def hang_up_when_over(app: App) -> None:
    """Answer every hook with a hangup."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            app.ack(app.receive(), [HANGUP])


def events(transcript: Transcript, kind: str = "llm:event") -> list[dict[str, Any]]:
    return [message["data"] for message in transcript.messages("in", kind)]


def types(transcript: Transcript) -> list[str]:
    return [event["type"] for event in events(transcript)]


def lines(transcript: Transcript) -> list[tuple[str, str]]:
    """Who said what."""
    return [(entry.who, entry.what) for entry in transcript.entries if entry.who in ("app", "caller")]


# Taking turns


def test_turns():
    """After what the model says it is the caller's turn; the verb ends with its action hook."""
    transcript = run(
        llm(id="m"),
        steps=["it does", "goodbye"],
        model=[ModelSays("Does it rain?"), ModelSays("Here too."), ModelEnds()],
    )
    assert lines(transcript) == [
        ("app", "Does it rain?"),
        ("caller", "it does"),
        ("app", "Here too."),
        ("caller", "goodbye"),
    ]
    assert [entry.time for entry in transcript.entries if entry.who in ("app", "caller")] == pytest.approx(
        [0, 1.7, 2.5, 3.8]
    )
    (hook,) = transcript.messages("in", "verb:hook")
    assert (hook["hook"], hook["data"]["completion_reason"]) == ("/over", "normal conversation end")
    assert (hook["data"]["verb_id"], hook["data"]["call_status"]) == ("m", "in-progress")
    assert "error" not in hook["data"]


def test_caller_speaks_first():
    """A model that does not begin with speech listens first, unless the caller has nothing to say."""
    assert lines(run(llm(), steps=["hello"], model=[ModelSends({"type": "x"}), ModelSays("Hello."), ModelEnds()])) == [
        ("caller", "hello"),
        ("app", "Hello."),
    ]
    assert lines(run(llm(), steps=[HangsUp()], model=[ModelEnds()])) == []


def test_model_without_a_script():
    """It listens to all the caller has to say, who then loses patience."""
    transcript = run(llm(), steps=["hello", Silence(3), "anybody there"])
    assert lines(transcript) == [("caller", "hello"), ("caller", "anybody there"), ("caller", "hangs up")]
    assert transcript.of("fault") == ["the caller has heard nothing for 0.05 s"]
    heard = [event["transcript"] for event in events(transcript) if "transcript" in event]
    assert heard == ["hello", "anybody there"]


def test_caller_hangs_up():
    """The caller hangs up where its turn comes, or at a time; that sends no hook."""
    for step in (HangsUp(), HangsUp(at=1)):
        transcript = run(llm(), steps=[step], model=[ModelSays("One two three."), ModelEnds()])
        assert lines(transcript) == [("app", "One two three."), ("caller", "hangs up")]
        assert transcript.messages("in", "verb:hook") == []


def test_barge_in():
    """A caller who barges in cuts the model short."""
    transcript = run(
        llm(),
        steps=[Says("wait a moment", barge_in=True)],
        model=[ModelSays("One two three four."), ModelSays("Yes?"), ModelEnds()],
    )
    assert lines(transcript) == [("app", "One two three four."), ("caller", "wait a moment"), ("app", "Yes?")]
    times = [entry.time for entry in transcript.entries if entry.who in ("app", "caller")]
    assert times == pytest.approx([0, 0.5, 1.7])
    kinds = types(transcript)
    assert kinds.index("input_audio_buffer.speech_started") + 1 == kinds.index("response.done")
    assert [e["response"]["status"] for e in events(transcript) if e["type"] == "response.done"] == [
        "cancelled",
        "completed",
    ]


def test_keys():
    """Keys are no speech."""
    transcript = run(llm(), steps=["5", "hello"], model=[ModelSays("Yes?"), ModelEnds()])
    assert lines(transcript) == [("app", "Yes?"), ("caller", "presses 5"), ("caller", "hello")]
    assert "a language model hears no keys" in transcript.of("fault")[0]


def test_two_conversations():
    """A second verb goes on with the script where the first has ended."""
    transcript = run(llm(actionHook=""), llm(), model=[ModelSays("One."), ModelEnds(), ModelSays("Two."), ModelEnds()])
    assert transcript.heard == ["One.", "Two."]


# How it ends


def test_error():
    """What ends it is told in the action hook, with the error; the vendor's event comes before."""
    transcript = run(llm(), model=[ModelEnds("server error", error={"code": 7})])
    (hook,) = transcript.messages("in", "verb:hook")
    assert (hook["data"]["completion_reason"], hook["data"]["error"]) == ("server error", {"code": 7})
    assert events(transcript)[-1]["error"] == {"code": 7}


def test_killed():
    """A model that is replaced still reports its end; what replaces it waits for the answer."""

    def application(app: App) -> None:
        app.begin(llm())
        app.receive("llm:tool-call")
        app.redirect(say("New."), llm(), HANGUP)
        hook = app.receive("verb:hook")
        assert hook["data"]["completion_reason"] == "normal conversation end"
        app.ack(hook)
        app.ack(app.receive("verb:hook"))
        app.until_closed()

    model = [CallsTool("wait"), ModelSays("Never."), ModelEnds("server error"), ModelSays("Second."), ModelEnds()]
    assert call(application, model=model, patience=10).heard == ["New.", "Second."]


def test_killed_and_answered_with_verbs():
    """Verbs in that answer take the place of those that have killed it."""

    def application(app: App) -> None:
        app.begin(llm())
        app.receive("llm:tool-call")
        app.redirect(say("New."))
        app.ack(app.receive("verb:hook"), [say("Newer."), HANGUP])
        app.until_closed()

    assert call(application, model=[CallsTool("wait")], patience=10).heard == ["Newer."]


def test_action_hook_unanswered():
    """The call ends if the action hook is not answered."""

    def application(app: App) -> None:
        app.begin(llm(), say("Never."))
        app.until_closed()

    transcript = call(application, model=[ModelEnds()], clock=late_clock())
    assert transcript.heard == []
    assert "the action hook of llm was not answered, which ends the call" in transcript.ending.reason


def test_bad_verbs_in_the_answer():
    """An answer that is no list of verbs changes nothing."""

    def application(app: App) -> None:
        app.begin(llm(), say("Next."), HANGUP)
        app.ack(app.receive(), [{"verb": "sing"}])
        app.until_closed()

    transcript = call(application, model=[ModelEnds()])
    assert transcript.heard == ["Next."]
    assert "the answer to a hook of llm is no list of verbs" in transcript.of("fault")[0]


# Events


@pytest.mark.parametrize(
    ("wanted", "some", "others"),
    [
        (None, ["session.created", "response.done"], ["custom"]),
        (["all"], ["session.created", "response.done"], ["custom"]),
        (["all", "-none"], ["session.created", "custom"], []),
        (["all", "-response.done"], ["session.created", "response.created", "custom"], ["response.done"]),
        (["all", "-response.*"], ["session.created", "custom"], ["response.done", "response.created"]),
        (["response.*"], ["response.created", "response.done"], ["session.created", "custom"]),
        (["response.done", "custom"], ["response.done", "custom"], ["session.created", "response.created"]),
        (["-response.done"], ["session.created", "custom", "response.done"], []),
        ([], ["session.created", "custom"], []),
    ],
)
def test_wanted_events(wanted, some, others):
    """The verb says which events are passed on; without a word those of a list."""
    options = {} if wanted is None else {"events": wanted}
    transcript = run(llm(**options), model=[ModelSays("Hello."), ModelSends({"type": "custom"}), ModelEnds()])
    assert set(some) <= set(types(transcript))
    assert not set(others) & set(types(transcript))


def test_no_event_hook():
    """Without an eventHook there are no events."""
    verb = llm()
    del verb["eventHook"]
    assert events(run(verb, model=[ModelSays("Hello."), ModelEnds()])) == []


def test_event_hook_elsewhere():
    """One that is called by HTTP is noted once."""
    transcript = run(llm(eventHook="https://example.com/e"), model=[ModelSays("Hello."), ModelEnds()])
    assert events(transcript) == []
    assert transcript.of("note") == ["https://example.com/e would be called by HTTP, which this simulator does not"]


def test_keys_of_events():
    """The keys of an event are put into snake case; an event wants no ack and has no trace context."""
    transcript = run(llm("google"), model=[ModelSends({"usageMetadata": {"totalTokenCount": 5}}), ModelEnds()])
    message = transcript.messages("in", "llm:event")[-1]
    assert message["data"] == {"usage_metadata": {"total_token_count": 5}}
    assert message.keys() == {"type", "msgid", "call_sid", "hook", "data"}
    assert message["hook"] == "/event"


# Tools


def outputs(vendor: str, call_id: str) -> Any:
    """An output in the vendor's shape."""
    inner = {"type": "client_tool_result", "tool_call_id": call_id, "result": {"a": 1}, "is_error": False}
    response = {"id": call_id, "response": {"a": 1}}
    item = {"type": "function_call_output", "call_id": call_id, "output": "{}"}
    voice = {"data": {"type": "FunctionCallResponse", "id": call_id, "name": "find", "content": "{}"}}
    return {
        "openai": {"type": "conversation.item.create", "item": item},
        "microsoft": {"type": "conversation.item.create", "item": item},
        "deepgram": voice,
        "voiceagent": voice,
        "ultravox": {"type": "client_tool_result", "invocation_id": call_id, "result": None},
        "elevenlabs": {"data": inner},
        "google": {"toolResponse": {"functionResponses": [response]}},
    }[vendor]


def answer_with(output: Any, verb: dict[str, Any], **options: Any) -> Transcript:
    """Call an application that answers a tool call with what ``output`` makes of its id."""

    def application(app: App) -> None:
        app.begin(verb)
        message = app.receive("llm:tool-call", "agent:tool-call")
        data = message["data"]
        call_id = data["function_calls"][0]["id"] if "function_calls" in data else data["tool_call_id"]
        app.command("llm:tool-output", output(call_id), tool_call_id=data["tool_call_id"])
        hang_up_when_over(app)

    model = [CallsTool("find", {"orderNo": 7}), ModelSays("Found."), ModelEnds()]
    return call(application, model=model, **options)


@pytest.mark.parametrize("vendor", NEEDED)
def test_tool_call(vendor):
    """The tool is called in the vendor's shape, its arguments untouched; with its output the model goes on."""
    transcript = answer_with(lambda call_id: outputs(vendor, call_id), llm(vendor), patience=10)
    (message,) = transcript.messages("in", "llm:tool-call")
    data = message["data"]
    if vendor == "google":
        (inner,) = data.pop("function_calls")
        assert data == {"tool_call_id": "function_call_id", "type": "toolCall"}
        assert inner == {"id": inner["id"], "name": "find", "args": {"orderNo": 7}}
    else:
        assert data == {"tool_call_id": data["tool_call_id"], "name": "find", "args": {"orderNo": 7}}
    assert message.keys() == {"type", "msgid", "call_sid", "hook", "data"}
    assert transcript.heard == ["Found."]


#: What jambonz or the vendor cannot read, by vendor.
WRONG = [
    ("openai", lambda call_id: {"result": 1}),
    ("openai", lambda call_id: {**outputs("openai", call_id), "type": "response.create"}),
    ("openai", lambda call_id: outputs("openai", "another")),
    (
        "openai",
        lambda call_id: {
            "type": "conversation.item.create",
            "item": {**outputs("openai", call_id)["item"], "output": {"a": 1}},
        },
    ),
    (
        "openai",
        lambda call_id: {
            "type": "conversation.item.create",
            "item": {**outputs("openai", call_id)["item"], "type": ""},
        },
    ),
    ("microsoft", lambda call_id: None),
    ("deepgram", lambda call_id: outputs("deepgram", call_id)["data"]),
    ("deepgram", lambda call_id: {"data": {**outputs("deepgram", call_id)["data"], "content": {}}}),
    ("voiceagent", lambda call_id: {"data": {**outputs("deepgram", call_id)["data"], "type": "FunctionCall"}}),
    ("ultravox", lambda call_id: {"data": outputs("ultravox", call_id)}),
    ("ultravox", lambda call_id: {"type": "client_tool_result", "invocation_id": call_id}),
    ("elevenlabs", lambda call_id: outputs("elevenlabs", call_id)["data"]),
    ("elevenlabs", lambda call_id: {"data": {"type": "client_tool_result", "tool_call_id": call_id, "result": 1}}),
    ("google", lambda call_id: {"functionResponses": []}),
    ("google", lambda call_id: {"toolResponse": {"functionResponses": []}}),
    ("google", lambda call_id: {"toolResponse": {"functionResponses": [{"id": call_id, "response": "text"}]}}),
]


@pytest.mark.parametrize(("vendor", "output"), WRONG)
def test_wrong_output(vendor, output):
    """What the vendor cannot read is dropped with a note, and the model waits for ever: not so the caller."""
    transcript = answer_with(output, llm(vendor), patience=10)
    assert transcript.heard == []
    assert "the output of a tool is dropped, and the model waits for ever" in transcript.of("fault")[0]
    assert transcript.of("fault")[1] == "the caller has heard nothing for 10 s"


def test_right_output_after_a_wrong_one():
    """A right one may still come."""

    def application(app: App) -> None:
        app.begin(llm())
        call_id = app.receive("llm:tool-call")["data"]["tool_call_id"]
        app.send_together(
            {"type": "command", "command": "llm:tool-output", "tool_call_id": call_id, "data": {"result": 1}},
            {
                "type": "command",
                "command": "llm:tool-output",
                "tool_call_id": call_id,
                "data": outputs("openai", call_id),
            },
        )
        hang_up_when_over(app)

    model = [CallsTool("find"), ModelSays("Found."), ModelEnds()]
    assert call(application, model=model, patience=10).heard == ["Found."]


def test_output_nobody_waits_for():
    """One for a call that is not open, or no more, is noted."""

    def application(app: App) -> None:
        app.begin(llm(), HANGUP)
        call_id = app.receive("llm:tool-call")["data"]["tool_call_id"]
        output = {"type": "command", "command": "llm:tool-output", "data": outputs("openai", call_id)}
        app.send_together(output, output)
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, model=[CallsTool("find"), ModelEnds()], patience=10)
    assert transcript.of("fault")[0].startswith("the output of a tool is dropped: there is no open tool call 'call_")


def test_several_tools():
    """Several calls come in a message each, and the model waits for all outputs, in any order."""

    def application(app: App) -> None:
        app.begin(llm())
        calls = [app.receive("llm:tool-call")["data"] for _ in range(2)]
        assert [data["name"] for data in calls] == ["find", "count"]
        for data in reversed(calls):
            app.command("llm:tool-output", outputs("openai", data["tool_call_id"]))
        hang_up_when_over(app)

    model = [CallsTools([CallsTool("find"), CallsTool("count")]), ModelSays("Found."), ModelEnds()]
    assert call(application, model=model, patience=10).heard == ["Found."]


def test_several_tools_of_google():
    """Google's come in one message, whose answer has all outputs."""

    def application(app: App) -> None:
        app.begin(llm("google"))
        data = app.receive("llm:tool-call")["data"]
        responses = [{"id": one["id"], "name": one["name"], "response": {}} for one in data["function_calls"]]
        app.command("llm:tool-output", {"toolResponse": {"functionResponses": responses}}, tool_call_id="any")
        hang_up_when_over(app)

    model = [CallsTools([CallsTool("find"), CallsTool("count")]), ModelSays("Found."), ModelEnds()]
    assert call(application, model=model, patience=10).heard == ["Found."]


@pytest.mark.parametrize("hook", [None, "https://example.com/tool"])
def test_lost_tool_call(hook):
    """Without a toolHook here the call is lost."""
    verb = llm(toolHook=hook) if hook else {key: value for key, value in llm().items() if key != "toolHook"}
    transcript = run(verb, model=[CallsTool("find"), ModelSays("Never.")])
    assert transcript.heard == []
    assert "the tool call is lost" in " ".join(transcript.of("fault"))


def test_impatient_caller():
    """A caller bears a silent tool for so long."""
    transcript = run(llm(), model=[CallsTool("find"), ModelSays("Never.")])
    assert lines(transcript) == [("caller", "hangs up")]
    assert transcript.of("fault") == ["the caller has heard nothing for 0.05 s"]


# Updates


UPDATES = [
    ("openai", {"type": "session.update", "session": {}}, True),
    ("openai", {"type": "response.cancel"}, True),
    ("openai", {"type": "response.create"}, False),
    ("openai", {}, False),
    ("deepgram", {"type": "UpdateSpeak"}, True),
    ("deepgram", {"type": "session.update"}, False),
    ("ultravox", {"type": "input_text_message", "text": "a"}, True),
    ("ultravox", {"type": "user_text_message"}, False),
    ("elevenlabs", {"type": "contextual_update"}, False),
    ("google", {"anything": True}, True),
]


@pytest.mark.parametrize(("vendor", "data", "passed_on"), UPDATES)
def test_update(vendor, data, passed_on):
    """An update that jambonz does not pass on is noted; the conversation goes on either way."""

    def application(app: App) -> None:
        app.begin(llm(vendor))
        message = app.receive("llm:tool-call")["data"]
        app.command("llm:update", data)
        call_id = message["function_calls"][0]["id"] if vendor == "google" else message["tool_call_id"]
        app.command("llm:tool-output", outputs(vendor, call_id))
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    transcript = call(application, model=[CallsTool("find"), ModelEnds()], patience=10)
    notes = [note for note in transcript.of("fault") if "the command llm:update is dropped" in note]
    assert bool(notes) is not passed_on


def test_commands_without_a_model():
    """While no model runs its commands do nothing."""

    def application(app: App) -> None:
        app.begin({"verb": "pause", "length": 5}, HANGUP)
        app.command("llm:update", {"type": "session.update"})
        app.until_closed()

    clock_runs = call(application, speed=20)
    assert "the command llm:update, as it was sent, does nothing in this simulator" in clock_runs.of("fault")


# Vendors and names


@pytest.mark.parametrize(
    ("verb", "title"),
    [
        (llm(), "Llm_OpenAI_s2s"),
        ({**llm(), "verb": "s2s"}, "Llm_OpenAI_s2s"),
        ({"verb": "openai_s2s", **NEEDED["openai"]}, "Llm_OpenAI_s2s"),
        ({"verb": "microsoft_s2s", **NEEDED["microsoft"]}, "Llm_OpenAI_s2s"),
        ({"verb": "deepgram_s2s", **NEEDED["deepgram"]}, "Llm_VoiceAgent_s2s"),
        ({"verb": "voiceagent_s2s", **NEEDED["deepgram"]}, "Llm_VoiceAgent_s2s"),
        ({"verb": "ultravox_s2s", **NEEDED["ultravox"]}, "Llm_Ultravox_s2s"),
        ({"verb": "elevenlabs_s2s", **NEEDED["elevenlabs"]}, "Llm_Elevenlabs_s2s"),
        ({"verb": "google_s2s", **NEEDED["google"]}, "Llm_Google_s2s"),
        ({"verb": "openai_s2s", "vendor": "google", **NEEDED["google"]}, "Llm_Google_s2s"),
        (AGENT, "agent"),
    ],
)
def test_names(verb, title):
    """A verb is reported under the name of what it stands for."""
    notify = {"verb": "config", "notifyEvents": True}
    verb = {key: value for key, value in verb.items() if key != "actionHook"}
    transcript = call(
        lambda app: (app.begin(notify, {**verb, "id": "m"}, HANGUP), app.until_closed()), model=[ModelEnds()]
    )
    reports = [event for event in events(transcript, "verb:status") if event.get("id") == "m"]
    assert reports == [
        {"event": "starting", "name": title, "id": "m"},
        {"event": "finished", "name": title, "id": "m"},
    ]


@pytest.mark.parametrize(
    ("verb", "why"),
    [
        (llm(auth={}), "llm needs auth.apiKey"),
        (llm(llmOptions={}), "llm needs llmOptions.response_create"),
        (llm("microsoft", connectOptions={}), "llm needs connectOptions.host"),
        ({"verb": "elevenlabs_s2s", "llmOptions": {}}, "elevenlabs_s2s needs auth.agent_id"),
        (llm(vendor="openai") | {"vendor": "acme"}, "llm has no vendor 'acme'"),
    ],
)
def test_refused(verb, why):
    """What the vendor cannot do without, and a vendor that does not exist, reject the call."""
    transcript = call(lambda app: (app.ack(app.receive(), [verb]), app.until_closed()))
    assert transcript.ending.rejected
    assert why in transcript.ending.reason


def test_on_a_dialled_leg():
    """A model talks to the caller only."""

    def application(app: App) -> None:
        app.begin({"verb": "dial", "target": [{"type": "phone", "number": "1"}], "confirmHook": "/confirm"}, HANGUP)
        app.ack(app.receive("dial:confirm"), [llm()])
        app.until_closed()

    transcript = call(application, model=[ModelSays("Never.")], dials=[Answers()])
    assert transcript.of("note") == ["llm is skipped: it is for the caller's leg only"]
    assert transcript.heard == []


# agent


def test_agent():
    """agent has messages of its own; turns are reported when they end, interrupted or not."""
    transcript = run(
        {key: value for key, value in AGENT.items() if key != "actionHook"},
        HANGUP,
        steps=["is it raining", Says("stop it", barge_in=True)],
        model=[ModelSays("Hello."), ModelSays("It has been raining for hours."), ModelSays("Well."), ModelEnds()],
    )
    messages = transcript.messages("in", "agent:event")
    assert {message["hook"] for message in messages} == {"/event"}
    latency = messages[4]["data"]["latency"]
    assert all(isinstance(milliseconds, int) for milliseconds in latency.values())
    long = "It has been raining for hours."
    assert [message["data"] for message in messages] == [
        {"type": "llm_response", "response": "Hello."},
        {"type": "user_transcript", "transcript": "is it raining"},
        {"type": "llm_response", "response": long},
        {"type": "user_interruption"},
        {
            "type": "turn_end",
            "transcript": "is it raining",
            "response": long,
            "interrupted": True,
            "latency": latency,
        },
        {"type": "user_transcript", "transcript": "stop it"},
        {"type": "llm_response", "response": "Well."},
        {
            "type": "turn_end",
            "transcript": "stop it",
            "response": "Well.",
            "interrupted": False,
            "latency": latency,
        },
    ]


@pytest.mark.parametrize(("output", "goes_on"), [({"result": None}, True), ({"result": {}}, True), ({"a": 1}, False)])
def test_tools_of_agent(output, goes_on):
    """Its tool calls have ``arguments``, and any ``result`` will do."""
    transcript = answer_with(lambda call_id: output, AGENT, patience=10)
    (message,) = transcript.messages("in", "agent:tool-call")
    assert message["data"] == {
        "tool_call_id": message["data"]["tool_call_id"],
        "name": "find",
        "arguments": {"order_no": 7},
    }
    assert (transcript.heard == ["Found."]) == goes_on


@pytest.mark.parametrize(
    ("data", "passed_on"),
    [
        ({"type": "update_instructions", "instructions": "Be brief."}, True),
        ({"type": "update_instructions"}, False),
        ({"type": "inject_context", "messages": [{"role": "user", "content": "a"}]}, True),
        ({"type": "inject_context", "messages": {}}, False),
        ({"type": "update_tools", "tools": []}, True),
        ({"type": "generate_reply"}, True),
        ({"type": "session.update"}, False),
        ([], False),
    ],
)
def test_updates_of_agent(data, passed_on):
    """agent has updates of its own, and knows none for llm."""

    def application(app: App) -> None:
        app.begin(AGENT)
        call_id = app.receive("agent:tool-call")["data"]["tool_call_id"]
        app.command("llm:update", {"type": "session.update"})
        app.command("agent:update", data)
        app.command("llm:tool-output", {"result": 1}, tool_call_id=call_id)
        app.ack(app.receive(), [HANGUP])
        app.until_closed()

    notes = call(application, model=[CallsTool("find"), ModelEnds()], patience=10).of("fault")
    assert "the command llm:update, as it was sent, does nothing" in notes[0]
    assert any("the command agent:update is dropped" in note for note in notes) is not passed_on


# Applications of this library


@pytest.mark.parametrize("vendor", [*NEEDED, "agent"])
def test_functions_of_an_application(vendor):
    """What a function returns, or why it cannot be called, reaches the model in its vendor's shape."""
    asked = []

    def answer(session: Any) -> None:
        @session.tool
        def find(order_no: int) -> dict[str, Any]:
            asked.append(order_no)
            return {"state": "sent"}

        if vendor == "agent":
            session.agent(action_hook="/over", tool_hook="/tool").send()
        else:
            options = {key: value for key, value in llm(vendor).items() if key not in ("verb", "eventHook")}
            session.llm(**options).send()
        session.wait_for("/over")
        session.hangup().reply()

    tools = [CallsTool("find", {"orderNo": 7}), CallsTool("count")]
    model = [CallsTools(tools), ModelSays("Found."), ModelEnds()]
    transcript = call_in_world(answer, Says("where is it"), model=model)
    assert asked == [7]
    assert transcript.heard == ["Found."]
    assert [note for note in transcript.of("note") if not note.startswith("the model ")] == []
    assert transcript.of("fault") == []
    sent = json.dumps([message["data"] for message in transcript.messages("out", "command")])
    assert "there is no function count" in sent


def test_output_by_hand():
    """An application that waits for the tool call itself sends the output in its own words."""

    def answer(session: Any) -> None:
        session.openai_s2s(**NEEDED["openai"], actionHook="/over", toolHook="/tool").send()
        evt = session.wait_for("/tool")
        session.send_tool_output(evt, {"temperature": 21})
        session.update_llm({"type": "session.update", "session": {"instructions": "Be brief."}})
        assert session.wait_for("/over").completion_reason == "disconnect from remote end"
        session.hangup().reply()

    model = [CallsTool("get_weather"), ModelSays("Warm."), ModelEnds("disconnect from remote end")]
    transcript = call_in_world(answer, model=model)
    assert transcript.heard == ["Warm."]
    assert [note for note in transcript.of("note") if not note.startswith("the model ")] == []
    assert transcript.of("fault") == []


def test_live_caller():
    """A caller who does what a test says is asked when the model has spoken, also one that has come to its end."""

    def answer(session: Any) -> None:
        session.openai_s2s(**NEEDED["openai"], actionHook="/over", eventHook="/event").send()
        for heard in ("it does", "goodbye"):
            while session.wait_for("/event").get("transcript") != heard:
                pass
        session.hangup().send()

    endpoint = create_endpoint()
    endpoint.make_service(path="/app").on("session:new", answer)
    with Jambonz() as jambonz:
        phone_call = jambonz.call(endpoint, "/app", model=[ModelSays("Does it rain?"), ModelSays("Here too.")])
        assert phone_call.heard("Does it rain?")
        phone_call.says("it does")
        assert phone_call.heard("Here too.")
        phone_call.is_silent(2)
        phone_call.says("goodbye")
        assert not phone_call.heard("Never.")
        assert phone_call.ended


def test_script_that_is_none():
    """What is no step of a model is refused when the call is made."""
    with pytest.raises(TypeError, match="a step of a model is ModelSays, "):
        call(lambda app: None, model=[Presses("1")])
