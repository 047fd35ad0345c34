"""What README.md shows is run here, as it is typed and saved; its picture is of such a call."""

from __future__ import annotations

import configparser
import pathlib
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.cli.process import command, environ
from tools.terminal_picture import PICTURE, TYPED, application, drawn, taken

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

COMMANDS = [
    "pip install . && jambonz-sync demo",
    "jambonz-sync call app.py",
    "pip install pytest && python -m pytest test_app.py",
    'pip install -e ".[test]" && pytest',
]


def blocks(language: str) -> list[str]:
    """The blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """A folder with what a reader has saved there."""
    app, test = blocks("python")
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "test_app.py").write_text(test)
    return tmp_path


def jambonz_sync(*arguments, cwd, **more):
    """Run a command, with nobody at the terminal."""
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environ(), capture_output=True, text=True, timeout=100, **more
    )


def said(text: str) -> list[str]:
    """What the two say to each other, of what a command prints, without the times."""
    return re.findall(r"^ *[\d.]+  ((?:app|caller)  .*)$", text, re.MULTILINE)


def shown() -> list[str]:
    """The lines of the picture."""
    return ["".join(node.itertext()) for node in ET.parse(PICTURE).getroot().iter() if node.tag.endswith("text")]


def test_it_is_short():
    """The application has ten lines of code, and the whole fits on a few screens."""
    assert application() == blocks("python")[0]
    assert len([line for line in application().splitlines() if line.strip()]) <= 10
    assert len(README.splitlines()) < 120


def test_the_commands():
    """What is installed is declared, and what is typed here is typed in the tests below."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert "test" in setup["options.extras_require"]
    assert "jambonz-sync = " in setup["options.entry_points"]["console_scripts"]
    assert [block.strip().removeprefix("$ ") for block in blocks("console")] == COMMANDS


def test_demo(tmp_path):
    """It shows a call that ends well."""
    done = jambonz_sync(*shlex.split(COMMANDS[0].partition("&& jambonz-sync ")[2]), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(said(done.stdout)) > 3


def test_the_application_is_called(folder):
    """A prepared caller says what is typed in the picture, and hears what is read there."""
    (folder / "caller.txt").write_text("\n".join(TYPED) + "\n")
    words = shlex.split(COMMANDS[1].removeprefix("jambonz-sync "))
    done = jambonz_sync(*words, "--script", "caller.txt", "--speed", "20", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(said(done.stdout)) == 5
    assert said(done.stdout) == said("\n".join(shown()))


def test_its_test_passes(folder):
    """The test that is shown is a test of the application that is shown."""
    # What this run of pytest was told is not for the other.
    variables = {name: value for name, value in environ().items() if not name.startswith("PYTEST_")}
    words = shlex.split(COMMANDS[2].partition("&& ")[2])
    assert words[0] == "python"
    plain = ["-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [sys.executable, *words[1:], *plain], cwd=folder, env=variables, capture_output=True, text=True, timeout=100
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_project_to_begin_with(tmp_path):
    """The command that makes one does."""
    (line,) = re.findall(r"`jambonz-sync (new [^`]+)`", README)
    assert jambonz_sync(*line.split(), cwd=tmp_path).returncode == 0
    assert list((tmp_path / "my-phone-app").rglob("test_*.py"))


# The picture


def test_the_picture_is_shown():
    """It is an image of the page, with its words for those who do not see it."""
    ((words, path),) = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README)
    assert (ROOT / path) == PICTURE
    for line in TYPED:
        assert line in words


def test_the_picture_is_as_the_call_goes():
    """A call in a terminal, held now, looks the same but for the times."""
    pytest.importorskip("fcntl", reason="no terminals here")
    lines, colours = taken()
    now = drawn(lines, colours)
    assert without_times(now) == without_times(PICTURE.read_text(encoding="utf-8"))


def without_times(picture: str) -> list[str]:
    """The lines of a picture with their colours; a time has a point, and one digit more where the machine is slow."""
    texts = re.findall(r'fill="(#\w+)">([^<]+)</text>', picture)
    return [f"{colour} {re.sub(r'^[0-9.]+  |after [0-9]+ s$', '', text)}" for colour, text in texts]


def test_what_is_drawn():
    """Each line is text in its colour, and nothing of it is taken for markup."""
    picture = drawn(["   0.0  <a & b>", "", "plain", "", ""], {"<a & b>": "32"})
    lines = [node for node in ET.fromstring(picture).iter() if node.tag.endswith("text")]
    assert [node.text for node in lines] == ["$ jambonz-sync call app.py", "0.0  <a & b>", "plain"]
    assert [node.get("fill") for node in lines] == ["#e6edf3", "#7ee787", "#e6edf3"]
