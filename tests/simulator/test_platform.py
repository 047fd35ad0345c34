"""Several calls on one jambonz, with real applications: who meets whom, and when each notices it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.simulator import HangsUp, JoinsConference, Platform, Says, Silence, SimulatedCall, Transcript
from jambonz_sync.simulator.in_process import WorldClock, connector
from jambonz_sync.simulator.platform import Line
from jambonz_sync.simulator.wire import Closed
from jambonz_sync.simulator.world import World

Services = dict[str, Callable[[Any], Any]]


def endpoint_of(services: Services) -> Any:
    endpoint = create_endpoint(host="127.0.0.1", port=0)
    for path, answer in services.items():
        endpoint.make_service(path).on("session:new", answer)
    return endpoint


def meet(services: Services, **calls: Any) -> list[Transcript]:
    """Call each service, all on one platform and in virtual time; return what happened in each call.

    The value for each is what its caller does, or that and further options of the call.
    """
    endpoint = endpoint_of({f"/{name}": answer for name, answer in services.items()})
    world, platform = World(), Platform()
    transcripts: dict[str, Transcript] = {}

    def place(name: str, steps: Any, number: int) -> None:
        options = {}
        if isinstance(steps, dict):
            options, steps = dict(steps), steps["steps"]
            del options["steps"]
        call = SimulatedCall(
            f"ws://here/{name}",
            steps,
            from_=f"1555014300{number}",
            clock=WorldClock(world),
            connect=connector(world, endpoint),
            platform=platform,
            **options,
        )
        world.start(lambda: transcripts.update({name: call.run()}), name)

    try:
        for number, (name, steps) in enumerate(calls.items(), 1):
            place(name, steps, number)
        world.wait(lambda: len(transcripts) == len(calls))
    finally:
        world.stop()
    return [transcripts[name] for name in calls]


def at(transcript: Transcript, what: str) -> float:
    """When something happened first."""
    return next(entry.time for entry in transcript.entries if entry.what == what)


def customer(session: Any) -> None:
    session.on("/wait", reply=[{"verb": "say", "text": "One moment."}])
    outcome = session.enqueue("support", wait_hook="/wait").run()
    session.say(f"You were {outcome['queue_result']}.").run()


def agent(session: Any) -> None:
    outcome = session.dequeue("support", timeout=30).run()
    session.say(f"It is {outcome['dequeue_result']}.").run()


# Queues


def test_bridge_that_the_customer_ends():
    """An agent's dequeue takes the call that waits; when the customer hangs up, the agent's verbs go on."""
    waiting, taking = meet({"customer": customer, "agent": agent}, customer=[HangsUp(at=20)], agent=[])
    assert waiting.of("call")[2:4] == ["waits in the queue support", "connected to 15550143002"]
    assert "connected to 15550143001" in taking.of("call")
    assert at(waiting, "connected to 15550143002") == at(taking, "connected to 15550143001") == 1
    assert at(waiting, "hangs up") == at(taking, "hangs up") == 20
    assert taking.heard == ["It is complete."]


def test_bridge_that_the_agent_ends():
    """When the agent hangs up, the customer is told that there was a conversation."""
    waiting, taking = meet({"customer": customer, "agent": agent}, customer=[], agent=[HangsUp(at=9)])
    assert waiting.heard == ["One moment.", "You were bridged."]
    assert taking.ending.reason == "hung up by the caller after 9 s"


def test_bridge_that_the_agents_application_ends():
    """A dequeue that is killed lets the customer go, and tells of a conversation."""

    def impatient(session: Any) -> None:
        session.dequeue("support", action_hook="/talked").send()
        session.sleep(8)
        session.say("Enough.").send()
        session.sleep(3)
        session.hangup().send()

    waiting, taking = meet({"customer": customer, "agent": impatient}, customer=[], agent=[])
    (hook,) = taking.messages("in", "verb:hook")
    assert (hook["hook"], hook["data"]["dequeue_result"]) == ("/talked", "complete")
    assert at(taking, "Enough.") == 8
    assert at(waiting, "You were bridged.") == 8


def test_two_customers():
    """They are taken in the order in which they came, and each is told where it stands."""
    positions = {}

    def place(name: str, after: float) -> Callable[[Any], None]:
        def answer(session: Any) -> None:
            @session.on("/wait")
            def wait(evt: Any) -> None:
                positions.setdefault(name, []).append((evt["queue_position"], evt["queue_size"]))
                session.pause(4).reply()

            session.pause(after).enqueue("support", wait_hook="/wait", action_hook="/waited").send()
            session.wait_for("/waited")
            session.hangup().reply()

        return answer

    def busy_agent(session: Any) -> None:
        for _ in range(2):
            session.dequeue("support").run()

    first, second, _ = meet(
        {"first": place("first", 0.1), "second": place("second", 0.2), "agent": busy_agent},
        first=[HangsUp(at=10)],
        second=[HangsUp(at=30)],
        agent={"steps": [], "limit": 40},
    )
    assert positions == {"first": [(0, 2)], "second": [(1, 2), (0, 1), (0, 1)]}
    assert at(first, "connected to 15550143003") == 1
    assert at(second, "connected to 15550143003") == 11


# Conferences


def member(**options: Any) -> Callable[[Any], None]:
    def answer(session: Any) -> None:
        session.conference("standup", **options).run()
        session.say("Over.").run()

    return answer


def test_conference():
    """Calls in a conference hear each other; who ends it sends all others on."""
    leader, guest = meet(
        {
            "leader": member(end_conference_on_exit=True),
            "guest": member(start_conference_on_enter=False),
        },
        guest=[Says("good morning"), Says("nothing to report")],
        leader=[Silence(6), Says("that is all"), HangsUp()],
    )[::-1]
    assert guest.of("caller") == ["good morning", "nothing to report"]
    assert leader.of("callee") == ["joins the conference", "good morning", "nothing to report"]
    assert guest.of("callee") == ["that is all", "leaves the conference"]
    assert at(leader, "hangs up") == at(guest, "leaves the conference standup")
    assert guest.heard == ["Over."]


def test_conference_reports():
    """Each call reports for itself; who joins a running one reports what its beginner wanted to know, and there."""

    def answer(after: float, hook: str, events: list[str]) -> Callable[[Any], None]:
        return lambda session: session.pause(after).conference("standup", status_hook=hook, status_events=events).send()

    calls = meet(
        {"first": answer(0.1, "/one", ["start", "join", "leave"]), "second": answer(0.2, "/two", ["end"])},
        first=[HangsUp(at=5)],
        second=[HangsUp(at=8)],
    )
    told = [
        [(hook["hook"], hook["data"]["event"], hook["data"]["members"]) for hook in call.messages("in", "verb:hook")]
        for call in calls
    ]
    assert told == [
        [("/one", "start", 0), ("/one", "join", 1), ("/one", "leave", 1)],
        [("/one", "join", 2), ("/one", "leave", 0)],
    ]


def test_age_of_a_conference():
    """How long it has lasted is told by its own time, not by that of the call that joins it."""
    ages = []

    def answer(session: Any) -> None:
        session.on("/events", lambda evt: ages.append(evt["duration"]))
        session.pause(7)
        session.conference("standup", status_hook="/events", status_events=["join"]).send()

    def early(session: Any) -> None:
        session.conference("standup", status_hook="/events", status_events=["join"]).send()

    meet({"early": early, "late": answer}, early=[HangsUp(at=9)], late=[HangsUp(at=10)])
    assert ages == [7.0]


def test_hold():
    """A member on hold hears what its application gives it, and is not heard by the others."""

    def answer(session: Any) -> None:
        session.on("/music", reply=[{"verb": "play", "url": "hold.mp3"}])
        session.conference("standup").send()
        session.sleep(3)
        session.inject_conference_hold("hold", wait_hook="/music")
        session.sleep(5)
        session.inject_conference_hold("unhold")

    def other(session: Any) -> None:
        session.conference("standup").send()

    held, hearing = meet(
        {"held": answer, "hearing": other},
        held=[Silence(9), Says("here I am"), HangsUp()],
        hearing=[Silence(4), Says("can you hear me"), HangsUp(at=20)],
    )
    assert held.heard == ["hold.mp3"] * 2
    assert at(held, "is on hold in the conference") == 3
    assert at(held, "is no longer on hold in the conference") == 8
    assert "can you hear me" not in held.of("callee")
    assert "here I am" in hearing.of("callee")


def test_announcement():
    """What one call's application plays to the conference, all of its calls hear."""

    def speaker(session: Any) -> None:
        session.conference("standup").send()
        session.sleep(3)
        session.inject_room_say("Five minutes left.")
        session.sleep(5)
        session.hangup().send()

    def listener(session: Any) -> None:
        session.conference("standup").send()

    speaking, listening = meet({"speaker": speaker, "listener": listener}, speaker=[], listener=[HangsUp(at=20)])
    assert speaking.heard == listening.heard == ["Five minutes left."]
    assert at(speaking, "Five minutes left.") == at(listening, "Five minutes left.") == 3


def test_scripted_parties_meet_all_calls():
    """A party that one call brings along is in the conference that another call waits for, and goes with its call."""
    waits = member(start_conference_on_enter=False)
    waiting, bringing = meet(
        {"waiting": waits, "bringing": lambda session: session.pause(30).send()},
        waiting=[HangsUp(at=25)],
        bringing={"steps": [HangsUp(at=12)], "others": [JoinsConference("standup", at=5, seconds=100)]},
    )
    assert at(waiting, "joins the conference standup") == 5
    assert at(waiting, "leaves the conference") == 12
    assert at(bringing, "hangs up") == 12


# Real time


def test_threads():
    """On real sockets, and threads in real time, a call that waits soon notices what another one does."""
    connected = threading.Event()

    def short_agent(session: Any) -> None:
        session.dequeue("support").send()
        assert connected.wait(10)
        session.say("That is all.").send()

    def notice(what: Any) -> None:
        if getattr(what, "what", "").startswith("connected to"):
            connected.set()

    endpoint = endpoint_of({"/customer": customer, "/agent": short_agent})
    platform = Platform()
    transcripts: dict[str, Transcript] = {}

    def place(path: str, **options: Any) -> threading.Thread:
        call = SimulatedCall(endpoint.url + path, speed=20, platform=platform, **options)
        thread = threading.Thread(target=lambda: transcripts.update({path: call.run()}), name=path)
        thread.start()
        return thread

    with endpoint:
        threads = [place("/customer", watch=notice), place("/agent")]
        for thread in threads:
            thread.join(30)
    assert transcripts["/customer"].heard[-1] == "You were bridged."
    assert transcripts["/agent"].heard == ["That is all."]


# The platform


def test_account():
    """All calls of a platform belong to its account, and a call without one to another."""
    platform = Platform()
    accounts = []

    def answer(session: Any) -> None:
        accounts.append(session.data["account_sid"])
        session.hangup()

    endpoint = endpoint_of({"/app": answer})
    with endpoint:
        for options in ({"platform": platform}, {"platform": platform}, {}):
            SimulatedCall(endpoint.url + "/app", speed=50, **options).run()
    assert accounts[:2] == [platform.account_sid] * 2
    assert accounts[2] != platform.account_sid


def test_rooms():
    """A conference is there once somebody is in it, and the next one of its name is another."""
    platform = Platform()
    assert platform.room("standup") is None
    room, is_new = platform.open_room("standup", None, lambda: 0.0)
    assert is_new
    assert room.sid == f"conf:{platform.account_sid}:standup"
    assert platform.open_room("standup", None, lambda: 0.0) == (room, False)
    assert platform.room("standup") is None
    platform.close_room(room)
    other, is_new = platform.open_room("standup", None, lambda: 0.0)
    assert is_new
    assert other is not room


def test_queues():
    """A queue is the same for all."""
    platform = Platform()
    assert platform.queue("support") is platform.queue("support") is not platform.queue("sales")
    assert platform.queue("support").sid == f"queue:{platform.account_sid}:support"


class Quiet:
    """A connection on which nothing comes until it is told so."""

    def __init__(self, url: str) -> None:
        self.closed: Closed | None = None
        self.messages: list[str | bytes] = []
        self.sent: list[str] = []

    def wait(self, seconds: float) -> bool:
        return bool(self.messages) or self.closed is not None

    def read(self) -> list[str | bytes]:
        messages, self.messages = self.messages, []
        return messages

    def send(self, text: str) -> None:
        self.sent.append(text)

    def close(self, code: int, reason: str = "") -> None:
        self.closed = Closed(code, reason, by_application=False)

    def abort(self) -> None:
        self.closed = Closed(1006, "dropped", by_application=False)


@pytest.fixture
def connection():
    return Quiet("ws://here/")


@pytest.fixture
def line(connection):
    return Line(connection)


def test_line_is_woken(line):
    """A change ends the wait, without a message, and only once."""
    line.wake()
    assert line.wait(60)
    assert line.wait(0)
    assert line.read() == []
    assert not line.wait(0)


def test_line_that_waits_is_woken(line):
    """So does one that another thread makes during the wait."""
    threading.Timer(0.05, line.wake).start()
    assert line.wait(60)


def test_line_carries_messages(line, connection):
    """Messages come and go as on the connection itself."""
    assert not line.wait(0.03)
    connection.messages.append("one")
    assert line.wait(60)
    assert line.read() == ["one"]
    line.send("two")
    assert connection.sent == ["two"]


@pytest.mark.parametrize(("end", "code"), [(lambda line: line.close(1000, "done"), 1000), (Line.abort, 1006)])
def test_line_ends(line, connection, end, code):
    """It ends as the connection does."""
    assert line.closed is None
    end(line)
    assert line.closed.code == connection.closed.code == code
    assert line.wait(60)


@pytest.mark.parametrize("use", [lambda line: line.wait(60), Line.read])
def test_line_is_lost(line, connection, use):
    """That the connection has ended is noticed with the next use of it."""
    connection.closed = Closed(1006, "gone")
    use(line)
    assert line.closed == (1006, "gone", True)


def test_change_wakes_all_lines():
    """Every connection of a platform's calls is woken by a change, and by what only asks it is not."""
    platform = Platform()
    connect = platform.connecting(Quiet)
    lines = [connect("ws://here/"), connect("ws://here/")]
    assert platform.queue("support").take("agent", call_sid="none") is None
    for line in lines:
        line.read()
    assert platform.queue("support").size == 0
    assert not any(line.wait(0) for line in lines)
    with platform.changing():
        assert not any(line.wait(0) for line in lines)
    assert all(line.wait(0) for line in lines)
