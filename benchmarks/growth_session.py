"""What grows, or does not, in a session: with verbs in a message, events that nobody has taken, and names of hooks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.mailbox import Mailbox

from .growth_curve import Curve, Figure, Sampler
from .growth_talk import Talk
from .measuring import Timing

__all__ = ["EVENTS", "NAMES", "VERBS"]

#: So many hooks are named by the verbs of one message, which may not be too big.
_NAMED_AT_ONCE = 100


@contextlib.contextmanager
def _verbs(size: int) -> Iterator[Sampler]:
    talk = Talk()
    turn = Timing(lambda: talk.turn(verbs=size))

    def sample() -> Sequence[float | None]:
        taken = turn()
        return taken, taken / size

    yield sample


@contextlib.contextmanager
def _events(size: int) -> Iterator[Sampler]:
    timings = [Timing(_behind(size, kind)) for kind in ("call:status", "verb:status")]
    yield lambda: [timing() for timing in timings]


def _behind(size: int, kind: str) -> Callable[[], Event]:
    """Return what lets one more status of a verb come, and takes one, behind so many events that nobody has taken."""
    talk = Talk()
    for _ in range(size):
        talk.receive(kind, {"event": "starting", "id": "v1"})

    def take() -> Event:
        talk.receive("verb:status", {"event": "starting", "id": "v1"})
        return talk.session.wait_for("verb:status")

    return take


@contextlib.contextmanager
def _names(size: int) -> Iterator[Sampler]:
    names = [f"/hook-{number}" for number in range(size)]
    waits, handles, has_named = (_that_knows(names) for _ in range(3))
    for name in names:
        handles.session.on(name, lambda evt: None)
    timings = [Timing(lambda: waits.turn(names)), Timing(handles.turn), Timing(has_named.turn)]

    def sample() -> Sequence[float | None]:
        waiting, handling, named = (timing() for timing in timings)
        return waiting, waiting / size, handling, named

    yield sample


def _that_knows(names: Sequence[str]) -> Talk:
    """Return a call whose verbs have named these hooks."""
    talk = Talk()
    for start in range(0, len(names), _NAMED_AT_ONCE):
        for name in names[start : start + _NAMED_AT_ONCE]:
            talk.session.gather(action_hook=name)
        talk.session.gather(action_hook="/heard").send()
    return talk


VERBS = Curve(
    "verbs",
    "Verbs in a message: a turn that is answered with so many",
    "verbs",
    (1, 10, 50, 100, 200),
    (Figure("CPU per turn", "s"), Figure("CPU per verb", "s")),
    _verbs,
)
EVENTS = Curve(
    "events",
    "Events that nobody has taken: one more comes, and one is waited for",
    "events",
    (0, 10, 100, Mailbox().limit - 1),
    (Figure("CPU per event, behind others", "s"), Figure("CPU per event, behind its like", "s")),
    _events,
)
NAMES = Curve(
    "names",
    "Names of hooks: a turn that waits for all of them, that has a handler for each, that has named them before",
    "names",
    (1, 10, 100, 1000),
    (
        Figure("CPU, waited for", "s"),
        Figure("the same per name", "s"),
        Figure("CPU, handled", "s"),
        Figure("CPU, named before", "s"),
    ),
    _names,
)
