"""What README.md shows is run here, block by block, in order."""

from __future__ import annotations

import configparser
import pathlib
import re
import subprocess
from typing import Any

import pytest

from jambonz_sync import Endpoint, InvalidVerb, create_endpoint
from jambonz_sync.cli import main
from jambonz_sync.commands.build import build_commands
from jambonz_sync.commands.methods import CommandMethods
from jambonz_sync.simulator import Busy
from jambonz_sync.verbs.build import build
from jambonz_sync.verbs.methods import VerbMethods
from tests.cli.process import command, environ
from tests.clients.websockets_caller import hold_echo_conversation

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


class Bench(VerbMethods, CommandMethods):
    """A session of which only the verbs and commands are needed."""

    def _queue_verb(self, name, options, positional=None, *, allow_unknown=False):
        build(name, options, positional=positional)
        return self

    def _inject(self, command, options, positional=None, *, call_sid=None, start=None, checked=True):
        build_commands(command, options, positional=positional, call_sid=call_sid, start=start)


@pytest.fixture
def namespace(monkeypatch):
    """The names the first block defines, its endpoint on a free port of this machine instead of being served."""
    monkeypatch.setattr(Endpoint, "serve_forever", lambda self: None)
    names: dict[str, object] = {}
    exec(compile(blocks("python")[0], "README.md", "exec"), names)
    endpoint = names["endpoint"]
    assert isinstance(endpoint, Endpoint)
    endpoint.listen_at(host="127.0.0.1", port=0)
    return names


def test_the_first_application_holds_a_conversation(namespace):
    """The application at the top, pasted as it stands, echoes what a caller says."""
    with namespace["endpoint"] as endpoint:
        report = hold_echo_conversation(f"{endpoint.url}/echo", ["hello", "is anybody there"])
    assert report.ok, report.reason


def test_every_other_block_does_what_its_comment_says(namespace):
    """A block runs, and raises what the comment behind a line announces."""
    for block in blocks("python")[1:]:
        announced = re.search(r"# (InvalidVerb): (.*)", block)
        code = compile(block, "README.md", "exec")
        if announced is None:
            exec(code, {**namespace, "__name__": "app", "session": Bench()})
        else:
            with pytest.raises(InvalidVerb) as raised:
                exec(code, {**namespace, "__name__": "app", "session": Bench()})
            assert str(raised.value) == announced[2]


def test_the_test_of_the_application_passes(namespace, jambonz):
    """The test that is shown is a test of the application at the top."""
    (block,) = [block for block in blocks("python") if block.startswith("def test_echo")]
    exec(compile(block, "README.md", "exec"), namespace)
    namespace["test_echo"](jambonz)


def test_the_flask_application_answers(jambonz):
    """The Flask application that is shown answers calls, to Flask's own way of naming it."""
    (block,) = [block for block in blocks("python") if "Flask(__name__)" in block]
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(block, "README.md", "exec"), names)
    call = jambonz.call(names["jambonz"].endpoint, "/echo")
    assert call.heard("Hello from Flask.")
    assert "app" in names


def test_the_questions_are_asked(jambonz):
    """The function one level up asks for a name, offers the menu, and calls."""
    (block,) = [block for block in blocks("python") if "session.ask" in block]
    names: dict[str, Any] = {"SALES": "+15550143210", "SUPPORT": "+15550143220"}
    exec(compile(block, "README.md", "exec"), names)
    service = create_endpoint().make_service("/app")
    service.on("session:new", names["answer"])
    call = jambonz.call(service.endpoint, "/app", dials=[Busy()])
    assert call.heard("What is your name?")
    call.says("Ada")
    assert call.heard("Hello Ada.")
    assert call.heard("For sales press 1")
    call.presses("2")
    assert call.heard("Nobody is free. Goodbye.")
    assert [verb["target"][0]["number"] for verb in call.verbs if verb["verb"] == "dial"] == ["+15550143220"]


def test_links_lead_somewhere():
    """Every relative link names a file of the project."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_exist(tmp_path, monkeypatch):
    """The commands install what setup.cfg declares, and the command line knows what is typed."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert "test" in setup["options.extras_require"]
    assert "jambonz-sync = " in setup["options.entry_points"]["console_scripts"]
    assert [block.strip() for block in blocks("console")] == [
        "$ pip install . && jambonz-sync demo",
        "$ jambonz-sync verbs gather",
        "$ gunicorn --worker-class gthread --threads 200 app:app",
        "$ jambonz-sync call app.py",
        "$ jambonz-sync new my-phone-app --scenario ivr",
        '$ pip install -e ".[test]" && pytest',
    ]
    assert main(["verbs", "gather"]) == 0
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(blocks("python")[0])
    called = subprocess.run(
        command("call", "app.py"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=environ()
    )
    assert (called.returncode, called.stderr) == (0, "")
    assert "app     Say something." in called.stdout
    assert main(["new", "my-phone-app", "--scenario", "ivr"]) == 0
