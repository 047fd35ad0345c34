"""The call: speech that is streamed, among all else that goes over the wire."""

from __future__ import annotations

import math

import pytest

from jambonz_sync.protocol.command import Command
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.token_sender import RETRY_AFTER, Utterance
from jambonz_sync.protocol.verb import Verb

from .conversation import GOODBYE, NEUTRAL, Conversation, ack, gather, naming, redirect, say, wire, without_ids

ON = {"ttsStream": {"enable": True}}
OK = {"status": "ok"}
FULL = {"status": "failed", "reason": "full"}


@pytest.fixture
def conversation():
    """A call that is live and to which nothing is left to be said; the stream is open."""
    conversation = Conversation(reconnect_timeout=15.0).begins_with(Verb("config", ON))
    conversation.sends("tts:streaming-event", data={"event_type": "stream_open"})
    return conversation


def stream(conversation, text="Hello. "):
    """The application streams a text."""
    utterance = Utterance()
    conversation.call.stream_tokens(utterance, text)
    return utterance


def result(conversation, piece, **data):
    """The result of a piece comes."""
    conversation.sends("tts:tokens-result", data={"id": piece["data"]["id"], **data})


class TestTokens:
    def test_accepted(self, conversation):
        """A piece is a command; the next one follows its result."""
        utterance = stream(conversation)
        stream(conversation, "Bye.")
        (piece,) = conversation.written()
        assert (piece["command"], piece["data"]["tokens"]) == ("tts:tokens", "Hello. ")
        result(conversation, piece, **OK)
        assert utterance.is_settled
        assert [message["data"]["tokens"] for message in conversation.written()] == ["Bye."]

    def test_ids_are_of_this_session(self, conversation):
        """A piece that another process has sent for the same call has another id: the session began otherwise."""
        stream(conversation)
        (piece,) = conversation.written()
        assert piece["data"]["id"].startswith("m1.")

    def test_retry(self, conversation):
        """A refused piece makes the call due, and is sent again then."""
        stream(conversation)
        (piece,) = conversation.written()
        result(conversation, piece, **FULL)
        assert conversation.call.due == conversation.call.now + RETRY_AFTER
        conversation.passes(1)
        assert conversation.written() == [piece]
        assert conversation.call.due == math.inf

    def test_live(self):
        """Before the call is live nothing is sent, as with all commands."""
        conversation = Conversation()
        conversation.begins()
        stream(conversation)
        assert conversation.written_at_once() == []
        conversation.call.send([Verb("config", ON)], current=None)
        assert [message["type"] for message in conversation.written_at_once()] == ["ack"]
        conversation.passes(0.1)
        assert [message["command"] for message in conversation.written_at_once()] == ["tts:tokens"]

    def test_flush_and_clear(self, conversation):
        """Both are commands of their own."""
        conversation.call.flush_tokens()
        assert [message["command"] for message in conversation.written()] == ["tts:flush", "tts:tokens"]
        seen = conversation.call.arrivals
        conversation.call.clear_tokens()
        assert [message["command"] for message in conversation.written()] == ["tts:clear"]
        assert conversation.call.arrivals > seen

    def test_clear_by_name(self, conversation):
        """The command sent by its name does the same."""
        utterance = stream(conversation)
        seen = conversation.call.arrivals
        conversation.written()
        conversation.call.command(Command("tts:clear"))
        assert [message["command"] for message in conversation.written()] == ["tts:clear"]
        assert utterance.interrupted
        assert conversation.call.arrivals > seen

    def test_interruption(self, conversation):
        """It ends what is being streamed, with nothing on its way too, and jambonz is told to be silent if need be."""
        begun = Utterance()
        conversation.call.begin_utterance(begun)
        ended = Utterance()
        conversation.call.begin_utterance(ended)
        conversation.call.end_utterance(ended)
        stream(conversation)
        conversation.written()
        conversation.sends("tts:streaming-event", data={"event_type": "user_interruption"})
        assert [message["command"] for message in conversation.written()] == ["tts:clear"]
        assert (begun.interrupted, ended.interrupted) == (True, False)

    def test_after_the_end(self, conversation):
        """Nothing is sent any more, and nobody is promised anything."""
        conversation.call.closed(1000, "")
        utterance = stream(conversation)
        conversation.call.flush_tokens()
        conversation.call.clear_tokens()
        conversation.call.open_stream()
        assert conversation.written() == []
        assert not utterance.interrupted

    def test_an_apology_is_heard(self, conversation):
        """When a handler has raised, what it has streamed is dropped on both sides."""
        utterance = stream(conversation)
        conversation.written()
        conversation.call.apologise(None, [say("Sorry.")])
        clear, apology = conversation.written()
        assert clear["command"] == "tts:clear"
        assert without_ids(apology["data"]) == [*wire(say("Sorry.")), *GOODBYE]
        assert utterance.interrupted

    def test_an_apology_without_a_stream(self):
        """Where none is open there is nothing to clear."""
        conversation = Conversation().begins_with(say())
        conversation.call.apologise(None, [])
        assert conversation.written() == [redirect(GOODBYE)]


class TestEvents:
    def test_streaming_events(self, conversation):
        """What happens to the stream can be waited for as always."""
        conversation.sends("tts:streaming-event", data={"event_type": "stream_paused"})
        event = conversation.call.take(["tts:stream_paused"])
        assert event is not None
        assert conversation.call.take(["tts:stream_paused"]) is None

    @pytest.mark.parametrize("name", ["tts:tokens-result", "*"])
    def test_own_results_for_who_listens(self, conversation, name):
        """The result of a piece of ours is an event for those who listen when it comes, once."""
        conversation.call.take(["tts:stream_open"])
        stream(conversation)
        (piece,) = conversation.written()
        conversation.call.begin_wait(frozenset({name}))
        result(conversation, piece, **OK)
        assert conversation.call.take([name]).data == {"id": piece["data"]["id"], "status": "ok"}
        assert conversation.call.take(["tts:tokens-result"]) is None

    def test_own_results_for_a_handler(self, conversation):
        """So it is where a handler is registered."""
        conversation.call.handle("tts:tokens-result")
        stream(conversation)
        result(conversation, *conversation.written(), **OK)
        assert conversation.call.take(["tts:tokens-result"]) is not None

    def test_own_results_are_not_kept(self, conversation):
        """There is one for each word of a model: they must not take the place of what somebody will wait for."""
        conversation.call.take(["*"])
        for _ in range(2_000):
            stream(conversation, "word ")
            result(conversation, *conversation.written(), **OK)
        assert len(conversation.call.mailbox) == 0
        assert conversation.said() == []

    @pytest.mark.parametrize("piece", [1, "mine", None])
    def test_results_of_others(self, conversation, piece):
        """Those of pieces that the application sends by their name are kept for it."""
        utterance = stream(conversation)
        conversation.call.command(Command("tts:tokens", {"id": piece, "tokens": "Hello."}))
        conversation.sends("tts:tokens-result", data={"id": piece, "status": "ok"})
        assert conversation.call.take(["tts:tokens-result"])["id"] == piece
        assert not utterance.is_settled


class TestOpening:
    def test_in_the_first_answer(self):
        """While the call waits for its first verbs, they are a config that opens the stream."""
        conversation = Conversation()
        asking = conversation.begins()
        conversation.call.open_stream()
        assert conversation.written() == [ack("m1", [{"verb": "config", **ON}])]
        assert not asking.is_open
        conversation.call.open_stream()
        assert conversation.written() == []

    def test_later(self):
        """Later it is a command, once."""
        conversation = Conversation().begins_with(say())
        conversation.call.open_stream()
        conversation.call.open_stream()
        assert conversation.written() == [{"type": "command", "command": "config", "data": ON}]

    def test_after_a_stand_in_for_the_first_answer(self):
        """Where that has been answered in the handler's place it is a command too."""
        conversation = Conversation()
        conversation.begins()
        conversation.passes(4)
        assert conversation.written() == [ack("m1", NEUTRAL)]
        conversation.call.open_stream()
        conversation.passes(0.1)
        assert [message["command"] for message in conversation.written()] == ["config"]

    @pytest.mark.parametrize(
        "opening",
        [
            lambda call: call.send([Verb("config", ON)], current=None),
            lambda call: call.send([say(), Verb("config", ON)], current=None, immediate=False),
            lambda call: call.send([Verb("say", {"stream": True})], current=None),
            lambda call: call.command(Command("config", ON)),
        ],
    )
    def test_opened_by_the_application(self, opening):
        """What the application opens need not be opened."""
        conversation = Conversation().begins_with(say())
        opening(conversation.call)
        conversation.written()
        conversation.call.open_stream()
        assert conversation.written() == []

    @pytest.mark.parametrize(
        "closing",
        [
            lambda c: c.sends("tts:streaming-event", data={"event_type": "stream_closed"}),
            lambda c: c.call.command(Command("config", {"ttsStream": {"enable": False}})),
            lambda c: c.call.send([Verb("config", {"ttsStream": {"enable": False}})], current=None),
            lambda c: [stream(c), result(c, *c.written(), status="failed", reason="connection to acme failed")],
        ],
    )
    def test_opened_anew(self, conversation, closing):
        """A stream that was closed, or has failed, is opened again."""
        closing(conversation)
        conversation.written()
        conversation.call.open_stream()
        assert [message["command"] for message in conversation.written()] == ["config"]

    def test_notify_events(self, conversation):
        """A command still counts for what else it says."""
        conversation.call.command(Command("config", {"notifyEvents": True}))
        conversation.call.command(Command("config", {"bargeIn": {"enable": False}}))
        assert conversation.call.notify_events


class TestStandIn:
    def test_action_hook(self):
        """A hook that was taken is answered at once: the queue stands still, and nobody is warned."""
        conversation = Conversation().begins_with(gather(), say("Behind."))
        asking = conversation.taken_end()
        conversation.call.stand_in(asking)
        assert conversation.written() == [ack(conversation.msgid, NEUTRAL)]
        assert conversation.said() == []
        conversation.call.stand_in(asking)
        assert conversation.written() == []
        conversation.call.answer(asking, [say("A late reply.")])
        assert conversation.written() == [redirect(wire(say("A late reply.")))]

    def test_without_a_reply(self):
        """If none comes, what stood behind is sent again."""
        conversation = Conversation().begins_with(gather(), say("Behind."))
        asking = conversation.taken_end()
        conversation.call.stand_in(asking)
        conversation.written()
        conversation.call.move_on(asking)
        assert conversation.written() == [redirect(wire(say("Behind.")))]

    def test_barge_in(self):
        """jambonz has nothing to go on with after a barge-in: it gets no verbs."""
        conversation = Conversation().begins_with(naming("/heard", HookKind.BARGE_IN))
        asking = conversation.taken("/heard")
        conversation.call.stand_in(asking)
        assert conversation.written() == [ack(conversation.msgid)]

    @pytest.mark.parametrize("kind", [HookKind.WAIT, HookKind.CONFIRM, HookKind.ENTER, HookKind.LEG_REPORT])
    def test_of_other_legs(self, kind):
        """What does not hold the call up may be answered while text is streamed."""
        conversation = Conversation().begins_with(naming("/hook", kind))
        msgid = conversation.asks(kind, "/hook")
        asking = conversation.take("/hook")
        conversation.call.stand_in(asking)
        assert conversation.written() == []
        conversation.call.answer(asking, [say()])
        assert conversation.written() == [ack(msgid, wire(say()))]


class TestDrops:
    def test_result_lost(self, conversation):
        """A piece whose result has not come when jambonz is back for a second is sent again."""
        utterance = stream(conversation)
        (piece,) = conversation.written()
        conversation.call.closed(1006, "")
        conversation.passes(3)
        stream(conversation, "Meanwhile.")
        conversation.reconnects()
        assert [message["type"] for message in conversation.written_at_once()] == ["ack"]
        conversation.passes(RETRY_AFTER)
        assert conversation.written() == [piece]
        result(conversation, piece, **OK)
        assert utterance.is_settled
        assert [message["data"]["tokens"] for message in conversation.written()] == ["Meanwhile."]

    def test_result_late(self, conversation):
        """The result comes behind session:reconnect."""
        stream(conversation)
        (piece,) = conversation.written()
        conversation.call.closed(1006, "")
        conversation.reconnects()
        conversation.written_at_once()
        result(conversation, piece, **OK)
        conversation.passes(5)
        assert conversation.written() == []

    def test_held_back(self, conversation):
        """What was held back goes out once."""
        conversation.call.closed(1006, "")
        stream(conversation)
        assert conversation.written_at_once() == []
        conversation.reconnects()
        assert [message["type"] for message in conversation.written_at_once()] == ["ack", "command"]
        conversation.passes(5)
        assert conversation.written() == []

    def test_held_back_before(self):
        """So does what was held back for another reason when the connection was lost."""
        conversation = Conversation(reconnect_timeout=15.0).begins_with(gather())
        asking = conversation.taken_end()
        conversation.call.answer(asking, [say()])
        stream(conversation)
        assert [message["type"] for message in conversation.written_at_once()] == ["ack"]
        conversation.call.closed(1006, "")
        conversation.reconnects()
        conversation.passes(5)
        assert [message.get("command") for message in conversation.written_at_once()] == [None, "tts:tokens"]

    def test_refused(self, conversation):
        """What was refused before the drop is not sent to nobody."""
        stream(conversation)
        (piece,) = conversation.written()
        result(conversation, piece, **FULL)
        conversation.call.closed(1006, "")
        conversation.passes(3)
        assert conversation.written_at_once() == []
        conversation.reconnects()
        conversation.passes(0)
        assert [message["type"] for message in conversation.written()] == ["ack", "command"]


def test_a_call_that_is_taken_over():
    """Whoever held it before may have opened the stream: a flush is not repeated when jambonz says that it is open."""
    conversation = Conversation()
    conversation.sends("session:reconnect", data={"call_sid": "call-1"})
    conversation.call.flush_tokens()
    conversation.sends("tts:streaming-event", data={"event_type": "stream_open"})
    conversation.passes(1)
    result_of = next(message for message in conversation.written() if message.get("command") == "tts:tokens")
    result(conversation, result_of, **OK)
    assert conversation.written() == []
