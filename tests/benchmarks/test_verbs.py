"""The command, run for real against a rival that is always there."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from benchmarks import verbs
from benchmarks.side import Side, Way
from benchmarks.starting import ROOT, Start

# As `python -m benchmarks.verbs`, with another rival.
AGAINST_STAND_IN = """
import sys
from benchmarks.verbs import main
from tests.benchmarks import stand_in
sys.exit(main(sys.argv[1:], rival=stand_in.side))
"""
LINES = [
    ("plain turn", "by hand"),
    ("plain turn", "by heart"),
    ("typical turn", "by hand"),
    ("typical turn", "by heart"),
    ("import, time", "fractions"),
    ("import, CPU time", "fractions"),
    ("import and first turn, time", "fractions"),
]
MEMORY = [("import, memory", "fractions")] if pathlib.Path("/proc/self/status").exists() else []


def ignore(done: int) -> None:
    """Nobody is told of progress."""


def test_a_real_run(tmp_path: pathlib.Path) -> None:
    """One round is enough for every line of the table, and the file says the same."""
    path = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-c", AGAINST_STAND_IN, "--rounds", "1", "--json", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "checking verbs: 1 rounds\nimporting: 1 rounds\n"
    said = json.loads(path.read_text(encoding="utf-8"))
    assert [(one["what"], one["against"]) for one in said["comparisons"]] == LINES + MEMORY
    assert {one["goal"] for one in said["comparisons"]} == {0.1, 1 / 3, None}
    for one in said["comparisons"]:
        assert one["ours"]["samples"] == one["theirs"]["samples"] == 1
        assert any(line.startswith(one["what"]) and one["against"] in line for line in done.stdout.splitlines())
    assert all(one[side]["median"] > 0 for one in said["comparisons"][:4] for side in ("ratio", "ours", "theirs"))
    assert done.stdout.startswith("jambonz-sync divided by stand-in")


def test_without_the_sdk() -> None:
    """A sentence says how to install it, and the exit status is 2."""
    code = "import sys; sys.modules['jambonz_sdk'] = None; from benchmarks.verbs import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("python -m benchmarks.verbs: jambonz-python-sdk, ")
    assert done.stderr.endswith('is not installed; pip install -e ".[bench]" installs it\n')


def test_help() -> None:
    """It is a module that runs, and tells what each line of the table is."""
    command = [sys.executable, "-m", "benchmarks.verbs", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    for text in ("plain", "typical", "session, keywords", "session, models", "JSON schema validator", "--rounds"):
        assert text in done.stdout


@pytest.mark.parametrize("part", ["checking verbs", "importing"])
def test_interrupted(part: str) -> None:
    """Ctrl-C in the middle of either part leaves a sentence and no traceback."""
    # Few rounds of what comes before, and more than anybody waits for of what is interrupted.
    code = f"""
import sys
from benchmarks import verbs
from tests.benchmarks import stand_in
name, long = {part.split()[0]!r}, getattr(verbs, {part.split()[0]!r})
setattr(verbs, name, lambda ours, theirs, rounds, each: long(ours, theirs, 1_000_000, each))
sys.exit(verbs.main(["--rounds", "1"], rival=stand_in.side))
"""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(part):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err == "\nstopped; half a measurement says nothing, so there is none\n"


def test_an_import_is_what_is_left_without_an_empty_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides, and their first turns, less what starting for nothing takes."""
    takes = {
        "": Start(0.1, 0.05, 1000),
        "import ours": Start(0.3, 0.15, 3000),
        "import rival": Start(1.1, 0.55, 9000),
        "our turn": Start(0.4, 0.2, 4000),
        "their turn": Start(0.7, 0.4, 9500),
    }
    monkeypatch.setattr(verbs, "start", takes.__getitem__)
    ours, theirs = Side("ours", "ours", "our turn", []), Side("rival", "rival", "their turn", [])
    wall, cpu, turn, memory = verbs.importing(ours, theirs, 2, ignore)
    assert wall.ratio.median == pytest.approx(0.2 / 1.0)
    assert cpu.ratio.median == pytest.approx(0.1 / 0.5)
    assert turn.ratio.median == pytest.approx(0.3 / 0.6)
    assert memory.ratio.median == pytest.approx(2000 / 8000)
    assert wall.ours.median == pytest.approx(0.2)
    assert [one.goal for one in (wall, cpu, turn, memory)] == [verbs.IMPORT_GOAL, None, None, None]
    assert [one.unit for one in (wall, cpu, turn, memory)] == ["s", "s", "s", "B"]


def test_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell it, that line is left out."""
    monkeypatch.setattr(verbs, "start", lambda code: Start(0.1, 0.1, None))
    side = Side("ours", "ours", "our turn", [])
    assert [one.what for one in verbs.importing(side, side, 1, ignore)] == [what for what, _ in LINES[4:]]


def test_checking_compares_each_turn_with_each_way() -> None:
    """Ours has one way, which stands against all of theirs; every function is called."""
    called: set[str] = set()

    def way(name: str) -> Way:
        return Way(name, {turn: lambda turn=turn: called.add(f"{turn} {name}") for turn in ("plain", "typical")})

    ours, theirs = Side("ours", "", "", [way("one")]), Side("rival", "", "", [way("two"), way("one")])
    found = list(verbs.checking(ours, theirs, 1, ignore))
    assert [(one.what, one.against) for one in found] == [
        ("plain turn", "two"),
        ("plain turn", "one"),
        ("typical turn", "two"),
        ("typical turn", "one"),
    ]
    assert {one.goal for one in found} == {verbs.CHECKING_GOAL}
    assert called == {"plain one", "plain two", "typical one", "typical two"}
