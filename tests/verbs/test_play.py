from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_its_hook_reports_the_end() -> None:
    """The call waits for the answer to it."""
    assert build("play", {"action_hook": "/played"}, positional="a.mp3").action_hook == "/played"


def test_options_with_several_types() -> None:
    """Numbers pass as numbers, strings as strings."""
    options = {"url": "a", "loop": "forever", "seek_offset": 8000, "timeout_secs": "5"}
    assert build("play", options).options == {"url": "a", "loop": "forever", "seekOffset": 8000, "timeoutSecs": "5"}
