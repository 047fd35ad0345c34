from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


@pytest.mark.parametrize("verb", ["hangup", "sip_decline", "sip_request", "sip_refer", "dial"])
def test_a_header_is_a_string_or_a_number(verb: str) -> None:
    """A header that is None is left out, wherever headers are taken."""
    rest = {
        "hangup": {},
        "sip_decline": {"status": 603},
        "sip_request": {"method": "INFO"},
        "sip_refer": {"refer_to": "x"},
        "dial": {"target": [{"type": "phone", "number": "1"}]},
    }[verb]
    assert build(verb, {**rest, "headers": {"X": 1, "Y": None}}).options["headers"] == {"X": 1}
    with pytest.raises(InvalidVerb, match=r"headers\.X must be a string or a number, not a list"):
        build(verb, {**rest, "headers": {"X": []}})
