"""Playing prompts: the verbs ``say`` and ``play``, by themselves or inside a ``gather``.

::

    play_prompt(run, Verb("say", {"text": "Hello."}))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .speech import speaking_time, spoken
from .unwinding import Killed
from .verb import Verb, number

if TYPE_CHECKING:
    from .execution import Runner

__all__ = ["play_prompt"]

#: Every recording lasts as long.
_PLAY_SECONDS = 2.0


def _rounds(verb: Verb) -> float:
    loop = verb.options.get("loop")
    if loop == "forever":
        return math.inf
    times = int(loop) if isinstance(loop, str) and loop.isdigit() else number(verb.options, "loop", 1)
    return times if times > 0 else math.inf


def _pieces(verb: Verb) -> Iterator[tuple[str, float]]:
    what = spoken(verb.options.get("text" if verb.name == "say" else "url"))
    done = 0
    while what and done < _rounds(verb):
        done += 1
        for piece in what:
            yield piece, speaking_time(piece) if verb.name == "say" else _PLAY_SECONDS


def play_prompt(
    run: Runner, verb: Verb, *, cut_at: float = math.inf, on_cut: Callable[[], None] = lambda: None
) -> bool:
    """Let a ``say`` or ``play`` be heard; return ``False`` if it was cut short.

    ``cut_at``: when the listener breaks in; ``on_cut`` is called before the playing stops.

    Raises :exc:`~.unwinding.Killed` when the verb is replaced meanwhile.
    """
    clock = run.execution.clock
    for piece, seconds in _pieces(verb):
        if verb.name == "say":
            _report_synthesis(run, verb, piece)
        run.notify("start-playback", verb=verb.name, id=verb.id)
        run.lets_hear(piece)
        end = clock.now() + seconds
        try:
            run.wait_until(min(end, cut_at))
        except Killed:
            _report_stop(run, verb, killed=True)
            raise
        if cut_at < end:
            on_cut()
            _report_stop(run, verb, killed=True)
            return False
        _report_stop(run, verb, killed=False)
    return True


def _report_synthesis(run: Runner, verb: Verb, text: str) -> None:
    cached = text in run.execution.synthesized
    run.execution.synthesized.add(text)
    run.notify(
        "synthesized-audio",
        vendor="google",
        language="en-GB",
        characters=None if cached else len(text),
        elapsed_time=None if cached else "212",
        served_from_cache=cached,
        id=verb.id,
        verb="say",
    )


def _report_stop(run: Runner, verb: Verb, *, killed: bool) -> None:
    run.notify("stop-playback", verb=verb.name, id=verb.id)
    if killed:
        run.notify("kill-playback", verb=verb.name, id=verb.id)
