"""What was measured on."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

__all__ = ["apart", "facts", "many_descriptors", "pinned"]


@contextlib.contextmanager
def pinned(core: int | None = None) -> Iterator[int | None]:
    """Keep this process, and those it starts, on one core; give its number, or ``None`` where that cannot be done.

    ::

        with pinned() as core:
            measure()

    ``core``: which; by default the last.
    """
    on = None
    # Not every system has it, and not every container may.
    with contextlib.suppress(AttributeError, OSError):
        allowed = os.sched_getaffinity(0)
        # Interrupts tend to be served by the first.
        wanted = max(allowed) if core is None else core
        os.sched_setaffinity(0, {wanted})
        on = wanted
    try:
        yield on
    finally:
        if on is not None:
            os.sched_setaffinity(0, allowed)


@contextlib.contextmanager
def apart() -> Iterator[tuple[int | None, int | None]]:
    """Keep this process off the core that servers are to run on: give the number of theirs, and of its own.

    ::

        with apart() as (core, own), EchoServer(command, core) as server:
            measure(server)

    Either is ``None`` where there is none: with one core for both, which are then in the way of each other, it has no
    own one; where nothing can be pinned there is neither.
    """
    with pinned() as last:
        pass
    if last is None:
        yield None, None
        return
    with pinned(min(os.sched_getaffinity(0))) as first:
        yield last, None if first == last else first


@contextlib.contextmanager
def many_descriptors() -> Iterator[None]:
    """Allow as many descriptors as the system lets us have; servers that are started meanwhile inherit that.

    ::

        with many_descriptors():
            hold(5000)
    """
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def facts(distributions: Iterable[str], core: int | None) -> dict[str, object]:
    """Return the Python, the machine and the versions of these distributions; ``core`` is as :func:`pinned` has it."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "pinned_to_core": core,
        "packages": {name: _version(name) for name in distributions},
    }


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
