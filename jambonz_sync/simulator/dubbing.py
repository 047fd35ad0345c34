"""``dub``: tracks of audio beside the conversation, as a verb, by command, or within a ``dial``.

::

    dub(run, Verb("dub", {"action": "playOnTrack", "track": "music", "play": "https://example.com/a.mp3"}))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .runner import Runner
from .validator import fault_of
from .verb import Verb

__all__ = ["dub", "dub_by_command"]


def dub(run: Runner, verb: Verb, hears: Callable[[str], None] | None = None) -> None:
    """Execute it. What is played on a track is heard beside everything else, so this takes no time.

    ``hears`` is another party whose track it is.
    """
    run.answer()
    action, track = verb.options.get("action"), verb.options.get("track")
    said = verb.options.get("say")
    what = said.get("text") if isinstance(said, dict) else said or verb.options.get("play")
    if what:
        (run.lets_hear if hears is None else hears)(f"(on track {track}) {what}")
    else:
        run.execution.transcript.add("call", f"dub: {action} {track}")


def dub_by_command(run: Runner, message: dict[str, Any], hears: Callable[[str], None] | None = None) -> bool:
    """Do the same for a command; return whether it has the shape that jambonz reads."""
    data = message.get("data")
    if not isinstance(data, dict) or fault_of("dub", data) is not None:
        return False
    dub(run, Verb("dub", data), hears)
    return True
