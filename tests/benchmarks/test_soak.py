"""The command, run for real with few calls."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it needs /proc and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import soak
from benchmarks.growth_server import GrowthServer
from benchmarks.soak import Soak, main
from benchmarks.soak_caller import Life, SoakCaller
from benchmarks.soak_state import State
from tests.benchmarks.command_line import elsewhere, refused, run


@pytest.fixture(scope="module")
def server() -> Iterator[GrowthServer]:
    """A server that has the application of the soak."""
    with GrowthServer("benchmarks.soak_application") as started:
        yield started


def test_a_real_run() -> None:
    """Every call is counted, by how it ended; no call is lost, and threads and descriptors are what they were."""
    arguments = ["--calls", "30", "--turns", "150", "--at-once", "6"]
    done = run("soak", *arguments)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split() == list(soak._TITLES)
    warm, end = (re.split(" {2,}", line.strip()) for line in (lines[1], lines[3]))
    assert lines[2] == "warm"
    assert warm[2:4] == ["12", "0"]
    assert end[1:4] == ["150", "30", "0"]
    assert end[6:8] == warm[6:8]
    assert lines[4] == "30 calls began; 10 came back; they ended by {'caller': 15, 'application': 15}"
    # What the memory of so young a process does is another matter.
    assert done.returncode == (0 if lines[-1].startswith("flat: ") else 1)
    assert all(line.startswith(("flat", "grown: ", "not flat")) for line in lines[5:])


def test_growth(server: GrowthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has grown is said, and the exit status is 1."""
    states = iter([State(1.0, 2, 4, 10, 100), State(1.0, 3, 4, 10, 100)])
    monkeypatch.setattr(soak, "settled", lambda server: next(states))
    monkeypatch.setattr(soak, "told", lambda server: {"started": 4, "reconnects": 0, "live": 0, "ended": {"caller": 4}})
    said: list[str] = []
    assert Soak(server, 2, said.append).run(4, 4) == 1
    assert said[-2:] == ["grown: threads from 2 to 3", "not flat, or calls were lost"]


def test_lost_calls(server: GrowthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is each call that was lost, and those behind it are held all the same."""

    class Loser(SoakCaller):
        def see(self) -> None:
            super().see()
            if self.life.number == 1:
                raise ConnectionError("lost in the woods")

    def begin(port: int, life: Life) -> SoakCaller:
        if life.number == 2:
            raise ConnectionError("refused")
        return Loser(port, life)

    # What is called for a step is the function of the class.
    monkeypatch.setattr(soak, "SoakCaller", type("Both", (), {"__new__": lambda cls, port, life: begin(port, life)}))
    monkeypatch.setattr(soak.SoakCaller, "act", lambda caller: caller.act(), raising=False)
    monkeypatch.setattr(soak.SoakCaller, "see", lambda caller: caller.see(), raising=False)
    said: list[str] = []
    assert Soak(server, 2, said.append).run(4, 20) == 1
    assert any("'was lost" in line or "was lost after 1 turns: lost in the woods" in line for line in said)
    assert any("did not begin: refused" in line for line in said)
    assert "lost: 2 of 4 calls" in said
    assert said[-1] == "not flat, or calls were lost"


def test_lines(server: GrowthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile a line tells how many calls are up, and what the server holds."""
    monkeypatch.setattr(soak, "_EVERY", 0.0)
    said: list[str] = []
    Soak(server, 2, said.append).run(4, 40)
    rows = [re.split(" {2,}", line.strip()) for line in said if re.match(r" +\d+ s ", line)]
    assert len(rows) > 5
    assert {row[3] for row in rows} >= {"0", "2"}
    assert [int(row[1]) for row in rows] == sorted(int(row[1]) for row in rows)


def test_another_system(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere a sentence says that it cannot be measured."""
    elsewhere(main, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--turns", "10", "--calls", "20"], "each call has a turn at least"),
        (["--at-once", "0"], "a whole number above 0"),
        (["--turns", "many"], "a whole number above 0"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is done."""
    assert text in refused(main, arguments, capsys)
