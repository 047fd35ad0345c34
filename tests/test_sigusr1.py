"""What a server prints on SIGUSR1, in a process of its own."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

from jambonz_sync.simulator import SimulatedCall
from tests.cli.process import environ
from tests.cli.serving import until
from tests.transport.peers import TIMEOUT

ROOT = pathlib.Path(__file__).resolve().parents[1]

SERVER = """
import logging, signal, sys, time
from jambonz_sync import create_endpoint

endpoint = create_endpoint(host="127.0.0.1", port=0)
service = endpoint.make_service("/app")

@service.on("session:new")
def answer(session):
    session.gather(input=["speech"], action_hook="/menu", timeout=20).send()
    session.wait_for("/menu", "call:status")
    session.sleep(30)

"""


@pytest.fixture
def serve(tmp_path):
    """Starts a server whose script ends in some lines; returns its process and what is on its stderr so far."""
    processes = []

    def start(end="endpoint.serve_forever(drain=20)\n", server=SERVER):
        (tmp_path / "app.py").write_text(server + end)
        errors = tmp_path / "stderr.txt"
        with errors.open("w") as file:
            process = subprocess.Popen([sys.executable, "app.py"], cwd=tmp_path, env=environ(), stderr=file)
        processes.append(process)
        until(lambda: "listening on " in errors.read_text() or process.poll() is not None, "it does not listen")
        assert process.poll() is None, errors.read_text()
        return process, lambda text: until(lambda: text in (said := errors.read_text()) and said, f"not said: {text}")

    yield start
    for process in processes:
        process.kill()
        process.wait()


def call(said):
    """Call the server; the call goes on in the background."""
    url = said("listening on ").split("listening on ")[1].split()[0]
    calling = SimulatedCall(f"{url}/app", limit=60)
    threading.Thread(target=calling.run, daemon=True).start()
    return said("started on /app")


def test_the_signal_prints_the_calls(serve):
    """With or without any; and the server goes on."""
    process, said = serve()
    process.send_signal(signal.SIGUSR1)
    said("0 calls up\n")
    call(said)
    process.send_signal(signal.SIGUSR1)
    text = said("1 call up\n")
    assert " on /app: inbound from " in text.split("1 call up\n")[1]
    process.send_signal(signal.SIGINT)
    assert process.wait(TIMEOUT) == 0


def test_the_signal_while_calls_are_waited_for(serve):
    """It tells whom the server waits for, and does not make it hurry; another SIGTERM does."""
    process, said = serve()
    call(said)
    process.send_signal(signal.SIGTERM)
    said("calls are up, and may go on")
    process.send_signal(signal.SIGUSR1)
    said("1 call up\n")
    assert process.poll() is None
    assert "stopped" not in said("1 call up\n")
    process.send_signal(signal.SIGTERM)
    said("stopped")
    assert process.wait(TIMEOUT) == 0


def test_stacks_at_debug(serve):
    """The stack of each handler that waits for nothing is in the log, where that shows so much."""
    process, said = serve(
        "logging.basicConfig(level=logging.DEBUG)\nendpoint.serve_forever(drain=0)\n",
        SERVER.replace("session.sleep", "time.sleep"),
    )
    call(said)

    def shows_the_stack():
        process.send_signal(signal.SIGUSR1)
        return any("    time.sleep(30)\n" in part for part in said("1 call up\n").split("its handler is busy at\n")[1:])

    # The status that the call is answered sets the handler free, to sleep.
    until(shows_the_stack, "no stack")


def test_a_program_that_uses_the_signal(serve):
    """Its own handler stays where it is."""
    process, said = serve(
        "signal.signal(signal.SIGUSR1, lambda *_: print('mine', file=sys.stderr, flush=True))\n"
        "endpoint.serve_forever(drain=0)\n"
    )
    process.send_signal(signal.SIGUSR1)
    assert "calls up" not in said("mine\n")


def test_the_signal_is_given_back():
    """After serving it does what it did before."""
    check = (
        SERVER
        + "import contextlib, threading\n"
        + "def stop():\n"
        + "    while True:\n"
        + "        with contextlib.suppress(OSError):\n"
        + "            endpoint.url\n"
        + "            return endpoint.stop()\n"
        + "threading.Thread(target=stop).start()\n"
        + "endpoint.serve_forever()\n"
        + "assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60, cwd=ROOT, env=environ())


def test_nobody_reads_stderr(tmp_path):
    """A table that cannot be printed ends nothing."""
    (tmp_path / "app.py").write_text(
        SERVER
        + "ready = open('ready', 'w')\n"
        + "logging.getLogger('jambonz_sync').addHandler(logging.FileHandler('log.txt'))\n"
        + "logging.getLogger('jambonz_sync').setLevel(logging.INFO)\n"
        + "endpoint.serve_forever(drain=0)\n"
    )
    ours, theirs = os.pipe()
    os.close(ours)
    with subprocess.Popen([sys.executable, "app.py"], cwd=tmp_path, env=environ(), stderr=theirs) as process:
        os.close(theirs)
        log = tmp_path / "log.txt"
        until(lambda: log.exists() and "listening on" in log.read_text(), "it does not listen")
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        until(lambda: "stopped" in log.read_text(), "it does not stop")
    assert "stopping because of SIGTERM" in log.read_text()
