"""What is left for the garbage collector to find: an endpoint to make it on, a plain turn, and a look at what it is."""

from __future__ import annotations

import collections
import contextlib
import gc
import logging
from collections.abc import Iterator
from typing import Any

from jambonz_sync import Endpoint, Session, create_endpoint

from .application import no_thread_left
from .jambonz_side import JambonzSide, names

__all__ = ["MANY", "hears", "left_over", "listen", "reply", "uncollected"]

#: So many turns, or calls, of each kind. What is left of one that is still under way is reachable, and does not count.
MANY = 10


@contextlib.contextmanager
def uncollected() -> Iterator[Endpoint]:
    """An endpoint, while no garbage is collected. Its log keeps nothing: a record of an exception keeps the call."""
    logger = logging.getLogger("freed")
    logger.disabled = True
    gc.collect()
    gc.disable()
    try:
        with create_endpoint(host="127.0.0.1", port=0, logger=logger) as endpoint:
            yield endpoint
        no_thread_left()
    finally:
        gc.enable()


def left_over() -> dict[str, int]:
    """How many objects of the library's own can be reached from nowhere, and were not freed, by type."""
    try:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kinds = [type(found) for found in gc.garbage]
    finally:
        gc.set_debug(0)
        # What was saved is garbage again.
        gc.garbage.clear()
        gc.collect()
    return dict(collections.Counter(kind.__qualname__ for kind in kinds if kind.__module__.startswith("jambonz_sync")))


def listen(session: Any) -> Session:
    """Queue the question of which the turns are about."""
    queued: Session = session.gather(input=["speech"], action_hook="/heard")
    return queued


def reply(session: Session) -> None:
    """The application's part of the plainest turn."""
    evt = session.wait_for("/heard")
    listen(session.say(evt.transcript)).reply()


def hears(jambonz: JambonzSide) -> None:
    """jambonz's part: the caller has said something, and the application answers."""
    jambonz.speech("/heard", "the kettle is on")
    assert names(jambonz.expect_ack())[-1] == "gather"
