"""What the command ``whisper`` lets a party hear, beside what goes on.

::

    whisper(run, {"command": "whisper", "data": {"whisper": {"verb": "say", "text": "One minute left."}}})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .playing import playback
from .verb import Verb

if TYPE_CHECKING:
    from .runner import Runner

__all__ = ["whisper"]


def whisper(run: Runner, message: dict[str, Any], hears: Callable[[str], None] | None = None) -> bool:
    """Play the verbs one after another, each once, while the running verb goes on; ``hears`` is another party.

    They are one ``say`` or ``play``, or a list of them, each with its verb. Return whether that is so.
    """
    data = message.get("data")
    given = data.get("whisper") if isinstance(data, dict) else None
    given = given if isinstance(given, list) else [given]
    items = [item for item in given if isinstance(item, dict) and item.get("verb") in ("say", "play")]
    if not items or len(items) < len(given):
        return False
    listener = run.for_prompts([], hears=hears)

    def ends() -> Iterator[float]:
        for item in items:
            yield from playback(listener, Verb(item["verb"], {**item, "loop": 1}))

    playing = ends()

    def go_on() -> None:
        end = next(playing, None)
        if end is not None and not run.killed:
            run.execution.timers.at(end, go_on)

    go_on()
    return True
