"""Callers that come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.audio_application import echo
from benchmarks.soak_application import answer
from benchmarks.soak_caller import Life, SoakCaller, lives
from jambonz_sync import Endpoint, Session, create_endpoint


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """The application of the soak."""
    with create_endpoint(host="127.0.0.1", port=0) as made:
        made.make_service("/app").on("session:new", answer)
        made.make_audio_service("/voices").on("connection", echo)
        yield made


def port_of(endpoint: Endpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


@pytest.mark.parametrize(("calls", "turns"), [(1, 1), (7, 7), (10, 57), (11, 1103), (2000, 200_000)])
def test_lives(calls: int, turns: int) -> None:
    """There are as many turns in all as wanted, one in each life at the least, and the same in every run."""
    made = list(lives(calls, turns))
    assert [life.number for life in made] == list(range(calls))
    assert sum(life.turns for life in made) == turns
    assert min(life.turns for life in made) >= 1
    assert made == list(lives(calls, turns))


def test_lives_are_mixed() -> None:
    """Every way to end, to lose the connection, and to have audio or not, is there together with every other."""
    made = list(lives(120, 12_000))
    ways = {(life.ended_by, life.lost, life.audio) for life in made}
    assert len(ways) == 2 * 3 * 2
    assert len({life.turns for life in made}) > 30


@pytest.mark.parametrize("ended_by", ["caller", "jambonz"])
@pytest.mark.parametrize("lost", [None, "end", "reset"])
@pytest.mark.parametrize("audio", [False, True])
def test_life(endpoint: Endpoint, ended_by: str, lost: str | None, audio: bool) -> None:
    """It is lived to its end, and the endpoint counts what has become of it."""
    caller = SoakCaller(port_of(endpoint), Life(3, 5, ended_by, lost, audio))
    while not caller.is_over:
        assert list(endpoint.sessions) == ["call-3"]
        caller.act()
        caller.see()
    assert caller.turns == 5
    endpoint.stop()
    counters = endpoint.counters
    assert counters.started == 1
    assert counters.reconnects == (lost is not None)
    assert counters.ended["caller" if ended_by == "caller" else "application"] == 1


def other(session: Session) -> None:
    """Answer something else."""
    session.gather(input=["speech"], action_hook="/heard").send()
    session.wait_for("/heard")
    session.say("What?").gather(input=["speech"], action_hook="/heard").reply()
    session.wait_for("/heard")


def end(session: Session) -> None:
    """Hang up on whoever says something."""
    session.gather(input=["speech"], action_hook="/heard").send()
    session.wait_for("/heard")
    session.close()


def hangup(session: Session) -> None:
    """End the call before its time."""
    session.gather(input=["speech"], action_hook="/heard").send()
    session.say(f"You said {session.wait_for('/heard').transcript}.").hangup().reply()
    session.wait_for("/heard")


@pytest.mark.parametrize(
    ("handler", "text"),
    [(other, "not the answer to 'words 0'"), (end, "not the answer to"), (hangup, "not how the call should end")],
)
def test_lost(handler: Callable[[Session], None], text: str) -> None:
    """What the application should not do is an error of the caller."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/app").on("session:new", handler)
        with SoakCaller(port_of(endpoint), Life(1, 1, "caller", None, False)) as caller:
            caller.act()
            with pytest.raises(ConnectionError, match=text):
                caller.see()


def test_no_audio() -> None:
    """A stream that is refused is the loss of its call, whose socket is closed."""
    with create_endpoint(host="127.0.0.1", port=0) as endpoint:
        endpoint.make_service("/app").on("session:new", answer)
        with pytest.raises(ConnectionError, match="the stream was refused"):
            SoakCaller(port_of(endpoint), Life(1, 1, "caller", None, True))


def test_closed(endpoint: Endpoint) -> None:
    """So is the end of the connection."""
    with SoakCaller(port_of(endpoint), Life(1, 5, "caller", None, False)) as caller:
        endpoint.sessions["call-1"].close(1001)
        with pytest.raises(ConnectionError, match="not the answer of the application"):
            caller.listen()
        with pytest.raises(ConnectionError, match="the application has closed the connection"):
            caller.listen()
