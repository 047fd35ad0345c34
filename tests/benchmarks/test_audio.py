"""The command, run for real for a moment."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import sys

import pytest

from benchmarks.starting import ROOT

if not sys.platform.startswith("linux"):
    pytest.skip("it needs epoll and the CPU clocks of Linux", allow_module_level=True)

from benchmarks import audio
from benchmarks.audio import main
from benchmarks.audio_sample import Sample
from benchmarks.audio_servers import NODE, OURS, PLAIN
from benchmarks.audio_table import render
from tests.benchmarks.command_line import elsewhere, refused, run

PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
SAMPLE = Sample(0.0001, 0.002, 0.03, 1, 100, 0.25, 0.001, 0.1)


def test_a_real_run(tmp_path: pathlib.Path) -> None:
    """All samples are in the file: of each round, of each server, for each number of streams."""
    path = tmp_path / "result.json"
    done = run("audio", "--seconds", "0.1", "--streams", "2,3", "--rounds", "2", "--output", str(path))
    assert done.returncode == 0, done.stderr
    there = all(shutil.which(program) for program in ("node", "npm"))
    names = [OURS, PLAIN, NODE] if there else [OURS, PLAIN]
    content = json.loads(path.read_text(encoding="utf-8"))
    samples = content["samples"]
    assert [(one["streams"], one["server"], one["round"]) for one in samples] == [
        (streams, name, number) for streams in (2, 3) for name in names for number in (0, 1)
    ]
    assert [one["frames"] for one in samples] == [5 * one["streams"] for one in samples]
    for one in samples:
        assert 0 < one["p50"] <= one["p99"] <= one["longest"]
        assert 0 <= one["late"] <= one["frames"]
        assert one["cpu"] > 0
    assert content["measured"]["seconds"] == 0.1
    assert "2 rounds of 0.1 s, CPython" in done.stdout
    assert done.stdout.startswith(f"{OURS} divided by {NODE}:") == there
    assert done.stderr.splitlines()[-2:] == ["2 streams: 2 rounds", "3 streams: 2 rounds"]


def test_without_node() -> None:
    """The others are measured, and a sentence says why one is missing."""
    done = run("audio", "--seconds", "0.1", "--streams", "2", "--rounds", "1", path="/nowhere")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["Node ws is left out: node is not on the path", "2 streams: 1 rounds"]
    assert done.stdout.startswith("How late audio comes back")
    assert NODE not in done.stdout
    assert PLAIN in done.stdout


def test_file_that_cannot_be_written(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The measurement is not lost, since it has been shown already."""
    monkeypatch.setattr(audio, "measure", lambda *arguments, **options: {OURS: [SAMPLE], PLAIN: [SAMPLE]})
    assert main(["--output", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert re.search(r"^ +50  jambonz-sync +100 µs +2\.00 ms +30\.0 ms +1 of 100 +25\.0%", said.out, re.MULTILINE)
    assert said.err.endswith(f"cannot write {tmp_path}: Is a directory\n")


def test_another_system(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere a sentence says that it cannot be measured."""
    elsewhere(main, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--streams", "26,none"], "a whole number above 0, such as 50, not 'none'"),
        (["--rounds", "0"], "a whole number above 0"),
        (["--seconds", "0"], "a number of seconds from 0.02 to 3600, not '0'"),
        (["--seconds", "nan"], "a number of seconds from"),
        (["--seconds", "long"], "a number of seconds from"),
    ],
)
def test_mistakes(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found before anything is measured."""
    assert text in refused(main, arguments, capsys)


def test_the_page() -> None:
    """What docs/benchmarks.md shows is a run of this command, with the columns that it has now."""
    assert "$ python -m benchmarks.audio --streams 26,50,100\n" in PAGE
    (shown,) = re.findall(rf"```text\n({OURS} divided by {NODE}:.*?)```", PAGE, re.DOTALL)
    measured = {"python": "", "system": "", "cores": 2, "pinned_to_core": 1, "callers_on_core": 0, "packages": {}}
    samples = {streams: {name: [SAMPLE] for name in (OURS, PLAIN, NODE)} for streams in (26, 50, 100)}
    made = render(samples, {**measured, "rounds": 5, "seconds": 5.0})
    titles = [line.split() for line in made.splitlines() if line.startswith("streams")]
    assert [line.split() for line in shown.splitlines() if line.startswith("streams")] == titles
    names = [re.sub(r" {2,}.*", "", line.strip()) for line in made.splitlines()]
    assert [re.sub(r" {2,}.*", "", line.strip()) for line in shown.splitlines()][: len(names) - 2] == names[:-2]
