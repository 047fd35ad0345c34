"""The page of the Flask example, beside a call."""

from __future__ import annotations

from tests.scenarios.application import no_thread_left
from tests.scenarios.examples import load_example
from tests.scenarios.jambonz_side import texts
from tests.web_server import serving


def test_page_lists_and_ends_calls(log):
    """The page shows who calls; its button ends the call, and says so to the caller first."""
    example = load_example("flask_app")
    with serving(example.app, example.endpoint) as site:
        assert "Calls that are up: 0" in site.asks("/").body
        call = site.call("/app")
        assert "What is your name?" in str(call.expect_ack())
        call.live()
        call.all_read()
        page = site.asks("/").body
        assert "Calls that are up: 1" in page
        assert "15550143001, for 0 s" in page
        (address,) = [part for part in page.split('"') if part.endswith("/hang-up")]
        answer = site.asks(address, "POST")
        assert (answer.status, answer.headers["location"]) == (302, "/")
        verbs = call.expect_redirect()
        assert texts(verbs) == ["Nobody has time for you today."]
        assert verbs[-1]["verb"] == "hangup"
        call.hang_up()
        assert site.asks(address, "POST").status == 404
    no_thread_left()
    assert log.unexpected() == []


def test_last_words(jambonz):
    """Whom the page hangs up on hears why, and nothing after that."""
    example = load_example("flask_app")
    call = jambonz.call(example.endpoint, "/app")
    call.says("Ada")
    assert call.heard("Thank you for waiting.")
    ((call_sid, _),) = example.endpoint.sessions.items()
    assert example.app.test_client().post(f"/calls/{call_sid}/hang-up").status_code == 302
    call.is_silent()
    assert call.heard("Nobody has time for you today.")
    call.is_silent()
    assert call.ended
    assert call.transcript.heard[-1] == "Nobody has time for you today."
