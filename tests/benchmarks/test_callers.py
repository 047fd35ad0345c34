"""Callers that cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.callers import Caller
from jambonz_sync import Endpoint, Session, create_endpoint


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An application that answers two questions."""
    with create_endpoint(host="127.0.0.1", port=0) as made:
        made.make_service("/app").on("session:new", two_questions)
        yield made


def two_questions(session: Session) -> None:
    """Ask twice, and close."""
    session.gather(input=["speech"], action_hook="/heard").send()
    for _ in range(2):
        said = session.wait_for("/heard").transcript
        session.say(said * 100).gather(input=["speech"], action_hook="/heard").reply()
    session.close()


def port_of(endpoint: Endpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


def test_turns(endpoint: Endpoint) -> None:
    """A call takes turns, with answers long and short, and is over when it has hung up."""
    with Caller(port_of(endpoint), "call-1") as caller:
        caller.speak()
        caller.listen()
        assert list(endpoint.sessions) == ["call-1"]
        caller.hang_up()
    endpoint.stop()
    assert endpoint.counters.ended["caller"] == 1


def test_another_end(endpoint: Endpoint) -> None:
    """What is no answer is an error."""
    with Caller(port_of(endpoint), "call-1") as caller:
        for _ in range(2):
            caller.speak()
            caller.listen()
        with pytest.raises(ConnectionError, match="not the answer of the application"):
            caller.listen()


def test_refused() -> None:
    """So is a refusal."""
    with create_endpoint(host="127.0.0.1", port=0, auth=("jambonz", "secret")) as endpoint:
        endpoint.make_service("/app")
        with pytest.raises(ConnectionError, match=r"refused: .* 401 "):
            Caller(port_of(endpoint), "call-1")
