"""What docs/reference/command-line.md says is run here: its commands, its prepared caller, its test."""

from __future__ import annotations

import argparse
import pathlib
import re
import shlex
import subprocess

import pytest

from jambonz_sync.audio.wav import Sound, write_wav
from jambonz_sync.cli import COMMANDS, main
from jambonz_sync.cli.calling.lines import HELP, parse
from tests.cli.applications import QUICK
from tests.cli.process import command, environ

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")


def blocks(language):
    return [block.strip() for block in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)]


def section(name):
    """What stands below a heading, up to the next one of its level."""
    return re.split(r"^## ", PAGE, flags=re.MULTILINE)[[entry.name for entry in COMMANDS].index(name) + 1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the application and the prepared caller of the page."""
    (tmp_path / "app.py").write_text(QUICK)
    (tmp_path / "caller.txt").write_text(blocks("text")[0] + "\n")
    (tmp_path / "calls").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(line, folder):
    """Run a command of the page, as a shell would."""
    words = shlex.split(line.removeprefix("$ jambonz-sync "))
    plumbing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    for sign, name, mode in (("<", "stdin", "r"), (">", "stdout", "w")):
        if sign in words:
            at = words.index(sign)
            plumbing[name] = (folder / words[at + 1]).open(mode)
            del words[at : at + 2]
    try:
        return subprocess.run(
            command(*words), cwd=folder, env=environ(), stderr=subprocess.PIPE, text=True, timeout=100, **plumbing
        )
    finally:
        for stream in plumbing.values():
            if not isinstance(stream, int):
                stream.close()


@pytest.mark.parametrize("line", [line for line in blocks("console") if "--reload" not in line])
def test_commands(line, folder):
    """Each command does what it says, and ends with 0."""
    assert line.startswith("$ jambonz-sync ")
    result = shell(line, folder)
    assert (result.returncode, result.stderr) == (0, "")
    if "> conversation.txt" in line:
        assert "caller  presses 12" in (folder / "conversation.txt").read_text()


def test_record_and_its_test(folder, jambonz):
    """What the page records passes the test that the page shows."""
    (line,) = [line for line in blocks("console") if "--record" in line]
    assert shell(line, folder).returncode == 0
    names = {}
    exec(compile(QUICK, "app.py", "exec"), names)
    exec(compile(blocks("python")[0], "command-line.md", "exec"), names)
    names["test_greeting_is_as_it_was"](jambonz)


def test_every_command_and_option():
    """Every command has its section, and every option of it is named there."""
    assert re.findall(r"^## (\w+)$", PAGE, re.MULTILINE) == [entry.name for entry in COMMANDS]
    for entry in COMMANDS:
        parser = argparse.ArgumentParser(add_help=False)
        entry.add_arguments(parser)
        for action in parser._actions:
            if action.option_strings and action.help != argparse.SUPPRESS:
                assert action.option_strings[0] in section(entry.name), (entry.name, action.option_strings)


def test_what_can_be_typed(tmp_path, monkeypatch):
    """What stands in the table means something, and all that can be typed stands there."""
    monkeypatch.chdir(tmp_path)
    write_wav("hello.wav", Sound(bytes(16_000), 8000))
    table = section("call").split("### What can be typed")[1].split("###")[0]
    lines = re.findall(
        r"`([^`]+)`", "\n".join(row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `"))
    )
    assert len(lines) > 12
    for line in lines:
        parse(line)
    for order in re.findall(r"^  (/\w+)", HELP, re.MULTILINE):
        assert order in {line.split()[0] for line in lines}


def test_links_and_help(capsys):
    """Every link leads to a section, and every command has help."""
    for name in re.findall(r"\]\(#(\w+)\)", PAGE):
        assert f"\n## {name}\n" in PAGE
        assert main([name, "--help"]) == 0
        assert f"jambonz-sync {name}" in capsys.readouterr().out
