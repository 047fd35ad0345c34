"""What docs/from-the-node-library.md shows on the side of Python is run, and its names are looked up on both sides."""

from __future__ import annotations

import inspect
import logging
import re
import subprocess

import pytest
from websockets.sync.client import connect

import jambonz_sync
from jambonz_sync import Endpoint, Service, Session, create_endpoint
from tests.docs.page import Page
from tests.npm import FOLDER
from tests.npm.install import install, need

PAGE = Page("from-the-node-library")
FIRST, SPELLINGS, HANDLER, LOOP, AFTER, WEBSOCKET, TOOL, STREAM = PAGE.blocks("python")


@pytest.fixture
def svc():
    """A service of an endpoint of this machine."""
    return create_endpoint(host="127.0.0.1", port=0).make_service("/app")


def test_first_application(jambonz, monkeypatch, log):
    """It greets, hangs up, and logs the beginning and the end."""
    monkeypatch.setattr(Endpoint, "serve_forever", lambda self: None)
    call = jambonz.call(FIRST.run()["endpoint"], "/hello-world")
    assert call.heard("Hello.")
    call.is_silent()
    assert call.ended
    log.expect("a call from 15550143001", level=logging.INFO)
    jambonz.close()
    log.expect("closed: 1000", level=logging.INFO)


def test_error(jambonz, monkeypatch, log):
    """Its handler of errors is told what the function has raised."""
    monkeypatch.setattr(Endpoint, "serve_forever", lambda self: None)
    monkeypatch.setattr(Session, "pause", None)
    jambonz.tolerates("raised an exception")
    jambonz.call(FIRST.run()["endpoint"], "/hello-world")
    jambonz.close()
    log.expect("failed: 'NoneType' object is not callable", level=logging.INFO)
    log.expect("raised an exception", level=logging.ERROR)


def test_spellings(jambonz, svc):
    """Both lines make the same verb."""

    @svc.on("session:new")
    def answer(session):
        SPELLINGS.run({"session": session})
        session.run()

    call = jambonz.call(svc.endpoint, "/app")
    first, second = [{**verb, "id": None} for verb in call.verbs if verb["verb"] == "gather"]
    assert first == {**second, "say": first["say"]}
    assert (first["say"], second["say"]) == ({"text": "One or two?"}, {"text": "One or two?"})


@pytest.mark.parametrize("block", [HANDLER, LOOP], ids=["handler", "loop"])
def test_echo(block, jambonz, svc):
    """Line by line or from top to bottom, the caller hears the same."""
    names = HANDLER.run({"svc": svc})
    if block is LOOP:
        LOOP.run(names)
    call = jambonz.call(svc.endpoint, "/app")
    for words in ("good morning", "the kettle is on"):
        call.says(words)
        assert call.heard(f"You said: {words}")
    call.is_silent()
    assert call.heard("Goodbye.")
    call.is_silent()
    assert call.ended


def test_after_the_reply(jambonz, svc):
    """What is sent after a reply is heard after it."""

    @svc.on("session:new")
    def answer(session):
        AFTER.run({"session": session, "look_up": lambda digits: session.sleep(5) or f"{digits} euros"})
        session.gather(input=["digits"], num_digits=1, action_hook="/choice").send()

    call = jambonz.call(svc.endpoint, "/app")
    call.presses("7")
    assert call.heard("One moment.")
    assert call.heard("That is 7 euros.")
    call.hangs_up()


def replying(jambonz, svc, heard):
    """A call to an application that asks for a key, with a handler for it, and something to say behind the question."""

    @svc.on("session:new")
    def answer(session):
        session.on("/choice", lambda evt: heard(session))
        session.gather(input=["digits"], num_digits=1, action_hook="/choice").say("Behind.").send()

    call = jambonz.call(svc.endpoint, "/app")
    call.presses("7")
    return call


def test_no_reply(jambonz, svc):
    """A handler that sends no reply delays nothing."""
    jambonz.tolerates("was taken but not replied to")
    call = replying(jambonz, svc, lambda session: None)
    pressed = jambonz.now
    assert call.heard("Behind.")
    assert jambonz.now < pressed + 1
    call.hangs_up()


def test_late_reply(jambonz, svc):
    """What stands behind the question waits for a late reply."""
    jambonz.tolerates("was not answered within 4 s")
    call = replying(jambonz, svc, lambda session: session.sleep(9) or session.say("Late.").reply())
    assert call.heard("Late.")
    assert "Behind." not in str(call.transcript)
    call.hangs_up()


@pytest.mark.parametrize("second", ["reply", "send"])
def test_second_reply(second, jambonz, svc):
    """A second reply arrives, as what is sent after the first one does."""
    call = replying(jambonz, svc, lambda session: getattr(session.say("One.").reply().say("Two."), second)())
    assert call.heard("Two.")
    call.hangs_up()


def test_send_where_a_reply_is_due(jambonz, svc):
    """It is one: the ack has the verbs."""
    call = replying(jambonz, svc, lambda session: session.say("Now.").send())
    assert call.heard("Now.")
    acks = [message["data"] for message in call.transcript.messages("out") if message["type"] == "ack"]
    assert [verb["verb"] for verb in acks[1]] == ["say"]
    call.hangs_up()


def test_websocket():
    """It answers each message, until the peer leaves."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    WEBSOCKET.run({"endpoint": endpoint})
    with endpoint, connect(f"{endpoint.url}/foo", proxy=None) as client:
        for _ in range(2):
            client.send("bar")
            assert client.recv(10) == "foo"


def test_tool(jambonz, svc):
    """The model calls the function, and gets what it returns."""

    @svc.on("session:new")
    def answer(session):
        TOOL.run({"session": session})
        model = {"vendor": "openai", "model": "gpt-4o-realtime-preview", "auth": {"apiKey": "none"}}
        session.llm(**model, tool_hook="/tool", action_hook="/done", llm_options={"response_create": {}}).run()

    call = jambonz.call(svc.endpoint, "/app")
    assert call.tool_call("look_up", {"orderId": "42"}) == {"state": "shipped"}
    call.hangs_up()


def test_stream(jambonz, svc):
    """The model's words are spoken."""

    @svc.on("session:new")
    def answer(session):
        names = STREAM.run({"session": session, "question": "why", "model": lambda question: iter(["Because", "."])})
        assert (names["said"].text, names["said"].interrupted) == ("Because.", False)
        session.sleep(5)

    assert jambonz.call(svc.endpoint, "/app").heard("Because.")


# Names


def names(of_a_session):
    """What stands in backticks in the first two columns of one of the two tables of names."""
    section = PAGE.text.partition("## The API, name by name\n")[2].partition("\n## ")[0]
    table = section.split("\nOf a session:\n")[of_a_session]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.MULTILINE)
    assert len(rows) > 5
    return [re.findall(r"`([^`]+)`", " ".join(column)) for column in zip(*rows, strict=True)]


def test_names_there():
    """Each name of theirs is one in the version that the tests install."""
    sources = install(FOLDER) / "@jambonz" / "node-client-ws"
    text = "".join((sources / name).read_text("utf-8") for name in ("index.js", "lib/session.js", "lib/client.js"))
    for code in [*names(False)[0], *names(True)[0]]:
        name = re.match(r"(?:await )?(\w+)(?:\.on)?", code)[1]
        # What every call carries, and what any emitter of events has.
        if name not in ("from", "to", "direction", "on", "svc"):
            assert re.search(rf"\b{name}\b", text), code
        for event in re.findall(r"\bon\('([^']+)'", code):
            assert f"'{event}'" in text, code


def test_names_here():
    """Each name of ours is one, and so are the options."""
    owners = {"svc": Service, "endpoint": Endpoint}
    for code in names(False)[1]:
        owner, name = re.match(r"(?:(\w+)\.)?(\w+)", code).groups()
        if name == "middlewares":
            assert name in inspect.signature(create_endpoint).parameters
        else:
            options_of(getattr(owners.get(owner, jambonz_sync), name), code)
    for code in names(True)[1]:
        name = re.match(r"\w+", code)[0]
        # What is made for each session is not in its class.
        if name not in ("data", "locals"):
            options_of(getattr(Session, name), code)


def options_of(function, code):
    """The options named in a piece of code are those of the function."""
    for option in re.findall(r"(\w+)=", code):
        assert option in inspect.signature(function).parameters, code


@pytest.mark.parametrize("block", PAGE.blocks("js"), ids=lambda block: block.lines[0][:40])
def test_their_side_is_javascript(block, tmp_path):
    """A block on the other side has no mistake that Node could find without running it."""
    file = tmp_path / "block.mjs"
    file.write_text(
        block.text.replace("const {createServer} = require", "const {createServer} = await require"), "utf-8"
    )
    done = subprocess.run([need("node"), "--check", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
