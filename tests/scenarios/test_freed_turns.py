"""What a turn has made is freed when it is over: nothing is left for the garbage collector to find."""

from __future__ import annotations

import pytest

from jambonz_sync import CallNotActive
from tests.scenarios.freed import MANY, hears, left_over, listen, reply, uncollected
from tests.scenarios.jambonz_side import JambonzSide


def test_what_refers_to_itself_is_found():
    """What is left over can be told: two objects of the library that refer to each other."""
    with uncollected():
        one, other = CallNotActive("one"), CallNotActive("other")
        one.__cause__, other.__cause__ = other, one
        assert left_over() == {}
        del one, other
        assert left_over() == {"CallNotActive": 2}
        assert left_over() == {}


# What the application does in a turn, and what jambonz does


def reply_of_event(session):
    """The event is asked to reply, and another time."""
    evt = session.wait_for("/heard")
    listen(session)
    evt.reply()
    evt.reply()


def command(session):
    """There is a command in the turn."""
    evt = session.wait_for("/heard")
    session.inject_mute("mute")
    listen(session.say(evt.transcript)).reply()


def heeds(jambonz):
    """jambonz is given a command, and the answer."""
    msgid = jambonz.speech("/heard", "the kettle is on")
    came = [jambonz.receive(), jambonz.receive()]
    assert sorted(message["type"] for message in came) == ["ack", "command"]
    assert msgid in [message.get("msgid") for message in came]


def refused(session):
    """The application writes a verb that does not exist, and waits for what does not come."""
    session.wait_for("/heard")
    with pytest.raises(ValueError, match="txet"):
        session.say(txet="Hello.")
    with pytest.raises(TimeoutError):
        session.wait_for("call:status", timeout=0.001)
    listen(session).reply()


def tool(session):
    """A handler of the application's is called meanwhile, and a tool that raises."""
    session.on("queue:status", lambda evt: session.log.info("%s", evt.get("size")))
    session.tool("add", lambda a: {"sum": a + 1})
    session.wait_for("/heard")
    listen(session).reply()


def calls_tool(jambonz):
    """The model calls the tool, twice."""
    jambonz.send("queue:status", {"size": 1})
    hears(jambonz)
    for arguments in ({"a": 1}, {"a": "1"}):
        jambonz.send("llm:tool-call", {"tool_call_id": "t", "name": "add", "args": arguments}, hook="/tool")
        while jambonz.receive().get("command") != "llm:tool-output":
            pass


def notified(session):
    """A hook that nobody takes, and statuses, come between."""
    session.wait_for("verb:status")
    reply(session)


def notifies(jambonz):
    """jambonz says more than the application asks for."""
    jambonz.hook("/nobody")
    assert jambonz.expect_ack() is None
    jambonz.status("in-progress")
    jambonz.verb_status("starting", "v1")
    hears(jambonz)


def run(session):
    """A verb is waited for."""
    session.say("Hello.").run()


def speaks(jambonz):
    """jambonz says what it was given."""
    verbs = jambonz.receive()["data"]
    verb_id = next(verb["id"] for verb in verbs if verb["verb"] == "say")
    jambonz.verb_status("starting", verb_id)
    jambonz.verb_status("finished", verb_id)


def ask(session):
    """A question is asked, and answered."""
    assert session.ask("What is your name?").text == "Ann"


def answers(jambonz):
    """The caller answers the question that comes."""
    gather = next(verb for verb in jambonz.receive()["data"] if verb["verb"] == "gather")
    jambonz.verb_status("starting", gather["id"])
    jambonz.speech(gather["actionHook"], "Ann")


def stream(session):
    """Text is streamed."""
    session.wait_for("call:status")
    assert session.stream_tts(iter(["It ", "rains."])).text == "It rains."


def accepts(jambonz):
    """jambonz accepts each piece of a text, up to the space behind the flush."""
    jambonz.status("in-progress")
    tokens = ""
    while tokens != " ":
        message = jambonz.receive()
        if message.get("command") == "tts:tokens":
            tokens = message["data"]["tokens"]
            jambonz.send("tts:tokens-result", {"id": message["data"]["id"], "status": "ok"})


@pytest.mark.parametrize(
    ("turn", "story"),
    [
        (reply, hears),
        (reply_of_event, hears),
        (command, heeds),
        (refused, hears),
        (tool, calls_tool),
        (notified, notifies),
        (run, speaks),
        (ask, answers),
        (stream, accepts),
    ],
)
def test_turns(turn, story):
    """Turns of a call leave nothing over while it goes on."""
    with uncollected() as endpoint:

        @endpoint.make_service("/app").on("session:new")
        def answer(session):
            listen(session).send()
            while True:
                turn(session)

        jambonz = JambonzSide(endpoint.url + "/app")
        jambonz.session_new()
        jambonz.expect_ack()
        jambonz.live()
        for _ in range(MANY):
            story(jambonz)
        assert left_over() == {}
        jambonz.drop()
