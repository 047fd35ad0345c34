"""The verb ``dub``, and the same inside ``dial``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from .fault import Fault
from .markers import Doc, Needed
from .rules import Run, rule
from .say import SayOptions

__all__ = ["DubOptions"]


class DubOptions(TypedDict, total=False):
    """Mix further audio tracks into the call."""

    action: Annotated[
        Literal["addTrack", "removeTrack", "silenceTrack", "playOnTrack", "sayOnTrack"],
        Needed(),
        Doc("What to do with the track."),
    ]
    track: Annotated[str, Needed(), Doc("Your own name for the track.")]
    play: Annotated[str, Doc("URL of the audio to play on it.")]
    say: Annotated[str | SayOptions, Doc("Text to speak on it, or options of `say`.")]
    loop: Annotated[bool, Doc("Play it again and again.")]
    gain: Annotated[float | str, Doc('How much louder, in dB: a number, or a string such as "-6 dB".')]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


@rule(DubOptions)
def _there_is_something_to_hear(given: Mapping[str, Any], run: Run) -> None:
    for action, name in (("playOnTrack", "play"), ("sayOnTrack", "say")):
        if given["action"] == action and name not in given:
            raise Fault(f"needs {name}, since action is {action}", name)
