"""What docs/guides/testing.md shows: the tests on the page pass, and fail as it says."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

from jambonz_sync.testing import Jambonz, PhoneCall
from tests.cli.process import environ
from tests.docs.page import Page

PAGE = Page("guides/testing")
APP, TESTS, VOICEMAIL, VOICE_TESTS, FIRE, NETWORK = PAGE.blocks("python")
(FAILURE,) = PAGE.blocks("text")
(COMMAND,) = PAGE.blocks("console")


def python(arguments, folder):
    """Run Python there, without what this run of pytest has put into the environment."""
    variables = {name: value for name, value in environ().items() if not name.startswith("PYTEST_")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, env=variables)


def test_the_two_files(tmp_path):
    """The application and its test, saved as the page names them, pass with the command that it shows."""
    (tmp_path / "app.py").write_text(APP.text)
    (tmp_path / "test_app.py").write_text(TESTS.text)
    ran = python(COMMAND.text.strip().removeprefix("$ python").split(), tmp_path)
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


def test_a_failure(tmp_path):
    """It shows the line, and the conversation up to there."""
    (tmp_path / "app.py").write_text(APP.text)
    head = "from app import endpoint\n\n\ndef test_size(jambonz):\n    call = jambonz.call(endpoint, '/orders')\n"
    (line,) = re.findall(r'`(assert call.heard\("Which\s+size\?"\))`', PAGE.text)
    (tmp_path / "test_app.py").write_text(f"{head}    {' '.join(line.split())}\n")
    ran = python(["-m", "pytest"], tmp_path)
    assert FAILURE.stands_in(ran.stdout)


@pytest.mark.parametrize("block", [TESTS, VOICE_TESTS, FIRE, NETWORK], ids=["tests", "voice", "fire", "network"])
def test_tests_of_the_page(block, monkeypatch):
    """Each passes."""
    app = APP.module("app")
    monkeypatch.setitem(sys.modules, "app", app)
    monkeypatch.setitem(sys.modules, "voicemail", VOICEMAIL.module("voicemail"))
    names = block.run(vars(app))
    tests = [function for name, function in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        given = [monkeypatch] if "monkeypatch" in inspect.signature(test).parameters else []
        with Jambonz() as jambonz:
            test(jambonz, *given)


def test_the_fire_is_minded(monkeypatch):
    """Without the toleration the test of the fire would fail."""
    app = APP.module("app")
    monkeypatch.setitem(sys.modules, "app", app)
    names = FIRE.run(vars(app))
    monkeypatch.setattr(Jambonz, "tolerates", lambda self, pattern: None)
    with pytest.raises(AssertionError, match="RuntimeError: fire"):
        with Jambonz() as jambonz:
            names["test_the_kitchen_is_on_fire"](jambonz, monkeypatch)


def test_record_and_replay(monkeypatch, tmp_path):
    """The two calls of the page write a record, and play it."""
    monkeypatch.chdir(tmp_path)
    endpoint = APP.run()["endpoint"]
    record, replay = re.findall(r"`((?:call\.record|jambonz\.replay)\(.*?\))`", PAGE.text)
    with Jambonz() as jambonz:
        call = jambonz.call(endpoint, "/orders")
        call.presses("2#")
        assert call.heard("on their way")
        call.hangs_up()
        exec(record, {"call": call})
        exec(replay, {"jambonz": jambonz, "endpoint": endpoint})


def test_every_method_is_told():
    """What a caller and those around it can do is in the table, and nothing else is."""
    told = set(re.findall(r"`call\.(\w+)", PAGE.text))
    public = {name for name in vars(PhoneCall) if not name.startswith("_")}
    # What these are for is told in their docstrings.
    assert told == public - {"finish", "state"}
