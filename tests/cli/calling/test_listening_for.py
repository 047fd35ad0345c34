"""What the application listens for."""

from __future__ import annotations

import pytest

from jambonz_sync.cli.calling.listening_for import listening_for, verbs_of


@pytest.mark.parametrize(
    ("verbs", "text"),
    [
        ([{"verb": "gather", "input": ["speech"], "timeout": 8}], "listens for speech, for 8 s"),
        ([{"verb": "say", "text": "Hi."}, {"gather": {"input": ["digits", "speech"]}}], "for keys or speech, for 15 s"),
        ([{"verb": "gather", "timeout": 0}], "listens for keys"),
        ([{"verb": "say", "text": "Hi."}], "listens"),
        ([{"verb": "gather"}, {"verb": "gather"}], "listens"),
    ],
)
def test_listening_for(verbs, text):
    """It is told from the one gather among the verbs, and not guessed from several."""
    assert listening_for(verbs_of({"type": "ack", "data": verbs})).endswith(text)


@pytest.mark.parametrize("data", [None, {"call_hook": "/x"}, [5], "text"])
def test_no_verbs(data):
    """What is no list of verbs brings none."""
    assert verbs_of({"type": "command", "data": data}) == []
