"""What is raised when an audio connection is over."""

from __future__ import annotations

from jambonz_sync.audio import AudioEnded, AudioNotActive, RecordingFailed
from jambonz_sync.exceptions import CallEnded, JambonzError


def test_tree():
    """What unwinds a handler passes `except Exception`, and is no end of the call; the others are ordinary errors."""
    assert not issubclass(AudioEnded, (Exception, CallEnded))
    assert issubclass(AudioNotActive, JambonzError)
    assert issubclass(RecordingFailed, JambonzError)


def test_facts():
    """They carry what they are about."""
    ended = AudioEnded("over", stream="the stream", code=1001, reason="stopping")
    assert (str(ended), ended.stream, ended.code, ended.reason) == ("over", "the stream", 1001, "stopping")
    assert (AudioEnded("over").stream, AudioEnded("over").code) == (None, 1000)
    not_active = AudioNotActive("over", code=1001, reason="stopping")
    assert (str(not_active), not_active.code, not_active.reason) == ("over", 1001, "stopping")
