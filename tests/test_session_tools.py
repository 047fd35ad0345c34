"""The session: plain functions that a language model may call."""

from __future__ import annotations

import functools
import json
import logging
import threading

import pytest

from jambonz_sync import CallEnded, WaitTimeout
from tests.scenarios.jambonz_side import GOODBYE, names, texts
from tests.scenarios.talking_model import call_several, call_tool, expect_output, expect_text, talk

ERROR = logging.ERROR


class TestRegistering:
    def test_forms(self, app):
        """A function is registered under its own name or another, as a decorator or by a call, which return it."""

        @app.answer
        def answer(session):
            @session.tool
            def plain():
                return "plain"

            @session.tool("named")
            def other():
                return "other"

            def third():
                return "third"

            assert session.tool("called", third) is third
            assert session.tool(third) is third
            assert (plain(), other()) == ("plain", "other")
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            for name, text in (("plain", "plain"), ("named", "other"), ("called", "third"), ("third", "third")):
                call_tool(jambonz, name)
                assert expect_text(jambonz) == text

    def test_forms_of_a_service(self, app):
        """The same for all calls of a service."""

        @app.service.tool
        def plain():
            return "plain"

        @app.service.tool("named")
        def other():
            return "other"

        def third():
            return "third"

        assert app.service.tool("called", third) is third
        assert (plain(), other()) == ("plain", "other")
        app.answer(talk)
        for _ in range(2):
            with app.call() as jambonz:
                jambonz.expect_ack()
                jambonz.expect_goodbye()
                for name, text in (("plain", "plain"), ("named", "other"), ("called", "third")):
                    call_tool(jambonz, name)
                    assert expect_text(jambonz) == text

    def test_mistakes(self, app):
        """What cannot be called by name is refused where it is registered."""

        @app.answer
        def answer(session):
            async def wait_for_it():
                """What other libraries take."""

            def by_place(order_id, /):
                """Cannot be given by name."""

            for register, text in [
                (lambda: session.tool("x", "text"), "the tool x needs a function with known arguments"),
                (lambda: session.tool(wait_for_it), "the tool wait_for_it must be a plain function"),
                (lambda: session.tool(by_place), "the tool by_place gets its arguments by name"),
                (lambda: session.tool(lambda: None), r'has none: give it one, tool\("name", fn\)'),
                (lambda: session.tool(functools.partial(by_place, 1)), r'has none: give it one, tool\("name", fn\)'),
                (lambda: app.service.tool("x", 7), "the tool x needs a function with known arguments"),
            ]:
                with pytest.raises(TypeError, match=text):
                    register()
            session.hangup().send()

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["hangup"]

    def test_session_before_service(self, app):
        """Of two functions of one name the session's own is called."""
        app.service.tool("where", lambda: "service")
        app.service.tool("other", lambda: "service")

        @app.answer
        def answer(session):
            session.tool("where", lambda: "first")
            session.tool("where", lambda: "session")
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "session"
            call_tool(jambonz, "other")
            assert expect_text(jambonz) == "service"

    def test_for_one_call_only(self, app, log):
        """What a session registers is not there in the next call."""
        registered = threading.Event()

        @app.answer
        def answer(session):
            if not registered.is_set():
                session.tool("where", lambda: "here")
            registered.set()
            session.tool("here", lambda: None)
            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "here"
        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == '{"error":"there is no function where"}'
            log.expect("the model called a tool wrongly, and was told so: there is no function where")

    def test_from_another_thread(self, app):
        """Any thread may register one."""
        app.answer(lambda session: session.openai_s2s(llm_options={}, tool_hook="/tool").run())
        with app.call() as jambonz:
            jambonz.expect_ack()
            app.endpoint.sessions[jambonz.call_sid].tool("where", lambda: "there")
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "there"


class TestCalling:
    def test_arguments(self, app):
        """It gets the model's arguments by name, whichever way they are spelled, and the session if it asks for it."""

        @app.answer
        def answer(session):
            @session.tool
            def look_up(order_id, session, item="all", **more):
                app.told.put((order_id, session, item, more))

            app.told.put(session)
            talk(session)

        with app.call() as jambonz:
            session = app.hears()
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz, "look_up", orderId={"some": ["thing"]})
            assert app.hears() == ({"some": ["thing"]}, session, "all", {})
            assert expect_text(jambonz) == "null"
            call_tool(jambonz, "look_up", order_id=1, item="lamp", colorCode=2)
            assert app.hears() == (1, session, "lamp", {"colorCode": 2})
            assert expect_text(jambonz) == "null"

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({}, "look_up needs order_id"),
            ({"order": 1}, "look_up has no argument order; it takes item and order_id"),
            ({"order_id": 1, "orderId": 2}, "look_up got order_id twice"),
            ({"order_id": 1, "session": 2}, "look_up has no argument session; it takes item and order_id"),
        ],
    )
    def test_wrong_arguments(self, app, log, arguments, text):
        """Who calls wrongly is told so, and may try again."""

        @app.answer
        def answer(session):
            @session.tool
            def look_up(session, order_id, item=None):
                return "found"

            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "look_up", **arguments)
            assert json.loads(expect_text(jambonz)) == {"error": text}
            log.expect(f"the model called a tool wrongly, and was told so: {text}")
            call_tool(jambonz, "look_up", orderId=1)
            assert expect_text(jambonz) == "found"

    def test_unknown_function(self, app, log):
        """So is who calls what is not there."""

        @app.answer
        def answer(session):
            session.tool("look_up", lambda: "found")
            talk(session, "elevenlabs")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "lookup")
            data = expect_output(jambonz)["data"]
            assert (data["result"], data["is_error"]) == ("there is no function lookup", True)
            log.expect("there is no function lookup")

    @pytest.mark.parametrize(
        ("result", "text"),
        [("blue", "blue"), ({"sky": "blue"}, '{"sky":"blue"}'), (["a", 1], '["a",1]'), (21, "21"), (None, "null")],
    )
    def test_result(self, app, result, text):
        """What it returns is what the model reads."""

        @app.answer
        def answer(session):
            session.tool("get_weather", lambda: result)
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz)
            assert expect_text(jambonz) == text

    def test_result_in_the_shape_of_the_vendor(self, app):
        """What has the vendor's shape already goes as it stands."""
        item = {"type": "conversation.item.create", "item": {"type": "message", "role": "system", "content": []}}

        @app.answer
        def answer(session):
            session.tool("get_weather", lambda: item)
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz)
            assert expect_output(jambonz) == item

    def test_exception(self, app, log):
        """One that raises is logged with its traceback and reported; the model is told, and the call goes on."""

        @app.answer
        def answer(session):
            @session.tool
            def get_weather(city):
                raise LookupError(f"no such city: {city}")

            @session.tool
            def give_up():
                raise NotImplementedError

            talk(session)
            assert session.wait_for("/done").completion_reason == "normal conversation end"
            session.hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, city="Atlantis")
            assert json.loads(expect_text(jambonz)) == {"error": "LookupError: no such city: Atlantis"}
            assert log.expect("the tool get_weather raised an exception; the model was told so", level=ERROR)
            error = app.error()
            assert (type(error), str(error)) == (LookupError, "no such city: Atlantis")
            assert error.__traceback__.tb_next.tb_frame.f_code.co_name == "get_weather"
            call_tool(jambonz, "give_up")
            assert json.loads(expect_text(jambonz)) == {"error": "NotImplementedError"}
            log.expect("the tool give_up raised an exception", level=ERROR)
            assert isinstance(app.error(), NotImplementedError)
            jambonz.hook("/done", completion_reason="normal conversation end")
            assert names(jambonz.expect_ack()) == ["hangup"]
            assert app.outcome() is None

    def test_traceback_in_the_log(self, app, caplog):
        """The line has the exception with it."""
        caplog.set_level(logging.ERROR, "jambonz_sync")
        app.log.allow("raised an exception")

        @app.answer
        def answer(session):
            session.tool("get_weather", lambda: 1 / 0)
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz)
            assert "ZeroDivisionError" in expect_text(jambonz)
        [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert record.exc_info is not None
        assert record.exc_info[0] is ZeroDivisionError

    def test_exit(self, app, log):
        """What is no ordinary exception ends the call like everywhere, and no other."""

        @app.answer
        def answer(session):
            @session.tool
            def leave():
                raise SystemExit

            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "leave")
            assert jambonz.expect_redirect() == GOODBYE
            log.expect("the handler of the tool leave raised an exception", level=ERROR)
            assert isinstance(app.error(), SystemExit)

    @pytest.mark.parametrize("vendor", ["openai", "ultravox"])
    @pytest.mark.parametrize("result", [{1, 2}, "x" * 24_576, {"at": object()}], ids=["a set", "too big", "an object"])
    def test_result_that_cannot_be_sent(self, app, log, vendor, result):
        """It is logged and reported, the model is told that there is none, and the call goes on."""

        @app.answer
        def answer(session):
            session.tool("get_weather", lambda: result)
            talk(session, vendor)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz)
            assert '"the result of the function cannot be sent"' in json.dumps(expect_output(jambonz)).replace("\\", "")
            log.expect("get_weather", level=ERROR)
            assert isinstance(app.error(), ValueError)

    def test_several_at_once(self, app, log):
        """Where a message brings several calls, all are made, in order, and answered together."""

        @app.answer
        def answer(session):
            @session.tool
            def one(number):
                app.told.put(number)
                return number

            @session.tool
            def two():
                return {"two": 2}

            @session.tool
            def bad():
                raise ValueError("bad")

            talk(session, "google")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            calls = [("a", "one", {"number": 1}), ("b", "two", {}), ("c", "bad", {}), ("d", "none", {})]
            call_several(jambonz, *calls, ("e", "one", {"number": 2}))
            responses = expect_output(jambonz, "function_call_id")["toolResponse"]["functionResponses"]
            assert responses == [
                {"id": "a", "name": "one", "response": {"result": 1}},
                {"id": "b", "name": "two", "response": {"two": 2}},
                {"id": "c", "name": "bad", "response": {"error": "ValueError: bad"}},
                {"id": "d", "name": "none", "response": {"error": "there is no function none"}},
                {"id": "e", "name": "one", "response": {"result": 2}},
            ]
            assert [app.hears(), app.hears()] == [1, 2]
            log.expect("the tool bad raised an exception", level=ERROR)
            log.expect("there is no function none")
            call_several(jambonz, ("f", "one", {"number": 3}))
            responses = expect_output(jambonz, "function_call_id")["toolResponse"]["functionResponses"]
            assert responses == [{"id": "f", "name": "one", "response": {"result": 3}}]
            call_several(jambonz)
            jambonz.all_read()

    def test_agent(self, app):
        """The verb agent calls functions too, with arguments that may have become snake_case on the way."""

        @app.answer
        def answer(session):
            session.tool("look_up", lambda orderId: f"order {orderId}")
            session.agent(llm={"vendor": "openai", "model": "gpt-4o"}, tool_hook="/tool").send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            data = {"tool_call_id": "call-1", "name": "look_up", "arguments": {"order_id": "42"}}
            jambonz.send("agent:tool-call", data, hook="/tool")
            assert expect_output(jambonz) == {"result": "order 42"}

    def test_message_without_an_id(self, app, log):
        """A call that could not be answered is not made; it costs a warning, and not the call."""

        @app.answer
        def answer(session):
            session.tool("get_weather", lambda: app.told.put("called"))
            talk(session)
            session.wait_for("/done")
            session.hangup().reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.send("llm:tool-call", {"name": "get_weather", "args": {}}, hook="/tool")
            log.expect("ignored a message that calls a tool and has no tool_call_id: {'name': 'get_weather'")
            jambonz.hook("/done")
            assert names(jambonz.expect_ack()) == ["hangup"]
        assert app.told.empty()


class TestWhen:
    """Functions run on the call's own thread, one at a time, while it waits and after its function has returned."""

    @pytest.mark.parametrize("wait", ["wait_for", "sleep", "run", "for", "returned"])
    def test_while(self, app, wait):
        """Whatever the thread waits for, and also after the function of the service has returned."""

        @app.answer
        def answer(session):
            thread = threading.get_ident()
            session.tool("where", lambda: threading.get_ident() == thread)
            session.openai_s2s(llm_options={}, tool_hook="/tool", action_hook="/done")
            if wait == "run":
                session.run()
                return
            session.send()
            if wait == "wait_for":
                session.wait_for("/done")
            elif wait == "sleep":
                session.sleep(60)
            elif wait == "for":
                for evt in session:
                    app.told.put(evt.name)

        with app.call() as jambonz:
            jambonz.expect_ack()
            if wait == "returned":
                jambonz.expect_goodbye()
            for _ in range(2):
                call_tool(jambonz, "where")
                assert expect_text(jambonz) == "true"
        app.outcome()
        if wait == "for":
            assert app.hears() == "call:status"
        assert app.told.empty()

    def test_before(self, app):
        """A call that came while the thread was busy is answered when it waits."""
        busy = threading.Event()

        @app.answer
        def answer(session):
            session.tool("where", lambda: "here")
            talk(session)
            assert busy.wait(10)
            app.told.put("waiting")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            jambonz.all_read()
            assert app.told.empty()
            busy.set()
            assert expect_text(jambonz) == "here"

    def test_before_it_is_registered(self, app):
        """So is one whose function was registered after it came."""
        busy = threading.Event()

        @app.answer
        def answer(session):
            talk(session)
            assert busy.wait(10)
            session.tool("where", lambda: "here")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            jambonz.all_read()
            busy.set()
            assert expect_text(jambonz) == "here"

    def test_never_inside_a_handler(self, app):
        """While a handler waits, a function has to wait for it."""

        @app.answer
        def answer(session):
            @session.on("call:status")
            def status(evt):
                app.told.put("handler begins")
                session.wait_for("verb:status")
                app.told.put("handler ends")

            session.tool("where", lambda: app.told.put("function"))
            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == "handler begins"
            call_tool(jambonz, "where")
            jambonz.all_read()
            jambonz.verb_status("starting")
            assert [app.hears(), app.hears()] == ["handler ends", "function"]
            assert expect_text(jambonz) == "null"

    def test_never_inside_one_another(self, app):
        """While a function waits, the next one has to wait for it, and so do handlers."""

        @app.answer
        def answer(session):
            @session.tool
            def ask(number):
                app.told.put(f"{number} begins")
                session.wait_for("verb:status")
                app.told.put(f"{number} ends")
                return number

            session.on("call:status", lambda evt: app.told.put("handler"))
            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "ask", "a", number=1)
            assert app.hears() == "1 begins"
            call_tool(jambonz, "ask", "b", number=2)
            jambonz.status("in-progress")
            jambonz.all_read()
            jambonz.verb_status("starting")
            assert expect_text(jambonz, "a") == "1"
            jambonz.verb_status("starting")
            assert expect_text(jambonz, "b") == "2"
            assert [app.hears() for _ in range(4)] == ["1 ends", "2 begins", "2 ends", "handler"]

    @pytest.mark.parametrize("name", ["tool:where", "/tool", "llm:tool-call"])
    def test_wait_takes_precedence(self, app, name):
        """A wait that names the call gets it, and the function the next one."""

        @app.answer
        def answer(session):
            session.tool("where", lambda: "function")
            talk(session)
            session.send_tool_output(session.wait_for(name), "wait")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "wait"
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "function"

    @pytest.mark.parametrize("name", ["*", "llm:tool-call", "/tool"])
    def test_handler_of_all_calls(self, app, name):
        """A handler that is for all calls of tools gets those that no function is for."""

        @app.answer
        def answer(session):
            session.tool("where", lambda: "function")

            @session.on(name)
            def handler(evt):
                if evt.tool_name:
                    session.send_tool_output(evt, f"handler of {evt.tool_name}")

            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "function"
            call_tool(jambonz, "when")
            assert expect_text(jambonz) == "handler of when"

    def test_handler_of_one_function(self, app):
        """A handler may be for the calls of one function."""

        @app.answer
        def answer(session):
            session.on("tool:where", lambda evt: session.send_tool_output(evt, "where"))
            session.on("/tool", lambda evt: session.send_tool_output(evt, "other"))
            talk(session)

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "where"
            call_tool(jambonz, "when")
            assert expect_text(jambonz) == "other"

    def test_waiting_inside(self, app):
        """A function may wait, also for anything, and for calls of other functions."""

        @app.answer
        def answer(session):
            @session.tool
            def confirm():
                with pytest.raises(WaitTimeout):
                    session.wait_for("verb:status", timeout=0.01)
                evt = session.wait_for("*")
                session.send_tool_output(evt, "inside")
                return "outside"

            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "confirm", "a")
            call_tool(jambonz, "other", "b")
            assert expect_text(jambonz, "b") == "inside"
            assert expect_text(jambonz, "a") == "outside"

    def test_verbs_of_a_function(self, app):
        """A function may send verbs; what it has queued and forgotten is sent behind its output, with a warning."""

        @app.answer
        def answer(session):
            @session.tool
            def transfer():
                session.dial(target=[{"type": "phone", "number": "1"}]).send()
                return "transferring"

            @session.tool
            def forget():
                session.say("Forgotten.")

            talk(session)
            session.say("Of the function itself.")
            session.sleep(60)

        app.log.allow("say: queued but not sent before sleeping")
        with app.call() as jambonz:
            jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Of the function itself."]
            call_tool(jambonz, "transfer")
            assert names(jambonz.expect_redirect()) == ["dial"]
            assert expect_text(jambonz) == "transferring"
            call_tool(jambonz, "forget")
            assert expect_text(jambonz) == "null"
            assert texts(jambonz.expect_redirect()) == ["Forgotten."]
            app.log.expect("say: queued but not sent before the handler of the tool forget returned")

    def test_hook_taken_stays_taken(self, app):
        """What a function sends answers no hook that another one has taken."""

        @app.answer
        def answer(session):
            session.tool("where", lambda: "here")
            session.gather(action_hook="/menu")
            talk(session)
            session.wait_for("/menu")
            app.told.put("taken")
            session.wait_for("call:status")
            session.say("Menu.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            menu = jambonz.hook("/menu")
            assert app.hears() == "taken"
            call_tool(jambonz, "where")
            assert expect_text(jambonz) == "here"
            jambonz.status("in-progress")
            assert texts(jambonz.expect_ack(menu)) == ["Menu."]

    def test_call_ends_inside(self, app):
        """When the caller hangs up while a function waits, all is unwound without a word."""
        cleaned = threading.Event()

        @app.answer
        def answer(session):
            @session.tool
            def ask():
                app.told.put("asking")
                try:
                    session.sleep(60)
                except Exception:  # noqa: BLE001 - which the end of the call is not
                    app.told.put("swallowed")
                finally:
                    cleaned.set()

            talk(session)
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "ask")
            assert app.hears() == "asking"
        assert isinstance(app.outcome(), CallEnded)
        assert cleaned.is_set()
        assert app.told.empty()
        assert app.errors.empty()

    @pytest.mark.parametrize("returned", [False, True])
    def test_call_ends_meanwhile(self, app, returned):
        """When the caller hangs up while a function works, its output is dropped without a word."""
        over = threading.Event()

        @app.answer
        def answer(session):
            @session.tool
            def work():
                app.told.put("working")
                assert over.wait(10)
                assert session.ended
                return "done"

            session.on("close", lambda code, reason: app.told.put(code))
            talk(session)
            if not returned:
                session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            if returned:
                jambonz.expect_goodbye()
            call_tool(jambonz, "work")
            assert app.hears() == "working"
            jambonz.hang_up()
            over.set()
        assert app.hears() == 1000
        assert app.errors.empty()
        assert [message["type"] for message in jambonz.received if "tool_call_id" in message] == []


class TestNobody:
    """A call that nobody serves."""

    def test_while_the_thread_waits(self, app, log):
        """A warning says what to do about it, once for each hook."""

        @app.answer
        def answer(session):
            talk(session)
            session.wait_for("call:status")
            session.send_tool_output(session.wait_for("/tool"), "late")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where", "a")
            call_tool(jambonz, "where", "b")
            log.expect(
                "nothing serves the tool call of /tool, and the model waits for its answer for ever",
                "@session.tool",
                "session.wait_for('/tool')",
                "test_session_tools.py",
            )
            jambonz.status("in-progress")
            assert expect_text(jambonz, "a") == "late"
            jambonz.expect_goodbye()

    def test_after_the_function_has_returned(self, app, log):
        """There too."""
        app.answer(talk)
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            call_tool(jambonz)
            log.expect("nothing serves the tool call of /tool")

    @pytest.mark.parametrize("how", ["tool", "service", "on", "wait"])
    def test_somebody(self, app, how):
        """No warning where somebody does, or the thread may yet come for it."""
        ready = threading.Event()
        if how == "service":
            app.service.tool("where", lambda: "here")

        @app.answer
        def answer(session):
            if how == "tool":
                session.tool("where", lambda: "here")
            elif how == "on":
                session.on("tool:where", lambda evt: session.send_tool_output(evt, "here"))
            talk(session)
            if how == "wait":
                assert ready.wait(10)
                session.send_tool_output(session.wait_for("tool:where"), "here")
            session.wait_for("/done")

        with app.call() as jambonz:
            jambonz.expect_ack()
            call_tool(jambonz, "where")
            if how == "wait":
                jambonz.all_read()
                ready.set()
            assert expect_text(jambonz) == "here"
