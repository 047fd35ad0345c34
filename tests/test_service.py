"""Services: what answers the calls of one path."""

from __future__ import annotations

import pytest

from jambonz_sync import InvalidVerb, create_endpoint
from tests.scenarios.jambonz_side import GOODBYE, NEUTRAL, names, texts

ERROR = 40


@pytest.fixture
def endpoint():
    """An endpoint that does not listen."""
    return create_endpoint(host="127.0.0.1", port=0)


class TestMaking:
    def test_attributes(self, endpoint):
        """A service knows its endpoint, its path and its options."""
        service = endpoint.make_service("/echo", apology=[{"say": {"text": "Sorry."}}], hangup_on_return=False)
        assert (service.endpoint, service.path, service.hangup_on_return) == (endpoint, "/echo", False)
        assert [verb.name for verb in service.apology] == ["say"]
        assert repr(service) == "<Service /echo>"

    def test_by_keyword(self, endpoint):
        """The path may be named."""
        assert endpoint.make_service(path="/echo").path == "/echo"

    @pytest.mark.parametrize("path", ["echo", "", "/echo?x=1", "/echo#part", "ws://host/echo"])
    def test_bad_path(self, endpoint, path):
        """A path that cannot be is refused."""
        with pytest.raises(ValueError, match="path"):
            endpoint.make_service(path)

    @pytest.mark.parametrize(("first", "second"), [("/a", "/a"), ("/a", "/a/"), ("/", "*")])
    def test_taken_path(self, endpoint, first, second):
        """Two services cannot have one path."""
        endpoint.make_service(first)
        with pytest.raises(ValueError, match="already"):
            endpoint.make_service(second)

    def test_bad_apology(self, endpoint):
        """A mistake in the apology shows when the service is made, and the path stays free."""
        with pytest.raises(InvalidVerb, match="txt"):
            endpoint.make_service("/a", apology=[{"verb": "say", "txt": "Sorry."}])
        endpoint.make_service("/a")


class TestOn:
    def test_decorator_and_call(self, endpoint):
        """``on`` is a decorator and a plain call, and returns the function."""
        service = endpoint.make_service("/a")

        @service.on("session:new")
        def answer(session):
            """Stays callable."""

        assert callable(answer)
        assert service.on("session:new", answer) is answer
        assert service.handler_for("session:new") is answer

    @pytest.mark.parametrize("name", ["/menu", "call:status", "session:ne", "close", "*"])
    def test_unknown_name(self, endpoint, name):
        """A name that a service does not have is refused, with those it has."""
        with pytest.raises(ValueError, match=r"it has session:new.*session\.on"):
            endpoint.make_service("/a").on(name, print)

    @pytest.mark.parametrize("fn", ["text", 7, object()])
    def test_no_function(self, endpoint, fn):
        """A handler that is no function is refused."""
        with pytest.raises(TypeError, match="needs a function"):
            endpoint.make_service("/a").on("session:new", fn)


class TestTool:
    """Functions for language models; how they are called is in ``test_session_tools.py``."""

    def test_decorator_and_call(self, endpoint):
        """``tool`` is a decorator, with a name or without, and a plain call; it returns the function."""
        service = endpoint.make_service("/a")
        assert not service.toolbox

        @service.tool
        def get_weather(city):
            """Stays callable."""
            return city

        @service.tool("look_up")
        def other(order_id):
            return order_id

        assert (get_weather("Ghent"), other(1)) == ("Ghent", 1)
        assert service.tool(get_weather) is get_weather
        assert service.tool("third", other) is other
        assert list(service.toolbox) == ["get_weather", "look_up", "third"]
        assert service.toolbox.find("third").function is other

    def test_second_replaces_first(self, endpoint):
        """A second function for a name takes the place of the first."""
        service = endpoint.make_service("/a")

        def look_up(order_id):
            """The second."""

        service.tool("look_up", lambda: "first")
        service.tool("look_up", look_up)
        assert list(service.toolbox) == ["look_up"]
        assert service.toolbox.find("look_up").function is look_up

    def test_of_its_own(self, endpoint):
        """Each service has its own."""
        endpoint.make_service("/a").tool("look_up", lambda: None)
        assert not endpoint.make_service("/b").toolbox

    @pytest.mark.parametrize("fn", ["text", 7, object()])
    def test_no_function(self, endpoint, fn):
        """What is no function is refused."""
        with pytest.raises(TypeError, match="the tool look_up needs a function"):
            endpoint.make_service("/a").tool("look_up", fn)


class TestOpenings:
    """How a session begins."""

    def test_no_handler(self, app, log):
        """A call that no function answers is ended, and an error says what to do."""
        with app.call() as jambonz:
            assert jambonz.expect_ack() == GOODBYE
            log.expect("nobody answers this call", "service.on('session:new'", "/app", level=ERROR)

    def test_redirect(self, app):
        """A call that another application redirects here is answered like a new one."""

        @app.answer
        def answer(session):
            app.told.put(session.data.get("verb_id"))
            session.say("Welcome over.").gather(action_hook="/menu").send()
            session.wait_for("/menu")
            session.say("Menu.").reply()

        with app.connect() as jambonz:
            jambonz.send("session:redirect", {**jambonz.facts(), "verb_id": "r1"}, call_sid=None, hook="ws://x/app")
            assert app.hears() == "r1"
            assert texts(jambonz.expect_ack()) == ["Welcome over."]
            jambonz.hook("/menu")
            assert texts(jambonz.expect_ack()) == ["Menu."]

    def test_redirect_of_its_own(self, app):
        """Or by a function of its own."""
        app.answer(lambda session: app.told.put("new"))
        app.answer(lambda session: session.say("Redirected.").send(), "session:redirect")
        with app.connect() as jambonz:
            jambonz.send("session:redirect", jambonz.facts(), call_sid=None, hook="ws://x/app")
            assert texts(jambonz.expect_ack()) == ["Redirected."]
        assert app.told.empty()

    def test_adulting(self, app):
        """A leg that has become a call of its own is acked at once; its function sends commands."""

        @app.answer
        def never(session):
            app.told.put("new")

        def grown(session):
            app.told.put(session.data["parent_call_info"]["call_sid"])
            session.say("You are on your own.").send()
            session.wait_for("call:status")

        app.answer(grown, "session:adulting")
        with app.connect("/app/adulting") as jambonz:
            jambonz.send("session:adulting", {**jambonz.facts(), "parent_call_info": {"call_sid": "p"}}, call_sid=None)
            assert jambonz.expect_ack() is None
            assert app.hears() == "p"
            assert texts(jambonz.expect_redirect()) == ["You are on your own."]

    def test_adulting_without_a_function(self, app):
        """Without a function for it such a leg ends behind the verbs it has, and its hooks are acked."""
        app.answer(lambda session: app.told.put("new"))
        app.log.allow("nothing waits for")
        app.log.allow("nobody takes this leg")
        with app.connect("/app/adulting") as jambonz:
            jambonz.send("session:adulting", jambonz.facts(), call_sid=None)
            assert jambonz.expect_ack() is None
            jambonz.expect_goodbye()
            jambonz.hook("/theirs")
            assert jambonz.expect_ack() is None
        assert app.told.empty()

    def test_unknown_reconnect(self, app, log):
        """A call from before a restart is acked and ended in order, and never greeted again."""
        app.answer(lambda session: session.say("Welcome!").send())
        with app.connect() as jambonz:
            jambonz.session_new(kind="session:reconnect")
            jambonz.expect_ack()
            jambonz.expect_goodbye()
            log.expect("this process does not know the call")

    def test_reconnect_taken_over(self, app):
        """Or taken over by a function for it."""

        def take_over(session):
            session.say("Where were we?").send()
            session.wait_for("call:status")

        app.answer(take_over, "session:reconnect")
        with app.connect() as jambonz:
            jambonz.session_new(kind="session:reconnect")
            assert not jambonz.expect_ack()
            assert texts(jambonz.expect_redirect()) == ["Where were we?"]

    def test_outbound(self, app):
        """An outbound call reports its ringing before its session begins."""

        @app.answer
        def answer(session):
            app.told.put((session.direction, session.call_sid, session.call_status))
            session.say("Hello.").send()
            session.wait_for("*")

        with app.connect() as jambonz:
            for status in ("trying", "ringing", "in-progress"):
                jambonz.call_status = status
                jambonz.send("call:status", {**jambonz.facts(), "direction": "outbound"}, call_sid=None)
            jambonz.session_new(direction="outbound")
            assert app.hears() == ("outbound", jambonz.call_sid, "in-progress")
            assert names(jambonz.expect_ack()) == ["say"]

    def test_outbound_never_answered(self, app, log):
        """One that is never answered never becomes a session."""
        app.answer(lambda session: app.told.put("new"))
        jambonz = app.connect()
        jambonz.send("call:status", {**jambonz.facts(), "call_status": "trying"}, call_sid=None)
        jambonz.send("call:status", {**jambonz.facts(), "call_status": "busy"}, call_sid=None)
        jambonz.close()
        log.expect("ended before a session began", level=20)
        assert app.told.empty()

    def test_something_else_first(self, app, log):
        """A hook that comes before the session is acked, and does not keep the session from beginning."""
        app.answer(lambda session: session.say("Hello.").send())
        log.allow("/early")
        with app.connect() as jambonz:
            early = jambonz.hook("/early")
            new = jambonz.session_new()
            acks = {}
            for _ in range(2):
                message = jambonz.receive()
                assert message["type"] == "ack"
                acks[message["msgid"]] = message.get("data")
            assert texts(acks[new]) == ["Hello."]
            assert not acks[early]

    def test_second_session_new(self, app, log):
        """A second ``session:new`` on a socket, which jambonz never sends, gets an ack and begins no second call."""

        @app.answer
        def answer(session):
            app.told.put("new")
            session.say("Hello.").send()
            session.wait_for("/never", "call:status")

        log.allow("session:new")
        log.allow("waiting for '/never'")
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.session_new()
            assert jambonz.expect_ack() == NEUTRAL
            jambonz.status("in-progress")
            jambonz.expect_goodbye()
        assert app.hears() == "new"
        assert app.told.empty()


class TestError:
    def test_told_of_every_error(self, app, log):
        """``on("error")`` is told of errors of any function of its calls, with the session."""

        def note(session, error):
            app.told.put((session.call_sid, str(error)))

        app.service.on("error", note)

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: [].index(evt.call_status))
            session.gather(action_hook="/menu").send()
            session.wait_for("/menu")

        log.allow("raised an exception")
        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.status("in-progress")
            assert app.hears() == (jambonz.call_sid, "'in-progress' is not in list")
