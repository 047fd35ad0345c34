"""The pytest plugin: the fixture ``jambonz``, there by itself where the library is installed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import Jambonz

__all__ = ["jambonz"]

_jambonz = pytest.StashKey["Jambonz"]()
_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test has failed, and show its calls beside the failure."""
    report = yield
    if report.failed and _jambonz in item.stash:
        item.stash[_failed] = True
        for call in item.stash[_jambonz].calls:
            report.sections.append((f"call to {call.path}", f"{call.transcript}\n\n{call.state}"))
    return report


@pytest.fixture
def jambonz(request: pytest.FixtureRequest) -> Iterator[Jambonz]:
    """A jambonz that calls applications in this process, in virtual time.

    It is strict: what went wrong without failing the test, such as a hook that was answered in the handler's place,
    fails it at its end. ``jambonz.tolerates(pattern)`` lets it pass.
    """
    # What a plugin imports every run of pytest imports, whether it tests calls or not.
    from .testing import Jambonz

    made = request.node.stash[_jambonz] = Jambonz()
    try:
        yield made
    finally:
        made.close(complain=_failed not in request.node.stash)
