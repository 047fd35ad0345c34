from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import build


def test_it_needs_a_text_unless_one_is_streamed() -> None:
    """The server would refuse it only when it comes to run it."""
    assert build("say", {"stream": True}).options == {"stream": True}
    for options in ({}, {"stream": False}, {"text": None}):
        with pytest.raises(InvalidVerb, match="say needs text, unless stream is True"):
            build("say", options)


def test_a_text_may_be_several() -> None:
    """A tuple will do."""
    assert build("say", positional=("a", "b")).options == {"text": ["a", "b"]}


def test_what_belongs_to_the_voice_is_not_an_option() -> None:
    """The error says where it belongs."""
    with pytest.raises(InvalidVerb, match="say has no option 'voice'; it is an option of synthesizer"):
        build("say", {"voice": "x"}, positional="Hello.")
