from __future__ import annotations

import re
import subprocess
import sys

import pytest

from jambonz_sync.cli import COMMANDS, main
from tests.cli.process import ROOT, run, unread


def test_alone():
    """Without a command there is help, on stdout."""
    result = run()
    assert result.returncode == 0
    assert result.stdout.startswith("usage: jambonz-sync")
    assert "demo" in result.stdout
    assert result.stderr == ""


def test_help(capsys):
    """Help ends with 0, and lists the commands."""
    assert main(["--help"]) == 0
    output = capsys.readouterr().out
    for entry in COMMANDS:
        assert re.search(rf"^ +{entry.name} ", output, re.MULTILINE)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_help_on_a_command(entry, capsys):
    """Help on a command ends with 0, and has its examples."""
    assert main([entry.name, "--help"]) == 0
    assert entry.examples in capsys.readouterr().out


def test_version(capsys):
    """The version is one line."""
    assert main(["--version"]) == 0
    assert re.fullmatch(r"jambonz-sync (\d\S*|\(not installed\))\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["dance"], "invalid choice: 'dance'"),
        (["demo", "--loud"], "unrecognized arguments: --loud"),
        (["demo", "--wir"], "unrecognized arguments: --wir"),
    ],
)
def test_wrong_usage(arguments, text, capsys):
    """A wrong command line ends with 2, and says what is wrong."""
    assert main(arguments) == 2
    assert text in capsys.readouterr().err


def test_commands():
    """Every command says in a line what it does, and has examples of itself."""
    for entry in COMMANDS:
        assert entry.summary
        assert all(line.startswith(f"  jambonz-sync {entry.name}") for line in entry.examples.splitlines())


def test_help_that_nobody_reads():
    """It is not worth a word."""
    result = unread("--help", PYTHONUNBUFFERED="")
    # argparse keeps the error to itself if it is the one that meets it.
    assert result.returncode in (0, 141)
    assert result.stderr == ""


def test_help_is_lean():
    """What a command needs is imported when it runs: help gets along without the endpoint, the verbs and a call."""
    # The package itself imports most of it; without that, one sees what the command line asks for.
    check = """
import sys, types
package = types.ModuleType("jambonz_sync")
package.__path__ = ["jambonz_sync"]
sys.modules["jambonz_sync"] = package
from jambonz_sync.cli import main
assert main(["verbs", "--help"]) == main(["demo", "--help"]) == main(["--help"]) == 0
ours = [name.split(".")[1] for name in sys.modules if name.startswith("jambonz_sync.")]
assert set(ours) == {"cli"}, ours
"""
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60, cwd=ROOT, stdout=subprocess.DEVNULL)
