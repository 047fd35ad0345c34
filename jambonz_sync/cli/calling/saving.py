"""What was said and heard in a call, as a file.

::

    check_writable(pathlib.Path("heard.wav"))
    screen.say(saved(call, pathlib.Path("heard.wav")))
"""

from __future__ import annotations

import math
import pathlib

from ...audio.wav import write_wav
from .placed import PlacedCall

__all__ = ["check_writable", "saved"]


def check_writable(path: pathlib.Path) -> None:
    """Raise :exc:`OSError` if a file cannot be written; what is there stays, and nothing comes to be."""
    was_there = path.exists()
    path.open("ab").close()
    if not was_there:
        path.unlink()


def saved(call: PlacedCall, path: pathlib.Path) -> str:
    """Write what was said and heard while the application listened, if anything was heard; return what to tell of it.

    Raises :exc:`OSError`.
    """
    sound = call.both_sides
    if sound is None:
        listened = call.listened_since < math.inf
        why = "was connected for sound, and sent none to be heard" if listened else "has not listened to the caller"
        return f"Nothing to save: the application {why}; {path} is not written."
    with path.open("wb") as file:
        write_wav(file, sound)
    return (
        f"Saved {path}: {sound.seconds:.1f} s, from {call.listened_since:.1f} s of the call on, "
        "the caller on the left and the application on the right."
    )
