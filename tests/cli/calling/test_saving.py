"""What was said and heard in a call, as a file."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from jambonz_sync.audio.wav import Sound, read_wav
from jambonz_sync.cli.calling.saving import check_writable, saved


def test_writable(tmp_path):
    """A file that can be written is not there for that, and one that is there stays as it is."""
    new, old = tmp_path / "new.wav", tmp_path / "old.wav"
    old.write_text("as it was")
    check_writable(new)
    check_writable(old)
    assert not new.exists()
    assert old.read_text() == "as it was"
    with pytest.raises(FileNotFoundError):
        check_writable(tmp_path / "no" / "where.wav")
    with pytest.raises(IsADirectoryError):
        check_writable(tmp_path)


def test_saved(tmp_path):
    """It is told what was written, and from when in the call it is."""
    sound = Sound(b"\1\0\2\0" * 12_340, 8000, channels=2)
    path = tmp_path / "both.wav"
    text = saved(SimpleNamespace(both_sides=sound, listened_since=4.25), path)
    assert text == (
        f"Saved {path}: 1.5 s, from 4.2 s of the call on, the caller on the left and the application on the right."
    )
    assert read_wav(path) == sound


@pytest.mark.parametrize(
    ("since", "why"), [(math.inf, "has not listened to the caller"), (3.0, "was connected for sound, and sent none")]
)
def test_nothing_to_save(tmp_path, since, why):
    """Where nothing was heard nothing is written, and it is told why."""
    path = tmp_path / "both.wav"
    text = saved(SimpleNamespace(both_sides=None, listened_since=since), path)
    assert why in text
    assert text.endswith(f"{path} is not written.")
    assert not path.exists()
