"""The command, run for real for a moment."""

from __future__ import annotations

import json
import pathlib
import sys

import pytest

from benchmarks import growth
from benchmarks.growth import CURVES, main
from tests.benchmarks.command_line import elsewhere, refused, run

if not sys.platform.startswith("linux"):
    pytest.skip("it needs /proc and the CPU clocks of Linux", allow_module_level=True)


def test_a_real_run(tmp_path: pathlib.Path) -> None:
    """A table for each curve that was asked for, in that order, and the file says the same."""
    path = tmp_path / "result.json"
    arguments = ["--only", "events,verbs", "--most", "10", "--rounds", "2", "--output", str(path)]
    done = run("growth", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["events: 2 rounds", "verbs: 2 rounds"]
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["measured"]["rounds"] == 2
    assert list(said["curves"]) == ["events", "verbs"]
    assert [(one["size"], one["figure"]) for one in said["curves"]["verbs"]] == [
        (size, figure.title) for size in (1, 10) for figure in CURVES["verbs"].figures
    ]
    for one in said["curves"]["verbs"]:
        assert one["unit"] == "s"
        assert one["spread"]["median"] > 0
        assert one["spread"]["samples"] == 2
        assert (one["times"] is None) == (one["size"] == 1)
    assert done.stdout.index(CURVES["events"].title) < done.stdout.index(CURVES["verbs"].title)
    assert "\n2 rounds, CPython" in done.stdout


def test_everything_by_default(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All curves at all their sizes; with a bound, those below it, and the least in any case."""
    asked: list[tuple[str, list[int], int]] = []

    def measure(curve: growth.Curve, sizes: list[int], rounds: int, **options: object) -> dict[int, list[object]]:
        asked.append((curve.name, list(sizes), rounds))
        return {}

    monkeypatch.setattr(growth, "measure", measure)
    assert main([]) == 0
    assert asked == [(name, list(curve.sizes), 5) for name, curve in CURVES.items()]
    asked.clear()
    assert main(["--most", "5"]) == 0
    assert {name: sizes for name, sizes, _ in asked} == {
        "calls": [1],
        "services": [1],
        "verbs": [1],
        "events": [0],
        "names": [1],
        "turns": [10],
    }
    assert "Calls that are held" in capsys.readouterr().out


def test_another_system(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere a sentence says that it cannot be measured."""
    elsewhere(main, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--only", "calls,none"], "calls, services, verbs, events, names, turns, not 'none'"),
        (["--rounds", "0"], "a whole number above 0"),
        (["--most", "0"], "a whole number above 0"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is measured."""
    assert text in refused(main, arguments, capsys)
