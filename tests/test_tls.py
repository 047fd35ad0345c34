"""What the standalone server encrypts with: files, or a context, and what cannot be either."""

from __future__ import annotations

import contextlib
import pathlib
import ssl
import subprocess
import sys
import textwrap

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from jambonz_sync import EndpointError, create_endpoint
from jambonz_sync.tls import server_context
from tests.tls_client import trusting

CERTIFICATE, KEY = "cert.pem", "key.pem"


@pytest.fixture(scope="module")
def authority():
    """Who issues certificates."""
    return trustme.CA()


@pytest.fixture
def files(authority, tmp_path):
    """A certificate with its chain, and its key, in files."""
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / CERTIFICATE, tmp_path / KEY
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key


@pytest.fixture
def client(authority):
    """A client's context that checks certificates, and trusts the authority alone."""
    context = trusting(authority)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    return context


def encrypted(key: pathlib.Path) -> None:
    """Encrypt the key in a file."""
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"s3cret")
    key.write_bytes(
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, locked)
    )


@contextlib.contextmanager
def serving(ssl_context):
    """An endpoint that encrypts, and ends every call at once."""
    endpoint = create_endpoint(host="127.0.0.1", port=0, ssl_context=ssl_context)
    endpoint.make_service("/app").on("session:new", lambda session: session.say("Hello.").hangup().send())
    with endpoint:
        yield endpoint


def first_words(url, context):
    """Call an application; return what it says first, and what the client has verified."""
    with connect(f"{url}/app", ssl=context, subprotocols=[Subprotocol("ws.jambonz.org")], proxy=None) as websocket:
        websocket.send('{"type":"session:new","msgid":"m1","call_sid":"c1","data":{"call_sid":"c1"}}')
        said = websocket.recv(10)
        return said, websocket.socket.getpeercert()


class TestServing:
    @pytest.mark.parametrize("kind", ["paths", "strings", "list", "context"])
    def test_a_client_verifies_it(self, files, client, kind):
        """By files and by a context: a client that checks the certificate is served, over ``wss://``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        given = {"paths": files, "strings": tuple(map(str, files)), "list": list(files), "context": context}[kind]
        with serving(given) as endpoint:
            assert endpoint.url.startswith("wss://127.0.0.1:")
            said, certificate = first_words(endpoint.url, client)
        assert "Hello." in said
        assert ("IP Address", "127.0.0.1") in certificate["subjectAltName"]

    def test_the_chain(self, authority, tmp_path, client):
        """The certificates behind the first one in the file are shown too: a client knows the root alone."""
        issued = authority.create_child_ca().issue_cert("127.0.0.1")
        certificate, key = tmp_path / CERTIFICATE, tmp_path / KEY
        assert len(issued.cert_chain_pems) > 1
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        key.write_bytes(issued.private_key_pem.bytes())
        with serving((certificate, key)) as endpoint:
            assert "Hello." in first_words(endpoint.url, client)[0]

    def test_another_authority(self, files, log):
        """A client that trusts another authority is not served, whatever it would do."""
        with serving(files) as endpoint, pytest.raises(ssl.SSLCertVerificationError):
            first_words(endpoint.url, ssl.create_default_context())
        log.expect("TLS handshake failed")


class TestContext:
    def test_none(self):
        """None is plain text."""
        assert server_context(None) is None

    def test_files(self, files):
        """They make a context that speaks nothing older than TLS 1.2, and asks clients for no certificate."""
        context = server_context(files)
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_NONE

    def test_one_that_is_ready(self):
        """It is taken as it is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert server_context(context) is context

    def test_one_for_clients(self):
        """It could not serve: the error says how to make the other kind."""
        with pytest.raises(EndpointError, match=r"one for clients.*Purpose\.CLIENT_AUTH"):
            create_endpoint(ssl_context=ssl.create_default_context())


class TestFiles:
    """What cannot be used is refused when the endpoint is made, by a sentence that names the files."""

    @pytest.mark.parametrize("missing", [CERTIFICATE, KEY])
    def test_missing(self, files, missing):
        """There is no such file."""
        files[0].with_name(missing).unlink()
        with pytest.raises(EndpointError, match=rf"{CERTIFICATE} and the key .*{KEY}: No such file"):
            create_endpoint(ssl_context=files)

    @pytest.mark.parametrize("text", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    @pytest.mark.parametrize("broken", [CERTIFICATE, KEY])
    def test_no_pem(self, files, broken, text):
        """A file holds something else."""
        files[0].with_name(broken).write_text(text)
        with pytest.raises(EndpointError, match="Both must be PEM files"):
            create_endpoint(ssl_context=files)

    def test_swapped(self, files):
        """The key was given first."""
        with pytest.raises(EndpointError, match="the certificate first"):
            create_endpoint(ssl_context=files[::-1])

    def test_another_key(self, files, authority):
        """The key is that of another certificate."""
        files[1].write_bytes(authority.issue_cert("127.0.0.1").private_key_pem.bytes())
        with pytest.raises(EndpointError, match="belong together"):
            create_endpoint(ssl_context=files)

    def test_directory(self, files, tmp_path):
        """A directory is no file."""
        with pytest.raises(EndpointError, match="Both must be PEM files"):
            create_endpoint(ssl_context=(tmp_path, files[1]))

    def test_encrypted(self, files):
        """An encrypted key is refused, and says what to do."""
        encrypted(files[1])
        with pytest.raises(EndpointError, match=r"the private key is encrypted: load it into an ssl\.SSLContext"):
            create_endpoint(ssl_context=files)

    def test_encrypted_on_a_terminal(self, files):
        """Nobody is asked for the password: a service would hang there."""
        encrypted(files[1])
        script = f"""
            from jambonz_sync import EndpointError, create_endpoint
            try:
                create_endpoint(ssl_context=({str(files[0])!r}, {str(files[1])!r}))
            except EndpointError:
                print("refused")
        """
        command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
        done = subprocess.run(
            command,
            cwd=pathlib.Path(__file__).resolve().parents[1],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("refused\n", "")

    def test_encrypted_in_a_context(self, files, client):
        """What it tells to do works."""
        encrypted(files[1])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files, password="s3cret")
        with serving(context) as endpoint:
            assert "Hello." in first_words(endpoint.url, client)[0]

    @pytest.mark.parametrize("given", [True, "cert.pem", ("cert.pem",), ("a", "b", "c")])
    def test_no_pair(self, given):
        """Neither a context nor a pair."""
        with pytest.raises(TypeError, match="a pair of files"):
            create_endpoint(ssl_context=given)
