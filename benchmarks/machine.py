"""What was measured on."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

__all__ = ["facts", "many_descriptors", "pinned"]


@contextlib.contextmanager
def pinned() -> Iterator[int | None]:
    """Keep this process, and those it starts, on one core; give its number, or ``None`` where that cannot be done.

    ::

        with pinned() as core:
            measure()
    """
    core = None
    # Not every system has it, and not every container may.
    with contextlib.suppress(AttributeError, OSError):
        allowed = os.sched_getaffinity(0)
        # Interrupts tend to be served by the first.
        os.sched_setaffinity(0, {max(allowed)})
        core = max(allowed)
    try:
        yield core
    finally:
        if core is not None:
            os.sched_setaffinity(0, allowed)


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
