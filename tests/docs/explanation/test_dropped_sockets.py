"""What docs/explanation/dropped-sockets.md shows and claims."""

from __future__ import annotations

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.settings import Settings
from jambonz_sync.testing import Jambonz
from tests.docs.page import Page
from tests.scenarios.jambonz_side import JambonzSide, texts

PAGE = Page("explanation/dropped-sockets")
FUNCTION, TEST, RESTART = PAGE.blocks("python")


def test_nobody_notices():
    """The test on the page passes with the function on the page."""
    endpoint = create_endpoint()
    FUNCTION.run({"phone": endpoint.make_service("/app")})
    with Jambonz() as jambonz:
        TEST.run({"endpoint": endpoint})["test_the_network_goes_away"](jambonz)


@pytest.mark.parametrize(
    ("notes", "said"),
    [({}, "Sorry, where were we?"), ({"call-1": "two teas"}, "Sorry. You have ordered two teas.")],
    ids=["unknown", "written down"],
)
def test_after_a_restart(notes, said):
    """A process that knows nothing of the call goes on with it."""
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    phone = endpoint.make_service("/app")
    RESTART.run({"phone": phone, "notes": notes})
    with endpoint, JambonzSide(f"{endpoint.url}/app", call_sid="call-1") as jambonz:
        jambonz.send("session:reconnect", jambonz.facts())
        assert jambonz.expect_ack() is None
        assert said in texts(jambonz.expect_redirect())


def test_default():
    """How long jambonz is waited for is the default of the setting."""
    assert f"`reconnect_timeout` ({Settings().reconnect_timeout:g} s)" in PAGE.text
