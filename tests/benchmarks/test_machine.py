from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys

import pytest

from benchmarks.machine import apart, facts, many_descriptors, pinned

affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process to a core")


@affinity
def test_pinned() -> None:
    """One of the cores allowed before, and all of those again after."""
    before = os.sched_getaffinity(0)
    with pinned() as core:
        assert core in before
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before


@affinity
def test_processes_started_meanwhile_are_pinned_too() -> None:
    """They inherit it."""
    with pinned() as core:
        code = "import os; print(os.sched_getaffinity(0))"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert said.strip() == str({core})


@affinity
def test_let_go_after_an_exception() -> None:
    """What is raised inside comes out as it is."""
    before = os.sched_getaffinity(0)
    with pytest.raises(KeyboardInterrupt), pinned():
        raise KeyboardInterrupt
    assert os.sched_getaffinity(0) == before


def test_systems_without_pinning(monkeypatch: pytest.MonkeyPatch) -> None:
    """There it all runs as it comes, and is said to."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    with pinned() as core:
        assert core is None


@affinity
def test_pinning_that_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may refuse it; that is no failure."""

    def refuse(pid: int, cores: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with pinned() as core:
        assert core is None


@affinity
def test_a_core_that_is_named() -> None:
    """It is that one, inside another block too."""
    with pinned(), pinned(min(os.sched_getaffinity(0))) as core:
        assert os.sched_getaffinity(0) == {core}


@affinity
def test_apart() -> None:
    """This process goes where the servers are not, if it can, and comes back."""
    before = os.sched_getaffinity(0)
    with apart() as (core, own):
        assert core == max(before)
        if len(before) > 1:
            assert os.sched_getaffinity(0) == {own}
            assert own != core
        else:
            assert own is None
    assert os.sched_getaffinity(0) == before


@affinity
def test_one_core_for_both() -> None:
    """They are in the way of each other there, and this process has no own one."""
    with pinned() as only, apart() as (core, own):
        assert (core, own) == (only, None)
        assert os.sched_getaffinity(0) == {only}


def test_systems_without_pinning_have_nothing_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither servers nor callers have a core, and none is claimed for them."""
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with apart() as cores:
        assert cores == (None, None)


def test_many_descriptors() -> None:
    """As many as the system allows, and as many as before in the end."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with many_descriptors():
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_facts() -> None:
    """The Python, the machine, and the versions of packages that are installed."""
    said = facts(["pytest", "no-such-distribution"], 1)
    assert said == {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "pinned_to_core": 1,
        "packages": {"pytest": pytest.__version__, "no-such-distribution": None},
    }
