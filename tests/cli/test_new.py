from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from jambonz_sync import get_app_config
from jambonz_sync.cli import main
from jambonz_sync.cli.new import SCENARIOS
from jambonz_sync.simulator import CallsTool, HangsUp, ModelEnds, ModelSays, Presses, Says, Silence
from tests.cli.chat_server import chat_server
from tests.cli.process import command, environ
from tests.cli.serving import serve

#: What a caller does, what the model does, and what is heard.
CALLS = {
    "hello-world": ([], [], ["Hello from jambonz."]),
    "echo": ([Says("hello"), HangsUp()], [], ["Say something.", "You said: hello"]),
    "ivr": ([Presses("1")], [], ["We open at nine."]),
    "openai-realtime": (
        [Says("number forty-two"), Says("thank you")],
        [
            ModelSays("Which order is it?"),
            CallsTool("look_up_order", {"order_id": "42"}),
            ModelSays("Yes."),
            ModelEnds(),
        ],
        ["Which order is it?", "Yes."],
    ),
    "deepgram-voice-agent": (
        [Says("on friday"), Says("thank you")],
        [ModelSays("Which day?"), CallsTool("count_tables", {"day": "friday"}), ModelSays("Yes."), ModelEnds()],
        ["Which day?", "Yes."],
    ),
    # The caller gives the application 3 s of real time.
    "llm-streaming": ([Says("good morning"), Silence(150), HangsUp()], [], ["You said good morning."]),
}

PROJECTS = [*((scenario,) for scenario in SCENARIOS), ("echo", "ivr"), ("all",)]


@pytest.fixture(params=[False, True], ids=["plain", "env"])
def env(request):
    return request.param


@pytest.fixture(params=PROJECTS, ids="+".join)
def project(request, env, tmp_path):
    """A project of these scenarios, in a folder of its own, and their names."""
    folder = tmp_path / "project"
    names = ",".join(request.param)
    assert main(["new", str(folder), "--scenario", names, *(["--env"] if env else [])]) == 0
    return folder, SCENARIOS if names == "all" else request.param


def sources(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(folder.glob("*.py"))


def test_its_tests_pass(project):
    """The tests of a project pass as they stand, and there are some for each scenario."""
    folder, scenarios = project
    result = subprocess.run(
        # Whether the library is installed, with its plugin, or not.
        [sys.executable, "-W", "error", "-m", "pytest", "-p", "jambonz_sync.pytest_plugin", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environ(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_ADDOPTS=""),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    tested = ["test_app.py"] if len(scenarios) == 1 else [f"test_{name.replace('-', '_')}.py" for name in scenarios]
    for name in tested:
        assert f"\n{name} .." in result.stdout


def test_it_answers_calls(project):
    """Served as its README.md says, each scenario answers a call over a socket, and ends it in order."""
    folder, scenarios = project
    with (
        chat_server() as model_url,
        serve(folder, "app.py", "--host", "127.0.0.1", "--port", "0", MODEL_URL=model_url) as served,
    ):
        for scenario in scenarios:
            steps, model, heard = CALLS[scenario]
            transcript = served.call(f"/{scenario}", steps, model=model, speed=50.0)
            assert [text for text in transcript.heard if text in heard] == heard, transcript
            assert transcript.ending is not None
            assert transcript.ending.code == 1000, transcript
            assert transcript.of("fault") == []
        assert served.end() == 0
    assert "WARNING" not in served.errors
    assert "ERROR" not in served.errors


#: What somebody types who calls it in the terminal, and speaks for the model too, and what is printed.
TYPED = {
    "hello-world": ([], ["Hello from jambonz."]),
    "echo": (["hello"], ["Say something.", "You said: hello"]),
    "ivr": (["#1"], ["We open at nine."]),
    "openai-realtime": (
        ["/model Which order is it?", "forty-two", '/tool look_up_order {"order_id": "42"}', "thank you"],
        ["Which order is it?", 'the model is told {"state": "shipped"}'],
    ),
    "deepgram-voice-agent": (
        ["/model Which day?", "on friday", '/tool count_tables {"day": "friday"}', "thank you"],
        ["Which day?", "the model is told "],
    ),
    "llm-streaming": (["good morning"], ["You said good morning."]),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_answers_jambonz_sync_call(scenario, tmp_path):
    """Right after it was made it can be called in the terminal."""
    folder = tmp_path / "project"
    assert main(["new", str(folder), "--scenario", scenario]) == 0
    lines, printed = TYPED[scenario]
    with chat_server() as model_url:
        called = subprocess.run(
            command("call", "app.py", "--speed", "30"),
            cwd=folder,
            env=environ(MODEL_URL=model_url),
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (called.returncode, called.stderr) == (0, ""), called.stdout
    for text in printed:
        assert text in called.stdout
    assert "fault" not in called.stdout


def test_what_it_consists_of(project, env):
    """A project has what is needed to run, test and understand it; app.json where the operator is to set things."""
    folder, scenarios = project
    names = {path.name for path in folder.iterdir()}
    assert {"app.py", "README.md", "requirements.txt"} <= names
    assert ("app.json" in names) is env
    readme = (folder / "README.md").read_text()
    assert readme.startswith("# project\n")
    for scenario in scenarios:
        assert f"`/{scenario}`" in readme
    assert "$ jambonz-sync run app.py --reload" in readme
    assert ("app.json" in readme) is env


def test_the_code_is_short(project):
    """An application is read aloud in a minute: fewer than 60 lines, none of them too long, and no marks left."""
    folder, _ = project
    for path in [*sources(folder), folder / "README.md"]:
        lines = path.read_text().splitlines()
        assert len(lines) < 60 or path.name.startswith("test_")
        assert max(map(len, lines)) <= 120
        assert "# @" not in path.read_text()
        assert "\n\n\n\n" not in path.read_text()
        assert not lines[-1].isspace()


def test_the_application_variables(project, env):
    """What app.json describes, in the shape jambonz reads, is what the code asks for; without it, that is nothing."""
    folder, scenarios = project
    code = "".join(path.read_text() for path in sources(folder) if not path.name.startswith("test_"))
    assert code.count("session.env") == (len(scenarios) if env else 0)
    if not env:
        return
    for scenario in scenarios:
        ((name, variable),) = get_app_config(f"/{scenario}", folder / "app.json").items()
        # What has no default there has one in the code.
        assert (f'session.env["{name}"]' if "default" in variable else f'session.env.get("{name}", ') in code
        assert variable["required"] is False


# What it says


def test_the_next_command(tmp_path, capsys, monkeypatch):
    """It names the files, and the command to type next; by default the scenario is the simplest."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my shop/phone"]) == 0
    assert capsys.readouterr().out == (
        "Made my shop/phone, with app.py, test_app.py, README.md, requirements.txt.\n"
        "Next: cd 'my shop/phone' && jambonz-sync run app.py --reload\n"
        "Test: pytest\n"
    )
    assert "/hello-world" in (tmp_path / "my shop" / "phone" / "app.py").read_text()


def test_a_folder_that_is_there(tmp_path, capsys):
    """What is there already is left alone."""
    (tmp_path / "app.py").write_text("mine")
    assert main(["new", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"jambonz-sync: {tmp_path} is there already: name a folder that is not\n"
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]
    assert (tmp_path / "app.py").read_text() == "mine"


def test_a_folder_that_cannot_be(tmp_path, capsys):
    """A folder that cannot be made is a sentence."""
    (tmp_path / "file").write_text("")
    assert main(["new", str(tmp_path / "file" / "project")]) == 1
    assert capsys.readouterr().err == f"jambonz-sync: cannot make {tmp_path / 'file' / 'project'}: Not a directory\n"


def test_a_scenario_that_is_not_there(tmp_path, capsys):
    """A scenario that is not there ends with 2, and with a list of those that are; nothing is made."""
    assert main(["new", str(tmp_path / "project"), "--scenario", "echo,fax"]) == 2
    assert "hello-world, echo, ivr, openai-realtime, deepgram-voice-agent, llm-streaming or all" in (
        error := capsys.readouterr().err
    )
    assert "not 'fax'" in error
    assert not (tmp_path / "project").exists()


def test_help_lists_the_scenarios(capsys):
    """Help tells each scenario in a line."""
    assert main(["new", "--help"]) == 0
    output = capsys.readouterr().out
    for scenario in (*SCENARIOS, "all"):
        assert f"\n  {scenario} " in output
