"""What CONTRIBUTING.md says of the code, of tox and of the tools is compared with what is there."""

from __future__ import annotations

import configparser
import re
import shlex

import pytest

from tests.docs.markdown import ROOT, blocks, inline_code
from tools import follow_upstream

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = PAGE.partition("## A map of the code")[2].partition("\n## ")[0]

TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini")
SETUP = configparser.ConfigParser(interpolation=None)
SETUP.read(ROOT / "setup.cfg")

#: Made by programs, or hidden.
MADE = {"jambonz_sync.egg-info", "build", "dist", "htmlcov", "venv", "node_modules"}


def test_the_map_is_whole():
    """Every folder of the project and of the library has its row, and every row a folder."""
    rows = re.findall(r"^\| `([\w/]+/)(?:\*\.py)?` \|", MAP, re.MULTILINE)
    folders = {
        f"{path.relative_to(ROOT).as_posix()}/"
        for path in (*ROOT.iterdir(), *(ROOT / "jambonz_sync").iterdir())
        if path.is_dir() and not path.name.startswith((".", "__")) and path.name not in MADE
    }
    assert sorted(rows) == sorted(folders)


def test_the_map_fits_on_a_screen():
    """It has no more lines than one, and what it names is there."""
    assert len(MAP.splitlines()) < 30
    for module in re.findall(r"`([a-z_]+)`", MAP):
        assert (ROOT / "jambonz_sync" / f"{module}.py").is_file(), module


def test_environments():
    """Every environment of tox has its row, and every row an environment."""
    told = re.findall(r"`(?:tox -e )?([\w]+)`", PAGE.partition("## Environments of tox")[2].partition("\n## ")[0])
    versions = re.findall(r"py\{([\d,]+)\}", TOX["tox"]["env_list"])[0].split(",")
    named = [section.partition(":")[2] for section in TOX.sections() if section.startswith("testenv:")]
    assert sorted(told) == sorted([*named, *(f"py{version}" for version in versions)])


def test_environments_that_run_by_themselves():
    """What plain `tox` runs is defined."""
    listed = re.sub(r"py\{[\d,]+\}", "", TOX["tox"]["env_list"]).split()
    assert {f"testenv:{name}" for name in listed} <= {*TOX.sections()}


def test_what_is_installed():
    """The extras exist."""
    for extras in re.findall(r'"\.\[([\w,]+)\]"', PAGE):
        assert {*extras.split(",")} <= {*SETUP["options.extras_require"]}


@pytest.mark.parametrize("path", [code for code in inline_code(PAGE) if re.match(r"[\w.]+/[\w./]*$", code)])
def test_paths(path):
    """What looks like a path leads somewhere, from the root of the project."""
    # One that stands for many.
    assert path.endswith(("/x.py", "/test_x.py")) or (ROOT / path).exists()


def test_commands():
    """What is typed is there: modules, scripts, and their options."""
    lines = [*"".join(blocks(PAGE, "console")).splitlines(), *inline_code(PAGE)]
    scripts = {word for line in lines for word in re.findall(r"python (tools/\w+\.py)", line)}
    modules = {word for line in lines for word in re.findall(r"python -m (tools\.\w+)", line)}
    assert scripts == {"tools/follow_upstream.py"}
    assert len(modules) == 3
    for name in (*scripts, *(f"{module.replace('.', '/')}.py" for module in modules)):
        assert (ROOT / name).is_file()
    (written,) = [line for line in lines if "--write" in line]
    words = shlex.split(written)
    assert words[words.index("--write") + 1] == "tests/data/spec.json"
    assert "--write" in (ROOT / words[1]).read_text(encoding="utf-8")
    assert follow_upstream.DELIBERATE


def test_the_threshold_of_the_protocol():
    """It is what tox wants."""
    assert "100 %" in PAGE
    assert re.search(r"protocol/\* --fail-under=100$", TOX["testenv:coverage"]["commands"], re.MULTILINE)
