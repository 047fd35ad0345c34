"""What docs/guides/deploying.md shows is what is shipped in examples/deploy, and that fits together."""

from __future__ import annotations

import contextlib
import pathlib
import re
import runpy
import shutil
import subprocess
import tempfile

import pytest
import trustme

from jambonz_sync.cli import main
from tests.hosting.deployed import DEPLOY, free_port, start_gunicorn, start_nginx, start_phone
from tests.hosting.process import ROOT
from tests.hosting.shopping_calls import Caller
from tests.scenarios.jambonz_side import JambonzSide
from tests.scenarios.light_client import drive

PAGE = ROOT / "docs" / "guides" / "deploying.md"
README = DEPLOY / "README.md"
SETTINGS = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
PHONE = (DEPLOY / "phone.py").read_text("utf-8")


def blocks(language, page=PAGE):
    """The blocks of a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def service():
    """The settings of the systemd service; each that is read here stands there once."""
    text = (DEPLOY / "jambonz-app.service").read_text("utf-8")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@pytest.fixture
def folder():
    """A folder whose name is short: sockets are made in it, and their names may have 107 characters."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="deploy-"))
    yield path
    shutil.rmtree(path)


# What the page shows


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.splitlines()[0])
def test_python(block, folder):
    """A block is a part of the application, or settings with which gunicorn holds a call."""
    if "wsgi_app" not in block:
        assert block in PHONE
        return
    settings = folder / "gunicorn.conf.py"
    settings.write_text(block, "utf-8")
    port = free_port()
    caller = Caller([f"ws://127.0.0.1:{port}/app"], "call-1")

    def story():
        yield from caller.begin()
        yield from caller.order("tea")
        yield from caller.hang_up()

    with start_gunicorn(folder / "phone", port, "--no-control-socket", settings=settings) as gunicorn:
        drive([story()], at_once=1)
        gunicorn.end()
        assert gunicorn.unexpected() == []
    if "gevent" not in block:
        # It is what is shipped. The other is not run here: it would patch this process.
        shown = {name: value for name, value in runpy.run_path(str(settings)).items() if not name.startswith("_")}
        assert {name: SETTINGS[name] for name in shown} == shown


@pytest.mark.parametrize(("language", "file"), [("nginx", "nginx.conf"), ("ini", "jambonz-app.service")])
def test_other_blocks(language, file):
    """Each line is one of the file that is shipped."""
    lines = {line.strip() for line in (DEPLOY / file).read_text("utf-8").splitlines()}
    shown = [line.strip() for block in blocks(language) for line in block.splitlines()]
    assert len(shown) > 5
    assert [line for line in shown if line not in lines] == []


@pytest.mark.parametrize("page", [PAGE, README], ids=lambda page: page.name)
def test_links(page):
    """Every link leads to a file, or to a heading of the page."""
    text = page.read_text("utf-8")
    headings = {re.sub(r"\W+", "-", title.lower()) for title in re.findall(r"^##+ (.*)$", text, re.MULTILINE)}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        path, _, heading = link.partition("#")
        assert (page.parent / path).exists() if path else heading in headings, link


def test_commands(folder, capsys):
    """The command that calls the application does, and is answered."""
    (line,) = [
        line for block in blocks("console", README) for line in block.splitlines() if "jambonz-sync call" in line
    ]
    port = free_port()
    script = folder / "caller.txt"
    script.write_text("tea\n/silence\n", "utf-8")
    with start_phone(folder / "phone", port):
        address = line.split()[-1].replace(":3000", f":{port}")
        assert main(["call", address, "--script", str(script), "--speed", "20"]) == 0
    assert "tea. What else?" in capsys.readouterr().out


# What is shipped


def test_patience():
    """Whoever stops the service waits longer than it lets calls go on."""
    drain = float(re.search(r'"DRAIN", "(\d+)"', PHONE)[1])
    patience = int(service()["TimeoutStopSec"])
    assert max(drain, SETTINGS["graceful_timeout"]) < patience
    waits = re.findall(r"(?:--time |period: |PeriodSeconds: |StopSec=)(\d+)", PAGE.read_text("utf-8"))
    assert {int(seconds) for seconds in waits} == {patience}
    assert len(waits) == 5


def test_room():
    """There are threads for more calls than are taken, connections for more than threads, and tasks for all threads."""
    calls = int(re.search(r'"MAX_CALLS", "(\d+)"', PHONE)[1])
    assert calls < SETTINGS["threads"] < SETTINGS["worker_connections"]
    assert SETTINGS["workers"] * SETTINGS["threads"] < int(service()["TasksMax"])
    assert SETTINGS["workers"] * SETTINGS["threads"] < int(service()["LimitNOFILE"])


def test_service(tmp_path):
    """systemd has no objection."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("`systemd-analyze` is not on the path")
    program = shutil.which("true")
    text = (DEPLOY / "jambonz-app.service").read_text("utf-8")
    # It looks whether the program is there.
    text = text.replace(service()["ExecStart"], program).replace(service()["WorkingDirectory"], str(tmp_path))
    (tmp_path / "jambonz-app.service").write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "jambonz-app.service")], capture_output=True, text=True, timeout=60
    )
    # It has things to say about other units of the machine, too.
    assert [line for line in done.stderr.splitlines() if "jambonz-app" in line] == []


def test_encrypted(folder, monkeypatch):
    """Over TLS a call gets through the shipped nginx, to the second of two servers, of which the first is off."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    front = folder / "nginx"
    front.mkdir()
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(front / "phone.crt"), append=number > 0)
    issued.private_key_pem.write_to_path(str(front / "phone.key"))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    off, port, outer = free_port(), free_port(), free_port()
    with contextlib.ExitStack() as stack:
        stack.enter_context(start_phone(folder / "phone", port))
        stack.enter_context(start_nginx(front, f"127.0.0.1:{outer} ssl", [off, port]))
        jambonz = stack.enter_context(JambonzSide(f"wss://127.0.0.1:{outer}/app"))
        jambonz.session_new()
        (verb,) = jambonz.expect_ack()
        assert verb["say"]["text"].startswith("What do you need?")
        jambonz.verb_status("starting")
