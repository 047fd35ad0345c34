"""What docs/guides/operating.md says is run here: its snippets, in order, and its tables."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import pathlib
import re
import shlex
import signal
import threading
import urllib.request

import prometheus_client
import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.call_status import CallStatus
from jambonz_sync.cli import COMMANDS
from jambonz_sync.counters import Counters
from jambonz_sync.how_ended import WORDS
from jambonz_sync.simulator import Says, SimulatedCall
from tests.transport.peers import TIMEOUT, eventually

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "guides" / "operating.md").read_text(encoding="utf-8")


def blocks(language):
    return [block.strip() for block in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)]


def block(part):
    """The one block of Python in which this stands."""
    (found,) = [one for one in blocks("python") if part in one]
    return compile(found, "operating.md", "exec")


def first_column(heading):
    """What stands in the left of the table behind these words."""
    rows = PAGE.split(heading)[1].split("\n\n")[1].splitlines()
    return re.findall(r"`([^`]+)`", "\n".join(row.split(" | ")[0] for row in rows if row.startswith("| `")))


@pytest.fixture
def endpoint():
    """An application of orders that listens on a free port."""
    made = create_endpoint(host="127.0.0.1", port=0)
    orders = made.make_service("/orders")

    @orders.on("session:new")
    def answer(session):
        session.gather(input=["speech"], action_hook="/menu").send()
        evt = session.wait_for("/menu")
        session.say(f"You said {evt.transcript}.").reply()

    with made:
        yield made


def test_calls(endpoint, capsys):
    """They are printed, a line each, as the page shows them; none is slow."""
    calling = SimulatedCall(f"{endpoint.url}/orders", limit=60)
    thread = threading.Thread(target=calling.run, daemon=True)
    thread.start()
    eventually(lambda: [call.waiting_for for call in endpoint.calls()] == ["/menu"])
    exec(block("print(call)"), {"endpoint": endpoint})
    (line,) = capsys.readouterr().out.splitlines()
    shape = re.compile(
        r"call \S+ on /orders: inbound from \d+ to \+\d+, \S+, up [\d.]+ s; "
        r"(waits for /menu|busy), [\d.]+ s, at \S+:\d+ in \w+"
    )
    assert shape.fullmatch(line)
    for shown in blocks("text")[0].splitlines():
        assert shape.fullmatch(shown)
    names = {"endpoint": endpoint}
    exec(block("slow ="), names)
    assert names["slow"] == []
    (session,) = endpoint.sessions.values()
    session.hangup().send()
    thread.join(TIMEOUT)
    assert not thread.is_alive()


def test_the_facts_of_a_call():
    """Each field is in the table."""
    assert first_column("the oldest first.") == [field.name for field in dataclasses.fields(CallStatus)]


def test_a_page():
    """The calls are served by Flask."""
    flask = pytest.importorskip("flask")
    app = flask.Flask("operating")
    endpoint = create_endpoint()
    exec(block('@app.get("/calls")'), {"app": app, "endpoint": endpoint, "dataclasses": dataclasses})
    assert app.test_client().get("/calls").json == []


def test_commands():
    """The signal exists, and so do the commands with their options."""
    kill, install, run = blocks("console")
    assert getattr(signal, "SIG" + kill.split()[2].removeprefix("-")) == signal.SIGUSR1
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    extra = re.search(r"\[(\w+)\]", install)
    assert extra is not None
    assert re.search(rf"^{extra[1]} =$", setup, re.MULTILINE)
    words = shlex.split(run.removeprefix("$ jambonz-sync "))
    (command,) = [entry for entry in COMMANDS if entry.name == words[0]]
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert parser.parse_args(words[1:]).record == pathlib.Path("calls")


def test_counters(endpoint, capsys):
    """They are printed; the tables name each of them, and each word with what it means."""
    exec(block("counters.started"), {"endpoint": endpoint})
    assert capsys.readouterr().out == "0 0 0 0\n"
    assert first_column("of the same moment.") == [field.name for field in dataclasses.fields(Counters)]
    for word, meaning in WORDS.items():
        assert f"| `{word}` | {meaning} |" in PAGE


def test_prometheus(endpoint):
    """The names of the table are those of the page that the endpoint serves then."""
    registry = prometheus_client.REGISTRY
    names = {"endpoint": endpoint, "sales": create_endpoint(), "support": create_endpoint()}
    exec(block("register(endpoint)"), names)
    exec(block("make_wsgi_app"), names)
    exec(block("register(sales"), names)
    page = f"http{endpoint.url.removeprefix('ws')}/metrics"
    with urllib.request.urlopen(page, timeout=TIMEOUT) as answer:
        text = answer.read().decode()
    for row in first_column("shows these:"):
        assert f"# TYPE {row.partition('{')[0]} " in text
    assert 'jambonz_sync_calls_ended_total{endpoint="sales",reason="lost"} 0.0' in text
    assert registry.get_sample_value("jambonz_sync_calls_live", {"endpoint": "support"}) == 0


def test_recordings(endpoint, tmp_path, monkeypatch, jambonz):
    """A call is recorded where the page says, and passes the page's test."""
    monkeypatch.chdir(tmp_path)
    exec(block("record_calls("), {"endpoint": endpoint})
    SimulatedCall(f"{endpoint.url}/orders", [Says("two spoons")], speed=50).run()
    eventually(lambda: endpoint.counters.live == 0)
    (path,) = (tmp_path / "calls").iterdir()
    path.rename(tmp_path / "calls" / "3f2a.jsonl")
    names = {"endpoint": endpoint}
    exec(block("test_the_lost_order"), names)
    names["test_the_lost_order"](jambonz)


def test_the_log():
    """The logger is told to say more."""
    logger = logging.getLogger("jambonz_sync")
    level = logger.level
    try:
        exec(block("setLevel"), {})
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(level)


def test_links():
    """Every link leads to a section."""
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    for target in re.findall(r"\]\(#([\w-]+)\)", PAGE):
        assert target in [heading.lower().replace(" ", "-") for heading in headings]
