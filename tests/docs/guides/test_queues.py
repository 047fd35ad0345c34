"""What docs/guides/queues.md shows, with callers and agents at the same time."""

from __future__ import annotations

from jambonz_sync import create_endpoint
from tests.docs.page import Page

PAGE = Page("guides/queues")
SUPPORT, WAITING, TEST = PAGE.blocks("python")
CONVERSATION, SLOW = PAGE.blocks("text")


def test_the_test_of_the_page(jambonz):
    """It passes, and the caller has heard what the page shows."""
    names = SUPPORT.run()
    TEST.run(names)["test_support"](jambonz)
    assert CONVERSATION.stands_in(jambonz.calls[0].transcript)


def test_position(jambonz):
    """The second caller moves up; the agent takes one after the other."""
    endpoint = SUPPORT.run()["endpoint"]
    first, second = (jambonz.call(endpoint, "/callers", from_=number) for number in ("100", "200"))
    assert first.heard("You are number 1.")
    assert second.heard("You are number 2.")
    agent = jambonz.call(endpoint, "/agents")
    agent.is_silent(10)
    assert second.heard("You are number 1.")
    first.hangs_up()
    agent.is_silent(10)
    assert [line for line in agent.transcript.of("call") if "connected" in line] == [
        "connected to 100",
        "connected to 200",
    ]


def test_leaving(jambonz):
    """After a minute the caller is let go, and the call is over."""
    call = jambonz.call(SUPPORT.run()["endpoint"], "/callers")
    call.is_silent(75)
    assert call.transcript.heard[-2:] == ["Nobody is free.", "Please call again tomorrow."]
    assert call.ended


def test_an_agent_for_whom_nobody_waits(jambonz):
    """It is said after a minute."""
    call = jambonz.call(SUPPORT.run()["endpoint"], "/agents")
    call.is_silent(70)
    assert call.heard("Nobody is waiting.")
    call.hangs_up()


def test_priority(jambonz):
    """A lower number is taken earlier."""
    endpoint = create_endpoint()

    @endpoint.make_service("/callers").on("session:new")
    def wait(session):
        session.on("/wait", reply=[{"verb": "pause", "length": 5}])
        session.enqueue("support", wait_hook="/wait", priority=session.env["PRIORITY"]).run()

    endpoint.make_service("/agents").on("session:new", lambda session: session.dequeue("support").run())
    for number, priority in (("100", 5), ("200", 1)):
        jambonz.call(endpoint, "/callers", from_=number, env={"PRIORITY": priority})
    agent = jambonz.call(endpoint, "/agents")
    agent.is_silent(5)
    assert "connected to 200" in agent.transcript.of("call")


def test_taken_out_by_other_code(jambonz):
    """``run()`` returns, without a result, and the function goes on."""
    endpoint = create_endpoint()
    outcomes = []

    @endpoint.make_service("/callers").on("session:new")
    def wait(session):
        session.on("/wait", reply=[{"verb": "pause", "length": 5}])
        outcomes.append(session.enqueue("support", wait_hook="/wait").run())
        session.say("You are out.").run()

    call = jambonz.call(endpoint, "/callers")
    call.is_silent(10)
    (session,) = endpoint.sessions.values()
    session.config().send()
    assert call.heard("You are out.")
    assert [(outcome.interrupted, outcome.get("queue_result")) for outcome in outcomes] == [(True, None)]


def test_who_is_waiting(jambonz):
    """Those are found who are in the queue, and no agent."""
    names = SUPPORT.run()
    call = jambonz.call(names["endpoint"], "/callers")
    call.is_silent(3)
    jambonz.call(names["endpoint"], "/agents").is_silent(1)
    (found,) = WAITING.run()["waiting"](names["endpoint"])
    assert found.path == "/callers"


def test_verbs_that_may_not_be_there(jambonz):
    """The simulator says so, in the words of the page."""
    jambonz.tolerates("nothing is heard")
    endpoint = create_endpoint()

    @endpoint.make_service("/callers").on("session:new")
    def wait(session):
        session.on("/wait", reply=[{"verb": "gather", "input": ["digits"], "action_hook": "/key"}])
        session.enqueue("support", wait_hook="/wait").run()

    call = jambonz.call(endpoint, "/callers")
    call.is_silent(3)
    (fault,) = call.transcript.of("fault")
    assert f"`{fault}`" in PAGE.text


def test_slow_function(jambonz, caplog):
    """The log says what the page shows, and the late reply is heard at last."""
    jambonz.tolerates("/wait was not answered")
    endpoint = create_endpoint()

    @endpoint.make_service("/callers").on("session:new")
    def wait(session):
        @session.on("/wait")
        def entertain(evt):
            session.sleep(6)
            session.say("Good things take time.").reply()

        session.enqueue("support", wait_hook="/wait").run()

    call = jambonz.call(endpoint, "/callers")
    call.is_silent(15)
    assert call.heard("Good things take time.")
    assert any(SLOW.text.strip() in record.getMessage() for record in caplog.records)
