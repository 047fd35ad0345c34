"""A language model on the phone: thousands of words over a real socket, against a jambonz that makes it hard."""

from __future__ import annotations

import itertools
import threading

import pytest

from jambonz_sync.protocol.token_sender import MOST_CHARACTERS, units_of

WORDS = [f"wörd{number} 👋 " for number in range(5_000)]


class Peer:
    """The stream of a jambonz whose vendor speaks slowly: it has room for 1,000 units, refuses more, and pauses.

    There is room again right after that, which it forgets to say the tenth time, and now and then after that.
    """

    def __init__(self, jambonz):
        self.jambonz = jambonz
        self.accepted = []
        self.refused = 0
        self.most_at_once = 0
        self.flushed_at = None
        self._size = 0
        self._paused = False
        self._resumes = itertools.cycle([*[True] * 9, False, *[True] * 40])

    @property
    def text(self):
        return "".join(self.accepted)

    def take_one(self):
        """Take the next command, and say what there is to say of it. Return its name."""
        message = self.jambonz.receive()
        assert message["type"] == "command", message
        if message["command"] == "tts:flush":
            self.flushed_at = len(self.text)
            self._size = 0
        elif message["command"] == "tts:tokens":
            self._take_piece(message["data"])
        return message["command"]

    def _take_piece(self, data):
        size = units_of(data["tokens"])
        assert 0 < size <= MOST_CHARACTERS
        self.most_at_once = max(self.most_at_once, size)
        if self._size + size > MOST_CHARACTERS:
            self.refused += 1
            if not self._paused:
                self._paused = True
                self.event("stream_paused")
            self.jambonz.send("tts:tokens-result", {"id": data["id"], "status": "failed", "reason": "full"})
            # Room is made; whether it says so or not, the piece must come again.
            self._size = 0
            self._paused = False
            if next(self._resumes):
                self.event("stream_resumed")
            return
        self._size += size
        self.accepted.append(data["tokens"])
        self.jambonz.send("tts:tokens-result", {"id": data["id"], "status": "ok"})

    def event(self, kind):
        self.jambonz.send("tts:streaming-event", {"event_type": kind})


@pytest.fixture
def call(app):
    """A call that streams 5,000 words, and what became of its iterator."""
    closed = threading.Event()

    def words():
        try:
            yield from WORDS
        finally:
            closed.set()

    @app.answer
    def answer(session):
        session.config(tts_stream={"enable": True}).send()
        said = session.stream_tts(words())
        assert closed.is_set()
        app.told.put(said)
        session.wait_for("/never")

    app.log.allow("'/never'")
    with app.call() as jambonz:
        jambonz.expect_ack()
        peer = Peer(jambonz)
        peer.event("stream_open")
        yield app, peer


def test_every_word_is_accepted(call):
    """All of it arrives, each word once and in order, in pieces that are long when the way is slow."""
    app, peer = call
    while peer.flushed_at is None:
        peer.take_one()
    assert peer.text == "".join(WORDS)
    assert peer.flushed_at == len(peer.text)
    assert peer.refused > 10
    assert peer.most_at_once > 500
    assert peer.take_one() == "tts:tokens"
    said = app.hears()
    assert (said.text, said.interrupted) == ("".join(WORDS), False)


def test_interrupted(call):
    """After a barge-in in the middle of it nothing more comes; what was accepted is known."""
    app, peer = call
    while len(peer.text) < 20_000:
        peer.take_one()
    peer.event("user_interruption")
    said = app.hears()
    assert said.interrupted
    # What was on its way may have been accepted, but the clear behind it takes care of that.
    before = len(peer.text)
    peer.jambonz.send("session:adulting", peer.jambonz.facts())
    behind = []
    while (message := peer.jambonz.receive())["type"] == "command":
        behind.append(message)
    assert [message["command"] for message in behind] in ([], ["tts:clear"], ["tts:tokens", "tts:clear"])
    assert peer.text == "".join(WORDS)[:before]
    assert peer.text.startswith(said.text)


def test_the_connection_drops(call):
    """A piece that was on its way when the connection dropped is sent again on the next one; no word is missing."""
    app, peer = call
    app.log.allow("connection lost")
    while len(peer.text) < 10_000:
        peer.take_one()
    lost = peer.jambonz.receive()["data"]
    call_sid = peer.jambonz.call_sid
    peer.jambonz.drop()
    peer.jambonz = app.connect(call_sid=call_sid)
    peer.jambonz.session_new(kind="session:reconnect")
    peer.jambonz.expect_ack()
    # Neither the piece nor its result has arrived.
    again = peer.jambonz.receive()["data"]
    assert again == lost
    peer._take_piece(again)
    while peer.flushed_at is None:
        peer.take_one()
    assert peer.text == "".join(WORDS)
    assert app.hears().text == peer.text
    peer.jambonz.hang_up()
