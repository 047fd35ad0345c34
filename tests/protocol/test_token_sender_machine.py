"""Streamed text, whatever comes: every character is accepted once and in order, until an interruption.

The peer has room for 1,000 units. It refuses what is too much, pauses, may forget to say that there is room again, is
interrupted, and loses the connection with messages on their way in both directions.
"""

from __future__ import annotations

import itertools
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jambonz_sync.protocol.token_sender import RETRY_AFTER, TokenSender, Utterance, units_of

ROOM = 1_000
LOW_WATER = 200


class Peer:
    """A jambonz that takes what there is room for."""

    def __init__(self) -> None:
        #: What it has to say.
        self.says: list[dict[str, Any]] = []
        #: The number and text of every piece it has accepted, in order.
        self.accepted: list[tuple[int, str]] = []
        #: How many pieces it had accepted when a flush came.
        self.flushes: list[int] = []
        #: How much text waits to be spoken, of which pieces.
        self.buffer: list[tuple[int, int]] = []
        self.is_paused = False

    @property
    def size(self) -> int:
        return sum(size for _, size in self.buffer)

    def take(self, message: dict[str, Any]) -> None:
        """A command has come."""
        if message["command"] == "tts:clear":
            self.empty()
        elif message["command"] == "tts:flush":
            self.flushes.append(len(self.accepted))
        else:
            piece_id, tokens = message["data"]["id"], message["data"]["tokens"]
            size = units_of(tokens)
            assert 0 < size <= ROOM
            if self.size + size <= ROOM:
                number = int(piece_id.rpartition(".")[2])
                self.accepted.append((number, tokens))
                self.buffer.append((number, size))
                self.says.append({"id": piece_id, "status": "ok"})
                return
            if not self.is_paused:
                self.is_paused = True
                self.says.append({"event": "stream_paused"})
            self.says.append({"id": piece_id, "status": "failed", "reason": "full"})

    def speak(self, pieces: int, forgets: bool) -> None:
        """Some of the text has been sent to the vendor."""
        del self.buffer[:pieces]
        if self.is_paused and self.size <= LOW_WATER:
            self.is_paused = False
            if not forgets:
                self.says.append({"event": "stream_resumed"})

    def empty(self) -> None:
        self.buffer.clear()
        self.is_paused = False


class SenderMachine(RuleBasedStateMachine):
    """An application that streams, a peer, and a connection between them that may break."""

    def __init__(self) -> None:
        super().__init__()
        self.sender = TokenSender()
        self.peer = Peer()
        self.now = 100.0
        self.connected = True
        # Whether commands are held back, as they are for a moment behind an ack.
        self.held_back = False
        self.unwritten: list[str] = []
        self.up: list[str] = []
        self.down: list[dict[str, Any]] = []
        self.words = itertools.count(1)
        self.open: list[tuple[Utterance, list[str]]] = []
        self.closed: list[tuple[Utterance, list[str]]] = []
        # What was added since the application last dropped everything, and the number of the first piece since then.
        self.added = ""
        self.first = 1
        self.newest = 0
        self.drops = 0
        # Whether what was dropped may be spoken: a clear was lost, or does nothing since the stream is closed.
        self.spoken_on = False
        self.wants_flush = False
        self.begin()

    # The wires

    def write(self) -> None:
        messages, self.sender.outbox = self.sender.outbox, []
        for text in messages:
            message = json.loads(text)
            if message["command"] == "tts:tokens":
                number = int(message["data"]["id"].rpartition(".")[2])
                assert number >= self.newest, "a piece behind a later one"
                self.newest = number
        self.unwritten += messages
        self.release()

    def release(self) -> None:
        if self.connected and not self.held_back:
            self.up += self.unwritten
            self.unwritten = []

    def hear(self, said: dict[str, Any]) -> None:
        if "event" in said:
            self.sender.see_event(said["event"])
            if said["event"] in ("user_interruption", "stream_closed"):
                self.everything_is_dropped()
        else:
            assert self.sender.see_result(said, self.now) is None
        self.write()

    def everything_is_dropped(self) -> None:
        assert all(utterance.interrupted for utterance, _ in self.open)
        self.closed += self.open
        self.open = []
        self.added = ""
        self.wants_flush = False
        self.first = self.newest + 1

    def exchange(self) -> None:
        """Let everything that is on its way arrive."""
        while self.up or self.down or (self.connected and self.peer.says):
            while self.up:
                self.peer.take(json.loads(self.up.pop(0)))
            self.down += self.peer.says
            self.peer.says = []
            while self.down:
                self.hear(self.down.pop(0))

    # What the application does

    @rule()
    def begin(self) -> None:
        """Somebody begins to stream."""
        utterance = Utterance()
        self.sender.begin(utterance)
        self.open.append((utterance, []))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), length=st.sampled_from([0, 1, 3, 10, 300, 999, 1_000, 1_001, 2_500]))
    def add(self, data: st.DataObject, length: int) -> None:
        """Somebody has more to say."""
        utterance, texts = data.draw(st.sampled_from(self.open))
        number = next(self.words)
        text = (f"{number}👋" * (length // 3 + 1))[:length]
        waiting = utterance.waiting
        self.sender.add(utterance, text)
        assert utterance.waiting == waiting + units_of(text)
        texts.append(text)
        self.added += text
        if text:
            self.wants_flush = False
        self.write()

    @rule()
    def flush(self) -> None:
        """The last words are to be spoken."""
        self.sender.flush()
        self.wants_flush = True
        self.write()

    @rule(chance=st.integers(0, 9))
    def clear(self, chance: int) -> None:
        """The application wants silence."""
        if chance == 0:
            self.sender.clear()
            self.everything_is_dropped()
            self.write()

    # What the peer does

    @precondition(lambda self: self.up)
    @rule(count=st.integers(1, 3))
    def commands_arrive(self, count: int) -> None:
        """Some of what is on its way reaches the peer."""
        for text in self.up[:count]:
            self.peer.take(json.loads(text))
        del self.up[:count]

    @precondition(lambda self: self.connected and (self.peer.says or self.down))
    @rule(count=st.integers(1, 3))
    def news_arrives(self, count: int) -> None:
        """Some of what the peer has to say reaches the application."""
        self.down += self.peer.says
        self.peer.says = []
        for said in self.down[:count]:
            self.hear(said)
        del self.down[:count]

    @rule()
    def round_trip(self) -> None:
        """All of it does."""
        if self.connected:
            self.exchange()

    @rule(pieces=st.integers(1, 5), forgets=st.booleans())
    def speaks(self, pieces: int, forgets: bool) -> None:
        """Room is made."""
        self.peer.speak(pieces, forgets)

    @rule(event=st.sampled_from(["user_interruption", "user_interruption", "stream_closed"]), chance=st.integers(0, 2))
    def is_interrupted(self, event: str, chance: int) -> None:
        """The caller barges in, or the stream is closed."""
        if chance == 0:
            self.peer.empty()
            self.peer.says.append({"event": event})
            self.spoken_on = self.spoken_on or event == "stream_closed"

    @rule()
    def is_opened(self) -> None:
        """The stream is opened, perhaps again."""
        self.peer.says.append({"event": "stream_open"})

    # The connection

    @precondition(lambda self: self.connected)
    @rule(up=st.integers(0, 3), down=st.integers(0, 3))
    def drops(self, up: int, down: int) -> None:
        """The connection breaks; some of what is on its way arrives still."""
        self.connected = False
        # Only what is on its way, or its result, can be in doubt.
        self.drops += any('"tts:tokens"' in text for text in self.up) or any("id" in said for said in self.said())
        self.commands_arrive_before(up)
        for said in self.down[:down]:
            self.hear(said)
        lost = self.down[down:]
        self.down = [said for said in lost if "event" in said]
        self.up = []
        self.sender.connection_lost(self.unwritten)
        self.write()

    def said(self) -> list[dict[str, Any]]:
        return [*self.down, *self.peer.says]

    def commands_arrive_before(self, count: int) -> None:
        for text in self.up[:count]:
            self.peer.take(json.loads(text))
        self.spoken_on = self.spoken_on or any('"tts:clear"' in text for text in self.up[count:])

    @precondition(lambda self: not self.connected)
    @rule()
    def resumes(self) -> None:
        """The peer is back, and says what it could not say meanwhile."""
        self.connected = True
        self.sender.connection_resumed(self.now)
        self.release()

    @rule()
    def is_held_back(self) -> None:
        """Commands have to wait for a moment."""
        self.held_back = not self.held_back
        self.release()

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0]))
    def time_passes(self, seconds: float) -> None:
        """Time goes by."""
        until = self.now + seconds
        while self.connected and self.sender.due <= until:
            before = self.sender.due
            self.now = max(self.now, before)
            self.sender.tick(self.now)
            assert self.sender.due > before, "a tick left undone what was due"
            self.write()
        self.now = until

    # What holds at any time

    def kept(self) -> list[tuple[int, str]]:
        """What the peer has accepted since everything was dropped; a piece that was repeated counts once."""
        pieces = [piece for piece in self.peer.accepted if piece[0] >= self.first]
        return [piece for piece, before in zip(pieces, [None, *pieces], strict=False) if piece != before]

    @invariant()
    def in_order(self) -> None:
        """What the peer has accepted is the beginning of what was added; pieces are repeated for a drop only."""
        numbers = [number for number, _ in self.kept()]
        assert numbers == sorted(set(numbers)), "out of order, or repeated after a later piece"
        text = "".join(text for _, text in self.kept())
        assert self.added.replace(" ", "").startswith(text.replace(" ", ""))
        assert len(self.peer.accepted) - len({number for number, _ in self.peer.accepted}) <= self.drops

    @invariant()
    def nothing_more_than_was_accepted(self) -> None:
        """An utterance knows what of it was accepted, which is never more than was added."""
        for utterance, texts in (*self.open, *self.closed):
            assert "".join(texts).startswith(utterance.text)

    def teardown(self) -> None:
        """Nothing is stuck: with a peer that speaks, every wait ends, and all has been accepted."""
        self.held_back = False
        if not self.connected:
            self.resumes()
        self.release()
        self.exchange()
        old = [number for number, _ in self.peer.buffer if number < self.first]
        assert self.spoken_on or not old, "the peer goes on to speak what was interrupted"
        for _ in range(200):
            self.release()
            self.exchange()
            # A peer that never says that there is room again.
            self.peer.speak(1, True)
            self.time_passes(RETRY_AFTER)
            if not self.up and all(utterance.is_settled for utterance, _ in self.open) and not self.sender._waiting:
                break
        self.exchange()
        for utterance, texts in self.open:
            assert utterance.is_settled, "somebody waits for ever"
            assert utterance.text == "".join(texts)
        self.in_order()
        assert "".join(text for _, text in self.kept()).replace(" ", "") == self.added
        if self.wants_flush:
            words = [place for place, (_, text) in enumerate(self.peer.accepted, 1) if text.strip()]
            assert max(self.peer.flushes, default=-1) >= max(words, default=0), "the last word is never spoken"


TestSender = SenderMachine.TestCase
TestSender.settings = settings(
    max_examples=int(os.environ.get("CALL_MACHINE_EXAMPLES", "150")),
    stateful_step_count=int(os.environ.get("CALL_MACHINE_STEPS", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestSender = pytest.mark.timeout(0)(TestSender)
