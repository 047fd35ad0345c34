"""Whom to call, as one writes it down."""

from __future__ import annotations

import pytest

from jambonz_sync import InvalidVerb
from jambonz_sync.talk.addresses import targets_of


@pytest.mark.parametrize(
    ("to", "target"),
    [
        ("+15550100", {"type": "phone", "number": "+15550100"}),
        ("+1 (555) 010-0.1/2", {"type": "phone", "number": "+1555010012"}),
        ("100", {"type": "phone", "number": "100"}),
        ("*97", {"type": "phone", "number": "*97"}),
        (" sip:ada@example.com ", {"type": "sip", "sip_uri": "sip:ada@example.com"}),
        ("SIPS:ada@example.com", {"type": "sip", "sip_uri": "SIPS:ada@example.com"}),
        ("ada@pbx.example.com", {"type": "user", "name": "ada@pbx.example.com"}),
        ({"type": "teams", "number": "100"}, {"type": "teams", "number": "100"}),
    ],
)
def test_one(to, target):
    """A number, a SIP address, a user, or a target as it stands."""
    assert targets_of(to) == [target]


def test_several():
    """A list of them is as many targets."""
    assert targets_of(["100", "ada@pbx.example.com"]) == [
        {"type": "phone", "number": "100"},
        {"type": "user", "name": "ada@pbx.example.com"},
    ]


@pytest.mark.parametrize("to", ["bob", "", "+", "call 100", [None], [7]])
def test_refused(to):
    """What is none of these is refused, with what it might be."""
    with pytest.raises(InvalidVerb, match="a telephone number, a sip: address, user@realm") as raised:
        targets_of(to)
    assert raised.value.path == "put_through.to"
