"""What is called."""

from __future__ import annotations

import logging
import ssl
import sys

import pytest
import trustme

from jambonz_sync.cli.calling.target import NothingToCall, is_address, target
from jambonz_sync.simulator import SimulatedCall
from jambonz_sync.simulator.wire import Wire
from tests.cli.applications import TWO


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a script, whose module and folder are forgotten after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(text=TWO):
        path = tmp_path / "called_app.py"
        path.write_text(text)
        return path

    yield write
    sys.modules.pop("called_app", None)


def called(spec, **options):
    return target(str(spec), insecure=False, logged=logging.NullHandler(), **options)


@pytest.mark.parametrize("spec", ["ws://x", "wss://x/y", "http://x", "WS://x"])
def test_addresses(spec):
    """An address is known by its scheme, even by a wrong one."""
    assert is_address(spec)
    assert not is_address(f"./{spec.replace('://', '/')}.py:/path")


def test_address():
    """An address is called once, without further attempts; its secrets are not shown."""
    with called("wss://me:secret@example.com/x?y=z") as made:
        assert made == ("wss://me:secret@example.com/x?y=z#rp=none", "wss://example.com/x?y=z", None)


def test_attempts_that_the_address_asks_for():
    """What stands behind the address holds."""
    with called("ws://example.com/#rc=2") as made:
        assert made.url == "ws://example.com/#rc=2"


def test_insecure():
    """A certificate is left alone if that is asked for."""
    with target("wss://example.com", insecure=True, logged=logging.NullHandler()) as made:
        assert made.tls.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("http://h/x", "did you mean ws://h/x?"),
        ("https://h/x", "did you mean wss://h/x?"),
        ("ftp://h/x", "not ftp://h/x"),
        ("ws://", "not ws://"),
    ],
)
def test_no_address(spec, why):
    """What cannot be called is told, with what was meant."""
    with pytest.raises(NothingToCall) as raised, called(spec):
        pass
    assert str(raised.value).endswith(why)


@pytest.mark.parametrize("service", [":facts", ":/facts", ":/facts/more"])
def test_service_of_a_script(script, service):
    """A service is named by its variable or by its path, and served while it is called."""
    with called(f"{script()}{service}") as made:
        assert SimulatedCall(made.url, from_="100", to="200", speed=20).run().heard == ["100 200 None {}"]
    with pytest.raises(Exception, match="nothing answers"):
        SimulatedCall(made.url).run()


@pytest.mark.parametrize(("path", "called_at"), [("/only", "/only"), ("*", "/")])
def test_only_service(script, path, called_at):
    """The only service of a script need not be named."""
    text = f"from jambonz_sync import create_endpoint\nservice = create_endpoint().make_service({path!r})\n"
    with called(script(text)) as made:
        assert made.shown.endswith(called_at)


def test_script_that_speaks_tls(script, tmp_path):
    """A script with a certificate is called all the same, whoever vouches for that."""
    trustme.CA().issue_cert("example.com").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    text = TWO.replace("create_endpoint()", "create_endpoint(ssl_context=context)")
    lines = (
        "import ssl",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
        f"context.load_cert_chain({str(tmp_path / 'server.pem')!r})",
        text,
    )
    path = script("\n".join(lines))
    with called(f"{path}:facts") as made:
        assert made.shown.startswith("wss://127.0.0.1:")
        wire = Wire(made.url, tls=made.tls)
        wire.close(1000)


def test_log_of_a_script(script):
    """What a script logs is heard for as long as it is called."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    text = TWO.replace("def tell(session):\n", "def tell(session):\n    session.log.warning('careful')\n")
    with target(f"{script(text)}:facts", insecure=False, logged=handler) as made:
        SimulatedCall(made.url, speed=20).run()
    assert [line for line in lines if line.endswith("careful")] != []
    assert handler not in logging.getLogger("jambonz_sync").handlers


@pytest.mark.parametrize(
    ("text", "service", "why"),
    [
        (TWO, "", "has the services /dialler and /facts: name the one to call, called_app.py:/dialler"),
        (TWO, ":endpoint", "name the one to call"),
        (TWO, ":/menu", "called_app.py has no service at /menu; called_app.py has the services /dialler and /facts"),
        (TWO, ":menu", "has no endpoint or service menu"),
        ("from jambonz_sync import create_endpoint\nendpoint = create_endpoint()\n", "", "has no service: make one"),
        ("1 / 0", "", "cannot be loaded"),
    ],
)
def test_no_service(script, text, service, why):
    """It is told which services there are, and how to name one."""
    with pytest.raises(NothingToCall) as raised, called(f"{script(text)}{service}"):
        pass
    assert why in str(raised.value)
