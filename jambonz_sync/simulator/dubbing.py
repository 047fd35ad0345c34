"""``dub``: tracks of audio beside the conversation.

::

    dub(run, Verb("dub", {"action": "playOnTrack", "track": "music", "play": "https://example.com/a.mp3"}))
"""

from __future__ import annotations

from .runner import Runner
from .verb import Verb

__all__ = ["dub"]


def dub(run: Runner, verb: Verb) -> None:
    """Execute it. What is played on a track is heard beside everything else, so this takes no time."""
    run.answer()
    action, track = verb.options.get("action"), verb.options.get("track")
    said = verb.options.get("say")
    what = said.get("text") if isinstance(said, dict) else said or verb.options.get("play")
    if what:
        run.lets_hear(f"(on track {track}) {what}")
    else:
        run.execution.transcript.add("call", f"dub: {action} {track}")
