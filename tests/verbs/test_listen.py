from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_what_it_takes_in_each_place() -> None:
    """A URL as a verb and in a dial; in the background, whether."""
    assert build("listen", positional="/audio").options == {"url": "/audio"}
    with pytest.raises(InvalidVerb, match=r"dial\.listen needs url"):
        build("dial", {"target": [{"type": "phone", "number": "1"}], "listen": {"mix_type": "stereo"}})
    with pytest.raises(InvalidVerb, match=r"config\.listen needs enable"):
        build("config", {"listen": {"url": "/audio"}})


def test_metadata_pass_as_they_stand() -> None:
    """They are the application's own."""
    metadata = {"snake_case": None, "camelCase": {"url": 1}}
    assert build("listen", {"url": "/audio", "metadata": metadata}).options["metadata"] == metadata


def test_hooks_inside() -> None:
    """Its own ends the verb; what is nested in it only reports."""
    verb = build("listen", {"url": "/audio", "action_hook": "/over", "transcribe": {"transcription_hook": "/said"}})
    assert verb.hooks == (HookUse("/over", HookKind.ACTION), HookUse("/said", HookKind.REPORT))


def test_the_background_form_goes_somewhere() -> None:
    """Unless it is to end."""
    assert build("config", {"listen": {"enable": False}})
    with pytest.raises(InvalidVerb, match=r"config\.listen needs url, since enable is True"):
        build("config", {"listen": {"enable": True}})


@pytest.mark.parametrize("rate", [0, -8000, 11025, 44100])
def test_the_rate_is_one_of_a_telephone(rate: int) -> None:
    """The media server refuses others."""
    assert build("listen", {"url": "/a", "sample_rate": 48000})
    with pytest.raises(InvalidVerb, match=f"must have a sample_rate that is a multiple of 8000, not {rate}"):
        build("listen", {"url": "/a", "sample_rate": rate})


def test_a_stream_to_the_caller_has_a_rate(warned: Callable[[], list[str]]) -> None:
    """There is none that is assumed."""
    build("listen", {"url": "/a", "bidirectional_audio": {"streaming": True, "sample_rate": 8000}})
    build("listen", {"url": "/a", "bidirectional_audio": {"enabled": True}})
    assert warned() == []
    build("listen", {"url": "/a", "bidirectional_audio": {"streaming": True}})
    assert warned() == ["listen.bidirectional_audio.streaming is never heard without sample_rate beside it"]
