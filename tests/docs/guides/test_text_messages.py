"""What docs/guides/text-messages.md shows: texts that come, and texts that are sent out of a call."""

from __future__ import annotations

import logging

import pytest

from jambonz_sync.simulator import SimulatedMessage
from tests.docs.page import Page

PAGE = Page("guides/text-messages")
TEXTS, TEST = PAGE.blocks("python")


def test_the_test_of_the_page():
    """It passes."""
    TEST.run(TEXTS.run())["test_hours"]()


def test_another_text(caplog):
    """It is answered with what can be asked, and the log tells that it was."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    endpoint = TEXTS.run()["endpoint"]
    endpoint.listen_at(host="127.0.0.1", port=0)
    with endpoint:
        transcript = SimulatedMessage(f"{endpoint.url}/texts", "hello").run()
    assert transcript.heard == ["Write OPEN for our hours, or call us."]
    assert any("was answered: success" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(("status", "said"), [("success", "I have sent you our hours."), ("no carriers", "Open from")])
def test_out_of_a_call(jambonz, status, said):
    """The caller hears what became of it."""
    results = {"message": [{"message_status": status}]}
    call = jambonz.call(TEXTS.run()["endpoint"], "/shop", results=results)
    assert call.heard(said)


def test_facts():
    """A message has those of the table."""
    endpoint = TEXTS.run()["endpoint"]
    seen = []
    endpoint.find_service("/texts").on("session:new", lambda session: seen.append((session.call_sid, {**session.data})))
    endpoint.listen_at(host="127.0.0.1", port=0)
    with endpoint:
        SimulatedMessage(f"{endpoint.url}/texts", "Look.", media=["https://example.com/cat.jpg"]).run()
    ((call_sid, data),) = seen
    assert call_sid is None
    assert {"text", "media", "message_sid", "carrier"} <= data.keys()
