"""What docs/guides/security.md shows: who comes in and who does not, and what the log does not tell."""

from __future__ import annotations

import base64
import logging
import re

import pytest
import trustme
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from jambonz_sync import EndpointError
from tests.docs.page import Page
from tests.tls_client import trusting

PAGE = Page("guides/security")
ENDPOINT, PIN, CALL_BACK = PAGE.blocks("python")


@pytest.fixture
def certificates(tmp_path, monkeypatch):
    """The two files of the page, in the current folder; what a client trusts."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (tmp_path / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    (tmp_path / "key.pem").write_bytes(issued.private_key_pem.bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JAMBONZ_PASSWORD", "hunter2")
    return trusting(authority)


def opened(endpoint, context, credentials):
    """The HTTP status with which a websocket is opened, or not."""
    header = {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}
    try:
        with connect(
            f"{endpoint.url}/app",
            ssl=context,
            additional_headers=header,
            subprotocols=[Subprotocol("ws.jambonz.org")],
            proxy=None,
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_who_comes_in(certificates, caplog):
    """Whoever has the password, from an address that is named."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    names = ENDPOINT.run()
    endpoint = names["endpoint"]
    endpoint.make_service("/app").on("session:new", lambda session: None)
    endpoint.listen_at(host="127.0.0.1", port=0)
    with endpoint:
        assert endpoint.url.startswith("wss://")
        assert opened(endpoint, certificates, "jambonz:hunter2") == 101
        assert opened(endpoint, certificates, "jambonz:guess") == 401
        names["SBC"].clear()
        assert opened(endpoint, certificates, "jambonz:hunter2") == 403
    (line,) = re.findall(r"`turned away 10\.0\.0\.9(.*?)`", PAGE.text)
    assert any(line in record.getMessage() for record in caplog.records)
    assert "hunter2" not in caplog.text


def test_files_in_the_wrong_order(certificates, tmp_path):
    """The sentence begins as the page says."""
    certificate = (tmp_path / "cert.pem").read_bytes()
    (tmp_path / "cert.pem").write_bytes((tmp_path / "key.pem").read_bytes())
    (tmp_path / "key.pem").write_bytes(certificate)
    with pytest.raises(EndpointError, match="cannot serve TLS with the certificate"):
        ENDPOINT.run()["endpoint"].start()


@pytest.mark.parametrize(("keys", "known"), [(["111111", "424242"], True), (["111111", "222222", "333333"], False)])
def test_pin(calling, jambonz, keys, known):
    """The right one is known at whichever of three tries."""
    jambonz.tolerates("three wrong codes from")
    results = []
    call = calling(lambda session: results.append(PIN.run(PINS={"15550143001": "424242"})["is_known"](session)))
    for one in keys:
        call.presses(one)
    call.is_silent()
    assert results == [known]


@pytest.mark.parametrize(
    ("keys", "dialled"), [("5095550100", ["dials +15095550100"]), ("9005550100", []), ("0114420794", [])]
)
def test_call_back(calling, keys, dialled):
    """A number that costs is not called."""
    call = calling(CALL_BACK.run()["call_back"])
    call.presses(keys)
    call.is_silent(60)
    assert [line for line in call.transcript.of("call") if "dials" in line] == dialled


def test_secrets(calling, jambonz, caplog):
    """Neither a key nor a password nor a variable is in the log, at any level; keys of a telephone are."""
    jambonz.tolerates("heard nothing")
    caplog.set_level(logging.DEBUG, "jambonz_sync")

    def answer(session):
        session.ask("Your code?", input=["digits"], num_digits=4)
        session.play("https://user:hunter2@example.com/music.mp3")
        session.llm(vendor="openai", auth={"apiKey": "hunter2"}, llm_options={"response_create": {}}).run()

    call = calling(answer, env={"CRM": "hunter2"})
    call.presses("4711")
    call.is_silent(10)
    assert "***" in caplog.text
    assert "hunter2" not in caplog.text
    assert '"4711"' in caplog.text
