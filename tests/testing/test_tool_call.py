"""A tool call that a test has the language model make."""

from __future__ import annotations

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import CallsTool, ModelEnds, ModelSays


@pytest.fixture
def service():
    """The service of an endpoint that is never started; a model of the vendor in ``V`` talks to the caller."""
    service = create_endpoint().make_service("/app")
    think = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}

    @service.on("session:new")
    def answer(session):
        session.llm(
            vendor=session.env["V"],
            auth={"apiKey": "key", "agent_id": "agent"},
            connect_options={"host": "example.com"},
            llm_options={"setup": {}, "response_create": {}, "Settings": {"agent": {"think": think}}},
            tool_hook="/tool",
            action_hook="/over",
        ).send()
        session.wait_for("/over")
        session.say("The model is gone.").reply()

    @service.tool
    def add(a, b):
        return {"sum": a + b}

    @service.tool
    def fails():
        raise ValueError("there is nothing")

    return service


@pytest.mark.parametrize("vendor", ["openai", "microsoft", "deepgram", "ultravox", "elevenlabs", "google"])
def test_the_output_comes_back(jambonz, service, vendor):
    """What the function returns is read out of the shape of the vendor; the conversation goes on around it."""
    call = jambonz.call(service.endpoint, "/app", env={"V": vendor}, model=[ModelSays("Hello.")])
    assert call.heard("Hello.")
    call.says("one and two")
    assert call.tool_call("add", {"a": 1, "b": 2}) == {"sum": 3}
    assert call.tool_call("add", {"a": 3, "b": 4}) == {"sum": 7}
    call.says("thank you")
    call.hangs_up()


def test_behind_the_script(jambonz, service):
    """The model first does what it was given to do; an end of its own is its end."""
    model = [ModelSays("Hello."), CallsTool("add", {"a": 1, "b": 1}), ModelSays("Two.")]
    call = jambonz.call(service.endpoint, "/app", env={"V": "openai"}, model=model)
    assert call.heard("Hello.")
    call.says("one and one")
    assert call.tool_call("add", {"a": 5, "b": 5}) == {"sum": 10}
    said = [entry.what for entry in call.transcript.entries if entry.who == "app"]
    assert said == ["Hello.", "Two."]


def test_a_tool_that_fails(jambonz, service):
    """The model is told of the error."""
    jambonz.tolerates("fails raised")
    jambonz.tolerates("there is nothing")
    call = jambonz.call(service.endpoint, "/app", env={"V": "openai"})
    call.says("hello")
    assert "there is nothing" in str(call.tool_call("fails"))


def test_no_model(jambonz, service):
    """Where no model talks, nobody answers, and the test is told so."""
    call = jambonz.call(service.endpoint, "/app", env={"V": "openai"}, model=[ModelSays("Hello."), ModelEnds()])
    call.says("hello")
    assert call.heard("The model is gone.")
    with pytest.raises(AssertionError, match="the model's call of add is not answered"):
        call.tool_call("add", {"a": 1, "b": 2})
