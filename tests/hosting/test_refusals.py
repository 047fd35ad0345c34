"""Servers that cannot hold calls: jambonz is refused, and whoever looks is told what can."""

from __future__ import annotations

import http.client

import pytest
from flask import Flask

from jambonz_sync.flask import Jambonz
from tests.hosting.kinds import UNFIT
from tests.hosting.servers import HANDSHAKE, start
from tests.transport.peers import upgrade_environ

ADVICE = "run gunicorn with `-k gthread --threads N`"


@pytest.mark.parametrize("name", UNFIT, ids=lambda name: name.replace(" ", "-"))
def test_unfit_server(name, tmp_path):
    """A call is refused with what to use instead, each time; the log says so in a line, and the server goes on."""
    with start(UNFIT[name], tmp_path) as server:
        # Lines for each request, which some write to stderr.
        server.program.allow('HTTP/1.1" ')
        # gunicorn's sync worker does not close its listener at the end; and this comes with it.
        server.program.allow("ResourceWarning: ")
        for _ in range(2):
            # By hand: some of them speak HTTP/1.0, which the libraries for websockets do not even read.
            answer = server.asks("/app", **HANDSHAKE)
            assert answer.status == http.client.NOT_IMPLEMENTED
            assert ADVICE in answer.body
            server.program.expect(" ERROR ", "a websocket for /app cannot be held", ADVICE)
        assert server.asks("/health").status == 200


def test_test_client_of_flask(log):
    """The test client of Flask has no socket at all."""
    app = Flask(__name__)
    Jambonz(app).make_service("/app")
    response = app.test_client().get("/app", environ_overrides=upgrade_environ(PATH_INFO="/app"))
    assert response.status_code == http.client.NOT_IMPLEMENTED
    assert ADVICE in response.text
    log.expect("a websocket for /app cannot be held", ADVICE, level=40)
