"""The example programs: what they have in common, against recorded calls, and started as a user would."""

from __future__ import annotations

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.cli.calling.lines import parse
from tests.golden import load, replay
from tests.scenarios import (
    test_examples_between_people,
    test_examples_by_phone,
    test_examples_in_the_terminal,
    test_examples_of_audio,
    test_examples_of_conferences,
    test_examples_of_models,
)
from tests.scenarios.application import no_thread_left
from tests.scenarios.examples import ALL, EXAMPLES, load_example
from tests.scenarios.jambonz_side import JambonzSide

#: The recorded call that each example was written for.
GOLDEN = {
    "hello_world": "01_hello",
    "echo": "02_echo_gather_speech",
    "ivr_menu": "03_dtmf_menu",
    "pin_entry": "04_gather_timeout",
    "order_desk": "08_llm_openai_tool_call",
    "watch_verbs": "17_verb_status",
}


def free_port():
    """A port that nobody uses at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.mark.parametrize("name", ALL)
def test_it_is_small_and_says_how_to_try_it(name):
    """Each example has fewer than 60 lines, says in one what it is, and then how to start it and how to call it."""
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    summary, blank, *more = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    assert summary.endswith(".")
    assert blank == ""
    told = " ".join(more)
    assert f"``python examples/{name}.py``" in told
    assert re.search(rf"Without a phone.*``jambonz-sync call examples/{name}\.py[ :`]", told)


def test_gallery():
    """The README has a line for each example, with the command that its docstring has."""
    rows = re.findall(r"^\| \[(\w+)\.py\]\(\1\.py\) \| \S.* \| `(jambonz-sync .*?)` \|", gallery(), re.MULTILINE)
    assert dict(rows) == {name: test_examples_in_the_terminal.command_of(name) for name in ALL}
    assert len(rows) == len(ALL)


def test_gallery_says_what_to_type():
    """What is to be typed then means something."""
    typed = re.findall(r"`jambonz-sync call examples.*?` \| `(.*)` \|$", gallery(), re.MULTILINE)
    assert len(typed) >= len(ALL) - 1
    assert all(parse(line) for line in typed)


def test_gallery_leads_somewhere():
    """The README links to files and folders that are there."""
    for target in re.findall(r"\]\((.*?)\)", gallery()):
        assert (EXAMPLES / target).exists(), target


def gallery():
    """The README of the examples."""
    return (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_every_example_is_told():
    """Each example has at least one call that is told."""
    modules = (
        test_examples_between_people,
        test_examples_by_phone,
        test_examples_of_audio,
        test_examples_of_conferences,
        test_examples_of_models,
    )
    names = [name.removeprefix("test_") for module in modules for name in vars(module) if name.startswith("test_")]
    assert {name.partition("__")[0] for name in names} == set(ALL)


@pytest.mark.parametrize("verb_ids", [True, False], ids=["with ids", "as recorded"])
@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, verb_ids, monkeypatch, log):
    """Each example says on the wire what was recorded, with or without the ids of verbs in the hooks."""
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(free_port()))
    with load_example(name).endpoint as endpoint:
        replay(endpoint.url, load(GOLDEN[name]), verb_ids=verb_ids)
    no_thread_left()
    assert log.unexpected() == []


@pytest.mark.parametrize("name", ALL)
def test_as_a_script(name):
    """Each example, started as a plain script, answers a call and ends in order at Ctrl-C."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py")],
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(EXAMPLES.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            jambonz = connect_when_ready(port)
            jambonz.session_new()
            assert jambonz.expect_ack()
            jambonz.hang_up()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "Traceback" not in err


def connect_when_ready(port):
    """Connect once the program listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return JambonzSide(f"ws://127.0.0.1:{port}/app")
        except OSError:
            assert time.monotonic() < deadline, "the program does not listen"
            time.sleep(0.02)


def test_examples_can_be_imported_without_listening():
    """Importing an example opens no port."""
    for name in ALL:
        module = load_example(name)
        assert isinstance(module.endpoint, type(create_endpoint()))
