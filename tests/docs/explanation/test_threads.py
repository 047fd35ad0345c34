"""What docs/explanation/threads.md shows and claims."""

from __future__ import annotations

import threading
import types

import flask

from jambonz_sync import create_endpoint
from jambonz_sync.transport import link, watcher
from tests.docs.page import Page

PAGE = Page("explanation/threads")
FUNCTION, WEB, POLLING = PAGE.blocks("python")


def test_one_thread(jambonz, log):
    """The function and its handler run on one thread, and the handler only while the function waits."""
    ran = []

    def find(name):
        ran.append(threading.get_ident())
        # Long enough for statuses to come, which have to wait.
        lines = len(log.lines(20))
        session.check()
        assert len(log.lines(20)) == lines
        return name

    endpoint = create_endpoint()
    orders = types.SimpleNamespace(find=find)
    FUNCTION.run({"phone": endpoint.make_service("/app"), "orders": orders})
    call = jambonz.call(endpoint, "/app")
    (session,) = endpoint.sessions.values()
    assert call.heard("Who is calling?")
    call.says("Grace")
    assert call.heard("Hello Grace.")
    assert ran == [session._owner.ident]
    assert any("now in-progress" in line for line in log.lines(20))


def test_another_thread(jambonz):
    """A web request says goodbye to a caller whose function waits for something else."""
    endpoint = create_endpoint()
    endpoint.make_service("/app").on("session:new", lambda session: session.ask("Who is calling?"))
    app = flask.Flask("page")
    WEB.run({"app": app, "endpoint": endpoint})
    call = jambonz.call(endpoint, "/app")
    assert call.heard("Who is calling?")
    (call_sid,) = endpoint.sessions
    assert app.test_client().post(f"/calls/{call_sid}/goodbye").status_code == 204
    assert call.heard("We are closing. Goodbye.")
    call.is_silent()
    assert call.ended


def test_polling(jambonz):
    """It lets the caller hear music until the payment is done."""
    wait_for_payment = POLLING.run()["wait_for_payment"]
    endpoint = create_endpoint()

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        begun = jambonz.now
        wait_for_payment(session, types.SimpleNamespace(done=lambda: jambonz.now >= begun + 60))
        session.say("It is paid.").run()

    call = jambonz.call(endpoint, "/app")
    assert call.heard("music.mp3")
    assert call.heard("It is paid.")
    assert jambonz.now >= 60


def test_times():
    """The times on the page are those in the code."""
    (diagram,) = PAGE.blocks("text")
    assert f"after {link._AWAY * 1000:g} ms: reads in its place" in diagram.text
    assert link._AWAY == watcher._SHORT_REST
