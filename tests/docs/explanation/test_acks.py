"""What docs/explanation/acks.md shows and claims."""

from __future__ import annotations

import re

from jambonz_sync import create_endpoint
from jambonz_sync.protocol import message
from jambonz_sync.settings import Settings
from tests.docs.page import Page

PAGE = Page("explanation/acks")
SLOW, CANNED = PAGE.blocks("python")
(WARNING,) = PAGE.blocks("text")


def test_slow_code(jambonz, log):
    """The verbs behind stand still, the late reply is heard, and the log says what the page says."""
    endpoint = create_endpoint()

    def look_up(digits):
        (session,) = endpoint.sessions.values()
        session.sleep(9)  # of virtual time, and the application's own code
        return digits

    SLOW.run({"phone": endpoint.make_service("/app"), "look_up": look_up})
    jambonz.tolerates("was not answered within")
    call = jambonz.call(endpoint, "/app")
    assert call.heard("Your code, please.")
    call.presses("1234")
    pressed = jambonz.now
    assert call.heard("Hello 1234.")
    assert jambonz.now >= pressed + 9
    assert "I got no code" not in str(call.transcript)
    assert WARNING.text.strip() in log.expect("was not answered within")


def test_canned_answer(jambonz):
    """Music is there while the function waits in the queue."""
    endpoint = create_endpoint()
    CANNED.run({"callers": endpoint.make_service("/app")})
    call = jambonz.call(endpoint, "/app")
    assert call.heard("music.mp3")
    call.is_silent(60)
    assert not call.ended
    call.hangs_up()


def test_the_deadline():
    """It is the default of the setting."""
    assert f"until `ack_timeout`, {Settings().ack_timeout:g} s" in " ".join(PAGE.text.split())


def test_names():
    """Each message and hook in the table is one."""
    table = [row.split(" | ")[0] for row in PAGE.text.splitlines() if row.startswith("| ")]
    named = set(re.findall(r"`([\w:]+)`", " ".join(table)))
    hooks = {name for name in named if name.endswith("_hook")}
    assert hooks == {"wait_hook", "on_hold_hook", "confirm_hook", "enter_hook", "refer_hook"}
    assert named - hooks - {"dial"} <= message.ACKED_TYPES
