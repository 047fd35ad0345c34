"""The command, run for real for a moment."""

from __future__ import annotations

import argparse
import contextlib
import json
import pathlib
import re
import shutil
import sys
from collections.abc import Iterator

import pytest

from benchmarks.starting import ROOT

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import calls
from benchmarks.call_driver import TooSlow
from benchmarks.call_lines import LINES, Line, Sample
from benchmarks.call_servers import FLOOR, HOSTING, OURS, RIVALS, CallServer
from benchmarks.calls import main
from benchmarks.command import Progress
from benchmarks.side import NotInstalled
from tests.benchmarks.command_line import elsewhere, refused, run

PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_a_real_run(tmp_path: pathlib.Path) -> None:
    """All samples are in the file: of each line, of each server, of each round."""
    path = tmp_path / "result.json"
    arguments = ["--only", "saturated-1,set-ups", "--rivals", "none", "--rounds", "2", "--seconds", "0.2"]
    done = run("calls", *arguments, "--output", str(path))
    assert done.returncode == 0, done.stderr
    names = [OURS, FLOOR] if shutil.which("cc") else [OURS]
    content = json.loads(path.read_text(encoding="utf-8"))
    assert [(one["line"], one["server"], one["round"]) for one in content["samples"]] == [
        (line, name, number) for line in ("saturated-1", "set-ups") for name in names for number in (0, 1)
    ]
    assert all(one["rate"] > 0 for one in content["samples"])
    assert content["measured"]["seconds"] == 0.2
    assert done.stdout.startswith(f"{OURS} divided by the best rival")
    assert "2 rounds of 0.2 s, CPython" in done.stdout
    assert done.stderr.splitlines()[-2:] == ["saturated, 1 call: 2 rounds", f"{LINES['set-ups'].title}: 2 rounds"]


def test_who_cannot_do_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that fails once is not asked again, and left out with a sentence; others are not."""
    asked = []

    def take(server: CallServer, seconds: float) -> Sample:
        asked.append(server)
        if server == "slow":
            raise TooSlow("1 of 9 calls were up after 20 s")
        if server == "odd":
            raise ConnectionError("the application has closed the connection")
        return {"rate": seconds}

    servers: dict[str, CallServer] = {name: name for name in ("good", "slow", "odd", "other")}  # type: ignore[misc]
    line = Line("a line", take, (), frozenset({"other"}))
    assert calls._measure(line, servers, 1.5, 2, Progress(2)) == {"good": [{"rate": 1.5}] * 2}
    assert sorted(map(str, asked)) == ["good", "good", "good", "odd", "slow"]
    said = capsys.readouterr().err
    assert "a line: slow is left out: 1 of 9 calls were up after 20 s\n" in said
    assert "a line: odd is left out: the application has closed the connection\n" in said


def test_who_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence says so, and the others are measured."""

    def missing(name: object) -> None:
        raise NotInstalled("it is not here")

    for name in ("rival", "hosting", "floor"):
        monkeypatch.setattr(calls, name, missing)
    with calls._makers(["sdk"], True) as makers:
        assert list(makers) == [OURS]
    names = ["sdk", *HOSTING, FLOOR]
    assert capsys.readouterr().err.splitlines() == [f"{name} is left out: it is not here" for name in names]


@contextlib.contextmanager
def nobody(*arguments: object) -> Iterator[dict[str, object]]:
    yield {}


def test_file_that_cannot_be_written(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The measurement is not lost, since it has been shown already."""
    monkeypatch.setattr(calls, "_makers", nobody)
    monkeypatch.setattr(calls, "_measure", lambda *arguments: {OURS: [{"time": 0.5}]})
    assert main(["--only", "start", "--output", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "500 ms ±0%" in said.out
    assert said.err.endswith(f"cannot write {tmp_path}: Is a directory\n")


def test_lines_and_rivals() -> None:
    """Lines are named one by one or by their kind, and twice is once."""
    assert calls._lines("paced,start,paced-50") == ["paced-50", "paced-2000", "start"]
    assert calls._lines("held") == ["held", "held-deflate"]
    assert calls._lines("held-deflate") == ["held-deflate"]
    assert calls._rivals("none") == []
    assert calls._rivals("python-sdk,sdk") == ["python-sdk", "sdk"]
    with pytest.raises(argparse.ArgumentTypeError, match=", ".join(RIVALS)):
        calls._rivals("asterisk")


def test_another_system(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere a sentence says that it cannot be measured."""
    elsewhere(main, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--only", "fast"], "saturated-500, set-ups"),
        (["--rivals", "asterisk"], "or none, not 'asterisk'"),
        (["--rounds", "0"], "a whole number above 0"),
        (["--seconds", "0"], "a number of seconds from 0.1 to 3600, not '0'"),
        (["--seconds", "nan"], "a number of seconds from"),
        (["--seconds", "long"], "a number of seconds from"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is measured."""
    assert text in refused(main, arguments, capsys)


def test_the_page() -> None:
    """docs/benchmarks.md explains every line and every server, by the names that they have on the command line."""
    (section,) = re.findall(r"^## Calls$(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    assert "$ python -m benchmarks.calls\n" in section
    for name in [*LINES, *RIVALS, FLOOR]:
        assert f"`{name}`" in section, name
