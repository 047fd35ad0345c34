"""Playing prompts: the verbs ``say`` and ``play``, by themselves or inside a ``gather``.

::

    play_prompt(run, Verb("say", {"text": "Hello."}))
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

from .speech import speaking_time, spoken
from .unwinding import Killed
from .verb import Verb, number

if TYPE_CHECKING:
    from .runner import Runner

__all__ = ["cut", "play_prompt", "playback"]

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
    run: Runner,
    verb: Verb,
    *,
    cut_at: Callable[[], float] = lambda: math.inf,
    on_cut: Callable[[], None] = lambda: None,
) -> bool:
    """Let a ``say`` or ``play`` be heard; return ``False`` if it was cut short.

    ``cut_at``: when the listener breaks in, as far as it knows yet; ``on_cut`` is called before the playing stops.

    Raises :exc:`~.unwinding.Killed` when the verb is replaced meanwhile.
    """
    playing = playback(run, verb)
    for end in playing:
        try:
            _wait_for_first(run, end, cut_at)
        except Killed:
            cut(playing)
            raise
        if cut_at() < end:
            on_cut()
            cut(playing)
            return False
    return True


def _wait_for_first(run: Runner, end: float, cut_at: Callable[[], float]) -> None:
    """Wait until the end of a piece, or until the listener breaks in, who may decide so meanwhile."""
    while run.execution.clock.now() < min(end, cut_at()):
        known = cut_at()

        def has_changed(known: float = known) -> bool:
            return cut_at() != known

        run.wait_until(min(end, known), has_changed)


def playback(run: Runner, verb: Verb) -> Generator[float, bool | None, None]:
    """Let one piece after the other be heard, and yield the time each ends; :func:`cut` ends it before."""
    for piece, seconds in _pieces(verb):
        if verb.name == "say":
            _report_synthesis(run, verb, piece)
        run.notify("start-playback", verb=verb.name, id=verb.id)
        run.lets_hear(piece)
        killed = yield run.execution.clock.now() + seconds
        _report_stop(run, verb, killed=killed is True)
        if killed:
            return


def cut(playing: Generator[float, bool | None, None]) -> None:
    """Cut short what is played."""
    with contextlib.suppress(StopIteration):
        playing.send(True)


def _report_synthesis(run: Runner, verb: Verb, text: str) -> None:
    caches = run.execution.caches_speech and verb.options.get("disableTtsCache") is not True
    cached = caches and text in run.execution.synthesized
    run.execution.synthesized.add(text)
    synthesizer = run.execution.background.defaults.synthesizer_for(verb.options)
    run.notify(
        "synthesized-audio",
        vendor=synthesizer.get("vendor"),
        language=synthesizer.get("language"),
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
