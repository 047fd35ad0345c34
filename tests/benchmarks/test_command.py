from __future__ import annotations

import argparse
import io
import json
import pathlib
import sys
from collections.abc import Callable, Iterable

import pytest

from benchmarks.command import Progress, names_of, on_linux, run, seconds_from
from benchmarks.comparison import Comparison
from benchmarks.side import NotInstalled, Side
from tests.benchmarks import stand_in

OURS = Side("ours", "json", "import json", [])


def measure(ours: Side, theirs: Side, rounds: int, progress: Progress) -> Iterable[Comparison]:
    """Make something up, once for each round."""
    each = progress.part(f"{ours.name} against {theirs.name}")
    for done in range(rounds):
        each(done)
    yield Comparison.of("turn", "way", [1.0] * rounds, [4.0] * rounds, goal=0.1)


def command(
    *arguments: str,
    rival: Callable[[], Side] = stand_in.side,
    measure: Callable[..., Iterable[Comparison]] = measure,
) -> int:
    return run(arguments, prog="bench", description="Measure things.", ours=lambda: OURS, rival=rival, measure=measure)


def test_the_table_goes_to_stdout_and_progress_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """A goal that is missed is shown, and is no failure."""
    assert command("--rounds", "3") == 0
    said = capsys.readouterr()
    assert said.out.startswith("ours divided by stand-in: ")
    assert "missed" in said.out
    assert "\n3 rounds, " in said.out
    assert f"\n  pytest {pytest.__version__}\n" in said.out
    assert said.err == "ours against stand-in: 3 rounds\n"


def test_rounds_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    """There are enough for a median."""
    assert command() == 0
    assert "\n25 rounds, " in capsys.readouterr().out


def test_json(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in a file, and the table all the same."""
    path = tmp_path / "result.json"
    assert command("--rounds", "2", "--json", str(path)) == 0
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["ours"] == "ours"
    assert said["theirs"] == "stand-in"
    assert said["measured"]["rounds"] == 2
    assert said["measured"]["packages"] == {"ours": None, "stand-in": None, "pytest": pytest.__version__}
    (one,) = said["comparisons"]
    assert one["ratio"] == {"median": 0.25, "low": 0.25, "high": 0.25, "samples": 2}
    assert (one["goal"], one["met"]) == (0.1, False)
    assert "0.250" in capsys.readouterr().out


def test_json_that_cannot_be_written(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The measurement is not lost, since it has been shown already."""
    path = tmp_path / "result.json"

    def spoil(*arguments: object) -> Iterable[Comparison]:
        path.mkdir()
        return [Comparison.of("turn", "way", [1.0], [4.0])]

    assert command("--rounds", "1", "--json", str(path), measure=spoil) == 1
    said = capsys.readouterr()
    assert "0.250" in said.out
    assert said.err == f"cannot write {path}: Is a directory\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--rounds", "0"], "a whole number above 0, such as 25, not '0'"),
        (["--rounds", "-1"], "a whole number above 0"),
        (["--rounds", "many"], "a whole number above 0"),
        (["--json", "/nowhere/result.json"], "a file in a folder that exists, not '/nowhere/result.json'"),
        (["--json", "."], "a file in a folder that exists"),
        (["--loud"], "unrecognized arguments: --loud"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is measured."""

    def never(*arguments: object) -> Iterable[Comparison]:
        raise AssertionError("measured")

    with pytest.raises(SystemExit) as ended:
        command(*arguments, measure=never)
    assert ended.value.code == 2
    assert text in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is measured, every option, and every exit status."""
    with pytest.raises(SystemExit) as ended:
        command("--help")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    status = ("exit status is 0 whatever", "Ctrl-C", "SIGTERM")
    for text in ("Measure things.", "--rounds N", "default: 25", "--json FILE", *status):
        assert text in said


def test_without_the_rival(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, and no table."""

    def missing() -> Side:
        raise NotInstalled("the rival is not installed")

    assert command(rival=missing) == 2
    assert capsys.readouterr() == ("", "bench: the rival is not installed\n")


def test_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends it with a sentence."""

    def interrupted(*arguments: object) -> Iterable[Comparison]:
        raise KeyboardInterrupt

    assert command(measure=interrupted) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "\nstopped; half a measurement says nothing, so there is none\n"


class Terminal(io.StringIO):
    """A screen."""

    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that changes, and is gone in the end."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert command("--rounds", "2") == 0
    assert screen.getvalue().split("\r\x1b[K") == [
        "",
        "ours against stand-in: round 1 of 2",
        "ours against stand-in: round 2 of 2",
        "",
    ]


@pytest.mark.parametrize("text", ["0", "0.09", "nan", "inf", "3601", "long", ""])
def test_seconds_that_are_none(text: str) -> None:
    """Too few, too many, and what is no number is refused, and the bounds are named."""
    with pytest.raises(argparse.ArgumentTypeError, match=f"^a number of seconds from 0.1 to 3600, not {text!r}$"):
        seconds_from(0.1)(text)


def test_seconds() -> None:
    """Both bounds are within."""
    assert [seconds_from(0.1)(text) for text in ("0.1", "2.5", "3600")] == [0.1, 2.5, 3600.0]


def test_names() -> None:
    """Those that are known are read, in the order in which they are given."""
    assert names_of({"one": 1, "two": 2})("two,one") == ["two", "one"]
    with pytest.raises(argparse.ArgumentTypeError, match=r"^one, two, or none, not 'three'$"):
        names_of(["one", "two"], ", or none")("one,three")


def test_linux(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On Linux nothing is said; elsewhere the command is named, and what it lacks."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert on_linux("bench")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "platform", "win32")
    assert not on_linux("bench")
    assert capsys.readouterr() == ("", "bench: it needs epoll, /proc and the CPU clocks of Linux\n")
