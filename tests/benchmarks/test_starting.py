from __future__ import annotations

import pathlib

import pytest

from benchmarks import starting
from benchmarks.starting import ROOT, start


def test_a_start_takes_time_and_memory() -> None:
    """All is above zero; memory is known where the system tells it."""
    taken = start("")
    assert taken.wall > 0
    assert taken.cpu > 0
    if pathlib.Path("/proc/self/status").exists():
        assert taken.memory is not None
        assert 1 << 20 < taken.memory < 1 << 30
    else:
        assert taken.memory is None


@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="this system does not tell it")
def test_memory_is_of_the_code_alone() -> None:
    """What the code takes is seen, and what this process has is not."""
    ballast = bytearray(100 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    empty = start("").memory
    filled = start("block = bytearray(50 << 20); block[::4096] = b'x' * len(block[::4096])").memory
    assert empty is not None
    assert filled is not None
    assert empty < 100 << 20
    # The start itself takes some pages more or fewer each time.
    assert 45 << 20 < filled - empty < 60 << 20
    assert len(ballast) == 100 << 20


def test_cpu_time_is_of_the_code() -> None:
    """Code that computes until it has used so much of it is found to have done so."""
    assert start("import time\nwhile time.process_time() < 0.2: pass").cpu >= 0.2


def test_what_code_prints_does_no_harm() -> None:
    """The figures come last."""
    assert start("print('7 words')").memory == pytest.approx(start("").memory, rel=0.5)


def test_memory_is_unknown_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is made up."""
    monkeypatch.setattr(starting, "_PEAK", starting._PEAK.replace("/proc/self/status", "/nowhere/status"))
    assert start("").memory is None


def test_this_checkout_is_imported() -> None:
    """Whatever else is installed."""
    folder = ROOT / "jambonz_sync"
    start(f"import jambonz_sync, pathlib; assert pathlib.Path(jambonz_sync.__file__).parent.samefile({str(folder)!r})")


def test_compiled_files_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that wants none written would have us measure the compiler."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    start("import sys; assert not sys.dont_write_bytecode")


def test_code_that_fails_is_an_error() -> None:
    """With what the interpreter said."""
    with pytest.raises(RuntimeError, match=r"(?s)at 'import no_such_module':.*No module named 'no_such_module'"):
        start("import no_such_module")
