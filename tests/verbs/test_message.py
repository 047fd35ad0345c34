from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_names_on_the_wire() -> None:
    """The sids are in snake_case there, and from is a plain word."""
    verb = build("message", {"to": "1", "from_": "2", "account_sid": "a", "message_sid": "m"})
    assert verb.options == {"to": "1", "from": "2", "account_sid": "a", "message_sid": "m"}
