"""The command, run for real with few calls."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from benchmarks import held_calls
from benchmarks.held_calls import main
from benchmarks.held_servers import SERVERS, Way
from benchmarks.starting import ROOT
from tests.benchmarks.command_line import refused, run

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="it reads /proc")

PAGE = (ROOT / "docs" / "guides" / "sizing.md").read_text(encoding="utf-8")


def test_a_real_run(tmp_path: pathlib.Path) -> None:
    """A line for each number of calls, and the file says the same."""
    path = tmp_path / "result.json"
    arguments = ["--servers", "gthread", "--calls", "2,20", "--turns", "40", "--json", str(path)]
    done = run("held_calls", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["gthread: 2 calls", "gthread: 20 calls"]
    few, many = json.loads(path.read_text(encoding="utf-8"))["samples"]
    assert [(one["server"], one["calls"]) for one in (few, many)] == [("gthread", 2), ("gthread", 20)]
    # One of each, and what the first of them brings with it.
    assert 1 <= many["descriptors"] < 1.5
    assert 0.5 < many["threads"] < 1.5
    assert many["memory"] > 0
    assert many["turns_per_second"] > 0
    assert many["cpu_per_turn"] >= 0
    assert [line.split()[:2] for line in done.stdout.splitlines()[4:6]] == [["gthread", "2"], ["gthread", "20"]]
    assert "40 turns on 16 of the calls, CPython" in done.stdout


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that says what to do, before anything is measured."""
    monkeypatch.setitem(SERVERS, "other", Way(["-c", "pass"], ["not_there"]))
    assert main(["--servers", "standalone,other"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("not_there is not installed; pip install not_there, or leave other out\n")


def test_json_that_cannot_be_written(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The measurement is not lost, since it has been shown already."""
    sample = held_calls.Sample("standalone", 1000, 2**16, 1.0, 1.0, 2000.0, 3e-4)
    monkeypatch.setattr(held_calls, "measure", lambda *arguments: sample)
    arguments = ["--servers", "standalone", "--calls", "1000", "--json", str(tmp_path)]
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert re.search(r"^standalone  1,000  64\.0 KiB +1\.00 +1\.00 +2,000 +300 µs$", said.out, re.MULTILINE)
    assert said.err.endswith(f"cannot write {tmp_path}: Is a directory\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--calls", "100,none"], "a whole number above 0, such as 1000, not 'none'"),
        (["--turns", "0"], "a whole number above 0"),
        (["--servers", "sync"], "standalone, gthread, gevent, not 'sync'"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is measured."""
    assert text in refused(main, arguments, capsys)


def test_the_page() -> None:
    """What docs/guides/sizing.md shows is a run of this command, with all servers, and with its columns."""
    assert "$ python -m benchmarks.held_calls\n" in PAGE
    (shown,) = re.findall(r"```text\n(Calls that are held.*?)```", PAGE, re.DOTALL)
    sample = held_calls.Sample("standalone", 1000, 2**16, 1.0, 1.0, 2000.0, 3e-4)
    made = held_calls._render([sample], {"python": "", "system": "", "cores": 2, "packages": {}}, 4000)
    assert shown.splitlines()[2].split() == made.splitlines()[2].split()
    names = [line.split()[0] for line in shown.splitlines()[4:13]]
    assert names == [name for name in SERVERS for _ in range(3)]
