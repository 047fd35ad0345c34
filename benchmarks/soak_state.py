"""What the server of a soak holds, and whether that has grown."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .growth_server import GrowthServer

__all__ = ["State", "growth", "settled", "state", "told"]

#: Bytes of memory that a process may have more, whatever comes of it: that much comes and goes in the pools that the
#: system's allocator has for threads. What is lost in small pieces shows in the objects and the blocks.
_MEMORY = 4 * 2**20
#: Of whatever the calls since then have left, each may have left so much at the most: bytes, and objects.
_MEMORY_PER_CALL = 512
_OBJECTS_PER_CALL = 0.1
#: Objects that come and go with whatever else there is.
_OBJECTS = 100


class State(NamedTuple):
    """Bytes of memory that are resident, threads, open descriptors, objects known to the garbage collector, and blocks
    of memory that the interpreter has given to objects of any kind.
    """

    memory: float
    threads: float
    descriptors: float
    objects: float
    blocks: float


def told(server: GrowthServer, query: str = "") -> Mapping[str, Any]:
    """Return what the application tells of itself; with the query ``collected``, once its garbage is gone."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/state?{query}") as answer:
        said: Mapping[str, Any] = json.load(answer)
    return said


def state(server: GrowthServer) -> State:
    """Return what the server holds at this moment."""
    return _state(server, told(server))


def settled(server: GrowthServer) -> State:
    """Return what the server holds with no call up, nothing under way and no garbage."""
    server.settle()
    said = told(server, "collected")
    # The page has had a thread and a descriptor itself.
    server.settle()
    return _state(server, said)


def _state(server: GrowthServer, said: Mapping[str, Any]) -> State:
    held = server.holds()
    return State(held.memory, held.threads, held.descriptors, said["objects"], said["blocks"])


def growth(before: State, after: State, calls: int) -> Sequence[str]:
    """Return what has grown, in words, while so many calls came and went."""
    objects = _OBJECTS + calls * _OBJECTS_PER_CALL
    allowed = State(_MEMORY + calls * _MEMORY_PER_CALL, 0, 0, objects, objects)
    return [
        f"{name} from {was:,.0f} to {now:,.0f}"
        for name, was, now, more in zip(State._fields, before, after, allowed, strict=True)
        if now > was + more
    ]
