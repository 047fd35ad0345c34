from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_the_data_pass_as_they_stand() -> None:
    """Whatever they look like."""
    data = {"action_hook": "/x", "actionHook": None, "deep": [{"num_digits": 1}]}
    verb = build("tag", {"data": data})
    assert verb.options == {"data": data}
    assert verb.hooks == ()
