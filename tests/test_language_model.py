"""The session: answers to the tool calls of a language model, and its updates. Functions: ``test_session_tools.py``."""

from __future__ import annotations

import pytest

from jambonz_sync import CallEnded, CallNotActive, InvalidCommand, MessageTooBig
from tests.scenarios.jambonz_side import names
from tests.scenarios.talking_model import call_several, call_tool, expect_output, expect_text, talk
from tests.scenarios.threads import on_another_thread

#: The shape of the answer to a call, by vendor: what was returned is a dict.
SHAPES = {
    "openai": {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": "call-1", "output": '{"sky":"blue"}'},
    },
    "microsoft": {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": "call-1", "output": '{"sky":"blue"}'},
    },
    "deepgram": {
        "data": {
            "type": "FunctionCallResponse",
            "id": "call-1",
            "name": "get_weather",
            "content": '{"sky":"blue"}',
        }
    },
    "voiceagent": {
        "data": {
            "type": "FunctionCallResponse",
            "id": "call-1",
            "name": "get_weather",
            "content": '{"sky":"blue"}',
        }
    },
    "elevenlabs": {
        "data": {
            "type": "client_tool_result",
            "tool_call_id": "call-1",
            "result": {"sky": "blue"},
            "is_error": False,
        }
    },
    "ultravox": {"type": "client_tool_result", "invocation_id": "call-1", "result": {"sky": "blue"}},
    "qwen": {"result": {"sky": "blue"}},
    "gptlive": {"result": {"sky": "blue"}},
    "newvendor": {"result": {"sky": "blue"}},
}


class TestSendToolOutput:
    @pytest.mark.parametrize("vendor", SHAPES)
    def test_vendor(self, app, vendor):
        """A plain output is put into the shape that the vendor of the verb reads."""

        @app.answer
        def answer(session):
            talk(session, vendor)
            evt = session.wait_for("/tool")
            assert (evt.tool_name, evt.arguments) == ("get_weather", {"city": "Ghent"})
            assert session.send_tool_output(evt, {"sky": "blue"}) is None
            session.wait_for("/done")

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["llm"]
            call_tool(jambonz, city="Ghent")
            assert expect_output(jambonz) == SHAPES[vendor]

    @pytest.mark.parametrize("vendor", ["openai", "deepgram", "google"])
    def test_vendor_of_a_short_form(self, app, vendor):
        """So it is where the verb is called by its vendor."""

        @app.answer
        def answer(session):
            getattr(session, f"{vendor}_s2s")(llm_options={}, tool_hook="/tool").send()
            session.send_tool_output(session.wait_for("/tool"), "blue")
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
            text = expect_output(jambonz)
            assert {"openai": "item", "deepgram": "data", "google": "toolResponse"}[vendor] in text

    def test_by_id(self, app):
        """The id of the call is as good as its event: the name of the function is known by it."""

        @app.answer
        def answer(session):
            talk(session, "deepgram")
            evt = session.wait_for("/tool")
            session.send_tool_output(evt.tool_call_id, {"sky": "blue"})
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
            assert expect_output(jambonz) == SHAPES["deepgram"]

    def test_by_an_id_that_never_came(self, app):
        """An id of which nothing is known is answered as the model in the call wants it."""

        @app.answer
        def answer(session):
            talk(session)
            session.send_tool_output("other", "blue")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert expect_text(jambonz, "other") == "blue"

    def test_later(self, app):
        """Calls may be answered in any order, and from any thread."""

        @app.answer
        def answer(session):
            talk(session)
            first, second = session.wait_for("/tool"), session.wait_for("/tool")
            session.send_tool_output(second, 2)
            assert on_another_thread(lambda: session.send_tool_output(first, 1)) is None
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, call_id="a")
            call_tool(jambonz, call_id="b")
            assert expect_text(jambonz, "b") == "2"
            assert expect_text(jambonz, "a") == "1"

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            ("no such city", "no such city"),
            (KeyError("Ghent"), "KeyError: 'Ghent'"),
            (TimeoutError(), "TimeoutError"),
        ],
    )
    def test_error(self, app, error, text):
        """Instead of an output, the model may be told what went wrong."""

        @app.answer
        def answer(session):
            talk(session, "elevenlabs")
            evt = session.wait_for("/tool")
            with pytest.raises(TypeError, match="an output or error=, not both"):
                session.send_tool_output(evt, "blue", error=error)
            session.send_tool_output(evt, error=error)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
            data = expect_output(jambonz)["data"]
            assert (data["result"], data["is_error"]) == (text, True)

    @pytest.mark.parametrize("output", [["x", "y"], {"b": "y", "a": "x"}])
    def test_several_calls_at_once(self, app, output):
        """A message of Google may bring several calls; each gets its own output."""

        @app.answer
        def answer(session):
            talk(session, "google")
            evt = session.wait_for("/tool")
            assert [call["name"] for call in evt.function_calls] == ["one", "two"]
            with pytest.raises(InvalidCommand, match="one output for each of the 2 calls"):
                session.send_tool_output(evt, "x")
            session.send_tool_output(evt, output)
            session.send_tool_output(evt, error="both failed")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_several(jambonz, ("a", "one", {}), ("b", "two", {}))
            assert expect_output(jambonz, "function_call_id")["toolResponse"]["functionResponses"] == [
                {"id": "a", "name": "one", "response": {"result": "x"}},
                {"id": "b", "name": "two", "response": {"result": "y"}},
            ]
            failed = expect_output(jambonz, "function_call_id")["toolResponse"]["functionResponses"]
            assert [one["response"] for one in failed] == [{"error": "both failed"}] * 2

    def test_agent(self, app):
        """The verb agent has a shape of its own, whatever model is behind it."""

        @app.answer
        def answer(session):
            session.agent(llm={"vendor": "openai", "model": "gpt-4o"}, tool_hook="/tool").send()
            evt = session.wait_for("agent:tool-call")
            assert evt.arguments == {"city": "Ghent"}
            session.send_tool_output(evt, {"sky": "blue"})
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            data = {"tool_call_id": "call-1", "name": "get_weather", "arguments": {"city": "Ghent"}}
            jambonz.send("agent:tool-call", data, hook="/tool")
            assert expect_output(jambonz) == {"result": {"sky": "blue"}}

    def test_two_models(self, app):
        """Of two models in one call, each is answered in its own shape: they are told apart by their tool hooks."""

        @app.answer
        def answer(session):
            session.openai_s2s(llm_options={}, tool_hook="/first")
            session.ultravox_s2s(llm_options={}, tool_hook={"url": "/second"})
            session.send()
            for _ in range(2):
                session.send_tool_output(session.wait_for("llm:tool-call"), "blue")
            session.wait_for("*")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, hook="/first")
            assert expect_text(jambonz) == "blue"
            call_tool(jambonz, hook="/second")
            assert expect_output(jambonz)["type"] == "client_tool_result"

    @pytest.mark.parametrize(
        ("output", "data"),
        [
            ({"type": "conversation.item.create"}, {"type": "conversation.item.create"}),
            ("blue", {"result": "blue"}),
        ],
    )
    def test_call_taken_over(self, app, output, data):
        """Where this process does not know the verb, a dict goes as it stands."""

        def take_over(session):
            session.send_tool_output(session.wait_for("/tool"), output)
            session.wait_for("*")

        app.answer(take_over, "session:reconnect")
        app.log.allow("waiting for '/tool'")
        with app.connect() as jambonz:
            jambonz.session_new(kind="session:reconnect")
            jambonz.expect_ack()
            call_tool(jambonz)
            assert expect_output(jambonz) == data

    def test_several_calls_in_a_call_taken_over(self, app):
        """But only Google's models call several functions at once."""

        def take_over(session):
            session.send_tool_output(session.wait_for("llm:tool-call"), ["x", "y"])
            session.wait_for("*")

        app.answer(take_over, "session:reconnect")
        with app.connect() as jambonz:
            jambonz.session_new(kind="session:reconnect")
            jambonz.expect_ack()
            call_several(jambonz, ("a", "one", {}), ("b", "two", {}))
            responses = expect_output(jambonz, "function_call_id")["toolResponse"]["functionResponses"]
            assert [one["id"] for one in responses] == ["a", "b"]

    @pytest.mark.parametrize(
        ("what", "text"),
        [
            (None, "send_tool_output needs the event of a tool call, or its tool_call_id, not None"),
            ({"tool_call_id": "x"}, "send_tool_output needs the event of a tool call, or its tool_call_id, not a dict"),
            ("call:status", "send_tool_output needs a tool call, which call:status is not"),
            ("/tool", "send_tool_output needs a tool call, which /tool is not"),
        ],
    )
    def test_no_tool_call(self, app, what, text):
        """What is no tool call, or one without an id, cannot be answered as one."""

        @app.answer
        def answer(session):
            talk(session)
            events = {}
            for _ in range(2):
                evt = session.wait_for("call:status", "/tool")
                events[evt.name] = evt
            with pytest.raises(InvalidCommand) as caught:
                session.send_tool_output(events[what] if isinstance(what, str) else what, "blue")
            assert (str(caught.value), caught.value.path) == (text, "send_tool_output")
            session.hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.send("llm:tool-call", {"name": "get_weather", "args": {}}, hook="/tool")
            jambonz.status("in-progress")
            assert names(jambonz.expect_redirect()) == ["hangup"]

    @pytest.mark.parametrize(
        ("vendor", "output", "kind"),
        [
            ("openai", {1, 2}, InvalidCommand),
            ("google", {1, 2}, InvalidCommand),
            ("openai", "x" * 24_576, MessageTooBig),
            ("google", "x" * 24_576, MessageTooBig),
        ],
    )
    def test_what_cannot_be_sent(self, app, vendor, output, kind):
        """It raises, and the call can still be answered."""

        @app.answer
        def answer(session):
            talk(session, vendor)
            evt = session.wait_for("/tool")
            with pytest.raises(kind):
                session.send_tool_output(evt, output)
            session.send_tool_output(evt, "too much")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
            assert "too much" in str(expect_output(jambonz))

    def test_after_the_end(self, app):
        """There is nobody to answer."""

        @app.answer
        def answer(session):
            talk(session)
            evt = session.wait_for("/tool")
            try:
                session.wait_for("/done")
            finally:
                app.told.put(on_another_thread(lambda: session.send_tool_output(evt, "blue")))
                app.told.put(on_another_thread(lambda: session.update_llm({"type": "session.update"})))
                session.send_tool_output(evt, "blue")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
        assert isinstance(app.hears(), CallNotActive)
        assert isinstance(app.hears(), CallNotActive)
        assert isinstance(app.outcome(), CallEnded)


class TestUpdateLlm:
    @pytest.mark.parametrize(
        ("vendor", "data"),
        [
            ("openai", {"type": "session.update", "session": {"instructions": "Speak French.", "some_key": None}}),
            ("microsoft", {"type": "response.cancel"}),
            ("deepgram", {"type": "UpdateInstructions", "instructions": "Speak French."}),
            ("voiceagent", {"type": "InjectAgentMessage", "message": "Bonjour."}),
            ("ultravox", {"type": "input_text_message", "text": "Speak French."}),
            ("google", {"clientContent": {"turns": []}}),
            ("gptlive", {"type": "session.context.append"}),
            ("newvendor", {"anything": "goes"}),
        ],
    )
    def test_vendor(self, app, vendor, data):
        """An update goes as it stands, in the words of the vendor; any thread may send one."""

        @app.answer
        def answer(session):
            talk(session, vendor)
            assert session.update_llm(data) is None
            assert on_another_thread(lambda: session.update_llm(data)) is None
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            for _ in range(2):
                assert jambonz.receive() == {"type": "command", "command": "llm:update", "data": data}

    @pytest.mark.parametrize(
        ("vendor", "data", "text"),
        [
            ("openai", {"type": "session.updat"}, "update_llm.type must be session.update, "),
            ("deepgram", {"type": "session.update"}, "update_llm.type must be UpdateInstructions, "),
            ("ultravox", {}, "update_llm.type must be input_text_message, since the vendor is ultravox; not None"),
            ("elevenlabs", {"type": "session.update"}, "update_llm has no effect here"),
            ("openai", "Speak French.", "update_llm needs a dict, in the words of the model's vendor"),
            ("openai", None, "update_llm needs a dict"),
            ("google", {"content": object()}, "llm:update.content must be something JSON can carry"),
        ],
    )
    def test_refused(self, app, vendor, data, text):
        """What jambonz would drop is refused."""

        @app.answer
        def answer(session):
            talk(session, vendor)
            with pytest.raises(InvalidCommand) as caught:
                session.update_llm(data)
            assert str(caught.value).startswith(text)
            session.hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert names(jambonz.expect_redirect()) == ["hangup"]

    def test_too_big(self, app):
        """So is what it would not read."""

        @app.answer
        def answer(session):
            talk(session)
            with pytest.raises(MessageTooBig):
                session.update_llm({"type": "session.update", "session": {"instructions": "x" * 24_576}})
            session.hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert names(jambonz.expect_redirect()) == ["hangup"]

    def test_no_model(self, app):
        """Where there is no model there is nothing to change."""

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            with pytest.raises(
                InvalidCommand, match="update_llm has nothing to change: this call was given no llm verb"
            ):
                session.update_llm({"type": "session.update"})
            session.agent(llm={"vendor": "openai", "model": "gpt-4o"}).send()
            with pytest.raises(InvalidCommand, match="agent is changed by update_agent"):
                session.update_llm({"type": "session.update"})

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say"]
            assert names(jambonz.expect_redirect()) == ["agent"]
            jambonz.expect_goodbye()

    def test_verb_not_sent_yet(self, app):
        """A verb that is queued is none that runs."""

        @app.answer
        def answer(session):
            session.openai_s2s(llm_options={})
            with pytest.raises(InvalidCommand, match="nothing to change"):
                session.update_llm({"type": "session.update"})
            session.send()
            session.update_llm({"type": "session.update"})

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["llm"]
            assert jambonz.receive()["command"] == "llm:update"
            jambonz.expect_goodbye()

    @pytest.mark.parametrize("kind", ["session:reconnect", "session:adulting"])
    def test_call_with_verbs_of_before(self, app, kind):
        """A call that came with its verbs may have a model that this session knows nothing of."""

        def take_over(session):
            session.update_llm({"type": "session.update"})
            session.wait_for("*")

        app.answer(take_over, kind)
        with app.connect() as jambonz:
            jambonz.session_new(kind=kind)
            jambonz.expect_ack()
            assert jambonz.receive()["command"] == "llm:update"

    def test_not_strict(self, make_app):
        """What is not known here passes where the endpoint says so."""
        app = make_app(strict=False)

        @app.answer
        def answer(session):
            session.say("Hello.").send()
            session.update_llm({"type": "x"})
            talk(session)
            session.update_llm({"type": "y"})

        with app.call() as jambonz:
            jambonz.expect_ack()
            assert jambonz.receive()["data"] == {"type": "x"}
            assert names(jambonz.expect_redirect()) == ["llm"]
            assert jambonz.receive()["data"] == {"type": "y"}
            jambonz.expect_goodbye()
