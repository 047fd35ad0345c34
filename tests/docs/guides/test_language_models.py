"""What docs/guides/language-models.md shows, with models that do as they are told."""

from __future__ import annotations

import logging
import sys
import types

import pytest

from jambonz_sync import TtsStreamFailed
from jambonz_sync.simulator import CallsTool, ModelEnds, ModelSays, StreamFails
from tests.docs.page import Page

PAGE = Page("guides/language-models")
DESK, TEST, WITH_AGENT, CONNECT, AGENT = PAGE.blocks("python")
(NOBODY,) = PAGE.blocks("text")


@pytest.fixture
def desk(monkeypatch):
    """The names of the first block, with a key."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    return DESK.run()


def test_the_test_of_the_page(jambonz, desk):
    """It passes."""
    TEST.run(desk)["test_order"](jambonz)


@pytest.mark.parametrize(
    ("end", "sorry"), [(ModelEnds(), False), (ModelEnds("server error", error={"code": "bad key"}), True)]
)
def test_the_end_of_the_conversation(jambonz, desk, end, sorry):
    """The caller is told of one that has failed."""
    call = jambonz.call(desk["endpoint"], "/desk", model=[ModelSays("Hello."), end])
    assert call.heard("Hello.")
    call.says("thank you")
    assert bool(call.heard("I am sorry")) is sorry


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [("find_order", {"orderId": "7"}, "KeyError: '7'"), ("find_parcel", {}, "there is no function find_parcel")],
)
def test_tools_that_fail(jambonz, desk, name, arguments, error):
    """The model reads what the page says it reads, and goes on."""
    jambonz.tolerates("find_order|find_parcel")
    call = jambonz.call(desk["endpoint"], "/desk")
    told = call.tool_call(name, arguments)
    assert told == {"error": error}
    assert f"`{told}`" in PAGE.text
    assert call.tool_call("find_order", {"orderId": "42"}) == {"state": "shipped"}


def test_tool_that_acts_on_the_call(calling):
    """The conversation ends and the caller is connected."""
    call = calling(CONNECT.run(KEY="key", NUMBERS={"sales": "+15550143210"})["answer_and_connect"])
    call.says("the sales people, please")
    assert call.tool_call("connect", {"department": "sales"}) == "connecting"
    assert call.heard("I connect you.")
    call.is_silent(20)
    assert "connected to +15550143210" in call.transcript.of("call")


def test_agent(calling, caplog):
    """Each turn is in the log; when the conversation is over so is the call."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    model = [ModelSays("Hello."), ModelSays("That is all I know."), ModelEnds()]
    call = calling(WITH_AGENT.run(TOOLS=[])["with_agent"], model=model)
    assert call.heard("Hello.")
    call.says("what do you know")
    call.is_silent(30)
    assert call.ended
    assert any("what do you know: That is all I know." in record.getMessage() for record in caplog.records)


@pytest.fixture
def agent(monkeypatch):
    """The agent of the page, whose client repeats what it was asked; and the histories that this was given."""
    asked = []

    def create(model, messages, stream):
        asked.append([dict(message) for message in messages])
        for word in [f"You said {messages[-1]['content']}.", " And then", " I thought about it", None]:
            delta = types.SimpleNamespace(content=word)
            yield types.SimpleNamespace(choices=[types.SimpleNamespace(delta=delta)])

    completions = types.SimpleNamespace(create=create)
    client = types.SimpleNamespace(chat=types.SimpleNamespace(completions=completions))
    module = types.ModuleType("openai")
    module.OpenAI = lambda: client
    monkeypatch.setitem(sys.modules, "openai", module)
    return AGENT.run()["agent"], asked


def test_empty_key(jambonz, monkeypatch):
    """jambonz rejects the call."""
    jambonz.tolerates("jambonz refused the first verbs")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    call = jambonz.call(DESK.run()["endpoint"], "/desk")
    assert "rejected with SIP 480" in call.state


def test_own_model(calling, agent):
    """What it writes is heard, and is in the history of the next question; the caller may break in."""
    answer, asked = agent
    call = calling(answer)
    assert call.heard("Ask me anything.")
    call.says("hello")
    assert call.heard("You said hello.")
    call.interrupts("stop")
    assert call.heard("You said stop.")
    assert call.heard("I thought about it")
    call.hangs_up()
    roles = [message["role"] for message in asked[1]]
    assert roles == ["system", "user", "assistant", "user"]
    assert asked[1][2]["content"].startswith("You said hello.")


def test_voice_that_cannot_be_streamed(calling, agent, jambonz):
    """It is the error that the page names."""
    failures = []

    def answer(session):
        try:
            agent[0](session)
        except TtsStreamFailed as error:
            failures.append(str(error))
            session.say("So I say it.").run()

    call = calling(answer, streams=[StreamFails()])
    call.says("hello")
    assert call.heard("So I say it.")
    assert "connection to" in failures[0]


def test_tool_that_nobody_serves(calling, jambonz, caplog):
    """The log says it in the words of the page."""
    jambonz.tolerates("nothing serves the tool call|heard nothing")

    def answer(session):
        session.llm(vendor="openai", auth={"apiKey": "key"}, llm_options={"response_create": {}}, tool_hook="/tool")
        session.run()

    call = calling(answer, model=[ModelSays("Hello."), CallsTool("find_order", {"orderId": "42"})])
    call.says("hello")
    call.is_silent(5)
    assert any(NOBODY.text.strip() in record.getMessage() for record in caplog.records)
