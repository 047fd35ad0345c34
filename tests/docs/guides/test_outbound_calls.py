"""What docs/guides/outbound-calls.md shows: the REST call, and what comes of it."""

from __future__ import annotations

import http.server
import json
import logging
import threading

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import Answers, Busy, SimulatedCall
from tests.docs.page import Page

PAGE = Page("guides/outbound-calls")
REMINDER, MACHINES, TEST = PAGE.blocks("python")
(NO_SESSION,) = PAGE.blocks("text")


@pytest.fixture
def api(monkeypatch):
    """An API that notes what it is asked, and answers as that of jambonz."""
    asked = []

    class Api(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b'{"sid": "3f2a"}')

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("JAMBONZ_API", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("JAMBONZ_ACCOUNT", "acme")
    monkeypatch.setenv("JAMBONZ_APPLICATION", "4711")
    monkeypatch.setenv("JAMBONZ_KEY", "key")
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_request(api):
    """It is the one that jambonz wants, and the sid comes back."""
    assert REMINDER.run()["place_call"]("+15550143222", {"time": "nine"}) == "3f2a"
    ((path, authorization, body),) = api
    assert (path, authorization) == ("/v1/Accounts/acme/Calls", "Bearer key")
    assert body["to"] == {"type": "phone", "number": "+15550143222"}
    assert body["tag"] == {"time": "nine"}
    assert body["application_sid"] == "4711"


def test_the_test_of_the_page(jambonz, caplog):
    """It passes, and the log tells what came of it."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    TEST.run(REMINDER.run())["test_reminder"](jambonz)
    assert any("+15550143222: confirmed" in record.getMessage() for record in caplog.records)


def test_nobody_answers(caplog):
    """No function is called, and the log says what the page says."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    called = []
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    endpoint.make_service("/reminder").on("session:new", called.append)
    with endpoint:
        SimulatedCall(f"{endpoint.url}/reminder", placed=Busy(), speed=50).run()
    assert called == []
    assert any(NO_SESSION.text.strip() in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("detected", "text"),
    [
        (["amd_human_detected"], "You have an appointment."),
        (["amd_machine_detected", "amd_machine_stopped_speaking"], "Please call us back"),
        (["amd_no_speech_detected"], "You have an appointment."),
    ],
)
def test_machines(calling, detected, text):
    """A machine hears its own text, when its greeting is over; everybody else the other one."""
    events = [{"type": one} for one in detected]
    call = calling(MACHINES.run()["remind_or_leave_word"], placed=Answers(after=4), results={"amd": [events]})
    assert call.heard(text)
    call.is_silent(60)
    assert call.ended


def test_direction(calling):
    """It is as the page says."""
    facts = []

    def answer(session):
        facts.append((session.direction, session.from_, session.to, session.data.get("customerData")))

    calling(answer, placed=Answers(), from_="100", to="200")
    assert facts == [("outbound", "100", "200", None)]
