"""What the application is told and asked over a connection that comes and goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jambonz_sync.simulator import Transcript
from jambonz_sync.simulator.application import Answer, Application, Question
from jambonz_sync.simulator.facts import inbound_leg
from jambonz_sync.simulator.reconnecting import Link, pause
from jambonz_sync.simulator.timers import Timers
from jambonz_sync.simulator.verb import BadVerbs
from jambonz_sync.simulator.wire import Closed

from .server import HANGUP, JumpClock


class Memory:
    """A connection that keeps what is sent, and has been sent what is put into it."""

    def __init__(self) -> None:
        self.closed: Closed | None = None
        self.sent: list[dict[str, Any]] = []
        self.coming: list[str | bytes] = []

    def wait(self, seconds: float) -> bool:
        return bool(self.coming) or self.closed is not None

    def read(self) -> list[str | bytes]:
        coming, self.coming = self.coming, []
        return coming

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def close(self, code: int, reason: str = "") -> None:
        self.closed = Closed(code, reason, by_application=False)

    def abort(self) -> None:
        self.close(1006)


class Talk:
    """An application, and all its connections."""

    def __init__(self) -> None:
        self.clock = JumpClock()
        self.connections: list[Memory] = []
        self.link = Link("ws://127.0.0.1/app", self.connect, self.clock, Timers(), Transcript(self.clock))
        self.link.open(lambda seconds: pause(self.clock, seconds))
        leg = inbound_leg("100", "200")
        self.application = Application(self.link, self.clock, Transcript(self.clock), leg, ack_timeout=5)

    def connect(self, url: str) -> Memory:
        self.connections.append(Memory())
        return self.connections[-1]

    def ack(self, message: dict[str, Any]) -> None:
        self.connections[-1].coming.append(json.dumps({"type": "ack", "msgid": message["msgid"]}))
        self.application.take_in()

    def begin(self) -> None:
        self.application.ask("session:new", {"call_sid": "c", "list": [1]})
        self.ack(self.connections[-1].sent[-1])

    def pass_time(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.link.timers.next_due <= until:
            self.clock.time = max(self.clock.time, self.link.timers.next_due)
            self.link.timers.run_next(self.clock.time)
        self.clock.time = until

    @property
    def sent(self) -> list[str]:
        """What has been sent on the connection that there is."""
        return [message.get("hook", message["type"]) for message in self.connections[-1].sent]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_call_sid(talk):
    """Messages name the call whose session:new has been sent here, and before that none."""
    talk.application.tell("call:status", {})
    talk.begin()
    talk.application.tell("call:status", {})
    assert [message.get("call_sid") for message in talk.connections[0].sent] == [None, "c", "c"]


def test_hooks_before_notifications(talk):
    """What waits for the reconnect is sent when it is answered: hooks first, otherwise in order."""
    talk.begin()
    talk.link.drop(0)
    talk.application.tell("call:status", {})
    first = talk.application.ask("verb:hook", {}, hook="/a")
    talk.pass_time(0)
    talk.application.tell("verb:status", {})
    second = talk.application.ask("verb:hook", {}, hook="/b")
    talk.pass_time(1)
    assert talk.sent == ["session:reconnect"]
    assert (first.due, second.due) == (float("inf"), float("inf"))
    talk.ack(talk.connections[-1].sent[0])
    assert talk.sent == ["session:reconnect", "/a", "/b", "call:status", "verb:status"]
    # Their time limit counts from now.
    assert (first.due, second.due) == (6, 6)
    assert len(talk.connections) == 2


def test_hooks_in_flight(talk):
    """Whatever was asked and not answered fails at the loss."""
    talk.begin()
    question = talk.application.ask("verb:hook", {}, hook="/a")
    talk.link.drop(0)
    assert question.failed == "the connection was lost"
    assert not talk.application.is_asked
    talk.pass_time(1)
    assert talk.sent == ["session:reconnect"]


def test_question_that_is_given_up(talk):
    """A question that nobody waits for any more is not sent later."""
    talk.begin()
    talk.link.drop(0)
    question = talk.application.ask("verb:hook", {}, hook="/a")
    talk.application.give_up(question)
    talk.pass_time(1)
    talk.ack(talk.connections[-1].sent[0])
    assert talk.sent == ["session:reconnect"]


def test_data_of_the_reconnect(talk):
    """The data is that of session:new as it was sent, or of session:adulting; else there is none."""
    other = Talk()
    other.link.drop(0)
    other.pass_time(1)
    assert other.connections[-1].sent == [{**other.connections[-1].sent[0], "type": "session:reconnect", "data": {}}]
    assert "call_sid" not in other.connections[-1].sent[0]
    data = {"call_sid": "d", "list": [1]}
    talk.application.ask("session:adulting", data)
    data["list"].append(2)
    talk.ack(talk.connections[-1].sent[-1])
    talk.link.drop(0)
    talk.pass_time(1)
    assert talk.connections[-1].sent[0]["data"] == {"call_sid": "d", "list": [1]}


def test_unanswered_reconnect(talk):
    """After five seconds it is given up, and so is what waits for it."""
    talk.begin()
    talk.link.drop(0)
    question = talk.application.ask("verb:hook", {}, hook="/a")
    talk.pass_time(4.9)
    assert talk.application.given_up is None
    talk.pass_time(0.2)
    assert talk.application.given_up == question.failed == "session:reconnect was not answered in time"
    talk.application.tell("call:status", {})
    assert talk.sent == ["session:reconnect", "call:status"]


def test_loss_after_a_loss_before_the_first_ack(talk):
    """A drop before the first ack, and again before that of the reconnect: the next reconnect takes its place."""
    question = talk.application.ask("session:new", {"call_sid": "c"})
    talk.link.drop(0)
    talk.pass_time(1)
    talk.link.drop(0)
    talk.pass_time(1)
    assert talk.application.given_up is None
    assert (question.is_settled, question.due) == (False, float("inf"))
    hook = talk.application.ask("verb:hook", {}, hook="/a")
    talk.ack(talk.connections[-1].sent[0])
    assert question.answer is not None
    assert talk.application.never_sends(hook)
    assert not talk.application.never_sends(question)
    assert talk.sent == ["session:reconnect"]


def test_question():
    """A question is settled by an answer, or when there will be none."""
    assert not Question("/a").is_settled
    assert Question("/a", failed="lost").is_settled


@pytest.mark.parametrize(
    ("data", "names"), [(None, []), ("say", []), ({"verb": "say"}, []), ([], []), ([HANGUP], ["hangup"])]
)
def test_verbs_of_an_answer(data, names):
    """An answer has verbs if its data is an array."""
    assert [verb.name for verb in Answer(data).verbs()] == names


def test_verbs_that_are_refused():
    """An array with a fault in it has none."""
    with pytest.raises(BadVerbs, match="no verb 'sing'"):
        Answer([{"verb": "sing"}]).verbs()


@pytest.mark.parametrize(
    ("failed", "remark"),
    [
        (None, ("fault", "/menu was not answered in time")),
        ("the connection was lost", ("note", "/menu was not answered: the connection was lost")),
    ],
)
def test_whose_fault_a_missing_answer_is(failed, remark):
    """It is the application's, unless the answer had no way to come."""
    assert Question("/menu", failed=failed).unanswered == remark
