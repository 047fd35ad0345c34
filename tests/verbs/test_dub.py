from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_it_says_what_to_do_with_which_track() -> None:
    """Both are needed."""
    with pytest.raises(InvalidVerb, match="dub needs track"):
        build("dub", {"action": "addTrack"})
    with pytest.raises(InvalidVerb, match=r'dub\.action must be "addTrack", "removeTrack"'):
        build("dub", {"action": "add_track", "track": "a"})


def test_what_to_say_is_a_text_or_options() -> None:
    """A text goes out as a text."""
    options = {"action": "sayOnTrack", "track": "a"}
    assert build("dub", {**options, "say": "Hello."}).options["say"] == "Hello."
    assert build("dub", {**options, "say": {"text": "a", "early_media": True}}).options["say"]["earlyMedia"] is True


@pytest.mark.parametrize(("action", "needed"), [("playOnTrack", "play"), ("sayOnTrack", "say")])
def test_there_is_something_to_hear(action: str, needed: str) -> None:
    """Where that is the point."""
    assert build("dub", {"action": "addTrack", "track": "a"})
    with pytest.raises(InvalidVerb, match=f"dub needs {needed}, since action is {action}"):
        build("dub", {"action": action, "track": "a"})
