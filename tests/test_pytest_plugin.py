"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent

APPLICATION = """
from jambonz_sync import create_endpoint

endpoint = create_endpoint()
service = endpoint.make_service("/echo")


@service.on("session:new")
def answer(session):
    session.say("Say something.").gather(input=["speech"], action_hook="/said").send()
    evt = session.wait_for("/said")
    if evt.transcript == "fail":
        raise KeyError("by mistake")
    session.say(f"You said: {evt.transcript}").reply()
"""


def run(tmp_path: pathlib.Path, test: str) -> subprocess.CompletedProcess[str]:
    """Run a test of the application as a user would."""
    (tmp_path / "application.py").write_text(APPLICATION)
    (tmp_path / "test_application.py").write_text("from application import endpoint\n\n\n" + test)
    # Under CI the package is installed, and the plugin known by its entry point.
    known = "import importlib.metadata as m; print([e.value for e in m.entry_points(group='pytest11')])"
    plugins = subprocess.run([sys.executable, "-c", known], capture_output=True, text=True, check=True).stdout
    named = [] if "jambonz_sync.pytest_plugin" in plugins else ["-p", "jambonz_sync.pytest_plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *named],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_fixture_is_there_by_itself(tmp_path):
    """A test of a few lines passes, without an import of the kit."""
    done = run(
        tmp_path,
        """def test_echo(jambonz):
    call = jambonz.call(endpoint, "/echo")
    assert call.heard("Say something.")
    call.says("hello")
    assert call.heard("You said: hello")
    call.hangs_up()
""",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_failure_shows_the_conversation(tmp_path):
    """A failing assertion names what the application waits for, and the report has the whole conversation."""
    done = run(
        tmp_path,
        """def test_echo(jambonz):
    call = jambonz.call(endpoint, "/echo")
    assert call.heard("Welcome")
""",
    )
    assert done.returncode == 1
    assert "<not heard: the application waits for the caller, at " in done.stdout
    assert "call to /echo" in done.stdout
    assert "app     Say something." in done.stdout


def test_strictness_fails_the_test_at_its_end(tmp_path):
    """What went wrong without failing the test fails it; one that has failed already is failed once."""
    done = run(
        tmp_path,
        """def test_mistake(jambonz):
    call = jambonz.call(endpoint, "/echo")
    call.says("fail")


def test_two_mistakes(jambonz):
    call = jambonz.call(endpoint, "/echo")
    call.says("fail")
    assert call.heard("Welcome")


def test_expected(jambonz):
    jambonz.tolerates("by mistake")
    call = jambonz.call(endpoint, "/echo")
    call.says("fail")
""",
    )
    assert done.returncode == 1
    assert "1 failed, 2 passed, 1 error" in done.stdout, done.stdout
    assert "KeyError: 'by mistake'" in done.stdout


def test_pytest_starts_without_the_kit():
    """What the plugin needs is imported when a test asks for it, not in every run of pytest."""
    code = "import sys, jambonz_sync.pytest_plugin; print('jambonz_sync.simulator' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.fixture(autouse=True)
def _nothing_of_this_run(monkeypatch):
    """The pytest inside knows nothing of the one outside."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
