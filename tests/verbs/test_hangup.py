from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_header_names_pass_as_they_stand() -> None:
    """They look like options, and are none."""
    headers = {"X-Reason": "done", "snake_case": 1, "camelCase": "x"}
    assert build("hangup", {"headers": headers}).options == {"headers": headers}
