"""Two hundred calls at once, by the websocket library of jambonz itself and by another one."""

from __future__ import annotations

import concurrent.futures
import logging

from tests.clients.node_ws import run_calls
from tests.clients.websockets_caller import hold_echo_conversation

# A crowd on a slow machine is slow to be let in; how fast it is belongs to the benchmarks.
PATIENCE = 60.0

TURNS = ("good morning", "the kettle is on", "nine green bottles")


def echo(session):
    """Say back whatever the caller says."""
    session.say("Say something.").gather(input=["speech"], action_hook="/transcript", timeout=15).send()
    while True:
        evt = session.wait_for("/transcript")
        session.say(f"You said: {evt.transcript}")
        session.gather(input=["speech"], action_hook="/transcript", timeout=15).reply()


def faults(reports):
    """What went wrong, and with how many calls."""
    return [report.reason for report in reports if not report.ok][:5]


def test_two_clients_at_once(make_app, log):
    """200 calls by npm ``ws`` and 20 by ``websockets`` talk at the same time; none is lost, no thread is left."""
    app = make_app(permessage_deflate=True)
    app.service.on("session:new", echo)
    # Each message as a line of the log would cost more than the calls do.
    logging.getLogger("jambonz_sync").setLevel(logging.INFO)
    url = app.endpoint.url + "/app"
    with concurrent.futures.ThreadPoolExecutor(21) as pool:
        by_node = pool.submit(run_calls, url, 200, TURNS, handshake_timeout=PATIENCE, timeout=2 * PATIENCE)
        others = [pool.submit(hold_echo_conversation, url, TURNS, timeout=PATIENCE) for _ in range(20)]
        reports = by_node.result()
        others_reports = [other.result() for other in others]
    assert len(reports) == 200
    assert faults(reports) == []
    assert faults(others_reports) == []
    assert {report.subprotocol for report in (*reports, *others_reports)} == {"ws.jambonz.org"}
    assert {report.close_code for report in (*reports, *others_reports)} == {1000}
    # jambonz offers compression; it is accepted where the endpoint was told so.
    assert all("permessage-deflate" in report.extensions for report in reports)
    assert [report for report in (*reports, *others_reports) if report.commands] == []


def test_without_compression(app):
    """Compression that is offered is declined by default, and nobody minds."""
    app.service.on("session:new", echo)
    reports = run_calls(app.endpoint.url + "/app", 20, TURNS)
    assert faults(reports) == []
    assert {report.extensions for report in reports} == {""}
