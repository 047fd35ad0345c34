"""The example programs: against recorded calls, and started as a user would."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from jambonz_sync import create_endpoint
from tests.golden import load, replay
from tests.scenarios.application import no_thread_left
from tests.scenarios.jambonz_side import JambonzSide

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
ALL = sorted(path.stem for path in EXAMPLES.glob("*.py"))

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


def load_example(name):
    """Import an example under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
