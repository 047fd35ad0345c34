"""Text on its way to jambonz, piece by piece. Any order of events: ``test_token_sender_machine.py``."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from jambonz_sync.protocol.token_sender import MOST_CHARACTERS, RETRY_AFTER, TokenSender, Utterance, units_of

FULL = {"status": "failed", "reason": "full"}
OK = {"status": "ok"}


class Stream:
    """A sender, and a jambonz that says what a test tells it to. The stream is connected, unless a test says not."""

    def __init__(self) -> None:
        self.sender = TokenSender()
        self.sender.prefix = "p"
        self.sender.is_connected = True
        self.now = 100.0

    def written(self) -> list[Any]:
        """What was written since the last look: the id and the text of pieces, the names of other commands."""
        messages = [json.loads(message) for message in self.sender.outbox]
        self.sender.outbox.clear()
        assert all(message["type"] == "command" for message in messages)
        return [
            (message["data"]["id"], message["data"]["tokens"])
            if message["command"] == "tts:tokens"
            else message["command"]
            for message in messages
        ]

    def adds(self, *texts: str) -> Utterance:
        """Somebody wants this to be spoken."""
        utterance = Utterance()
        for text in texts:
            self.sender.add(utterance, text)
        return utterance

    def result(self, number: int, **result: Any) -> str | None:
        """The result of a piece comes."""
        return self.sender.see_result({"id": f"p.{number}", **result}, self.now)

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.now += seconds
        self.sender.tick(self.now)


@pytest.fixture
def stream():
    return Stream()


class TestPieces:
    def test_one_at_a_time(self, stream):
        """The first text leaves at once; what is added meanwhile leaves as one piece when that has been accepted."""
        first = stream.adds("One. ")
        second = stream.adds("Two. ", "Three. ")
        third = stream.adds("Four.")
        assert stream.written() == [("p.1", "One. ")]
        stream.result(1, **OK)
        assert (first.text, first.is_settled, second.is_settled) == ("One. ", True, False)
        assert stream.written() == [("p.2", "Two. Three. Four.")]
        stream.result(2, **OK)
        assert (second.text, third.text) == ("Two. Three. ", "Four.")
        assert stream.written() == []
        assert stream.sender.due == math.inf

    @pytest.mark.parametrize("letter", ["x", "é", "€", "👋"])
    def test_long_text(self, stream, letter):
        """A piece has at most 1,000 UTF-16 units."""
        utterance = stream.adds(letter * 2_500)
        pieces = []
        for number in range(1, 100):
            pieces += [text for _, text in stream.written()]
            if utterance.is_settled:
                break
            stream.result(number, **OK)
        width = units_of(letter)
        assert [len(piece) for piece in pieces] == [1_000 // width] * (2_500 * width // 1_000) + [500] * (width == 1)
        assert utterance.text == "".join(pieces) == letter * 2_500

    def test_a_letter_is_not_cut_in_two(self, stream):
        """One of two units that does not fit is left for the next piece."""
        stream.adds("x" * 999 + "👋" + "y")
        assert stream.written() == [("p.1", "x" * 999)]
        stream.result(1, **OK)
        assert stream.written() == [("p.2", "👋y")]

    def test_a_letter_that_does_not_fit_behind_others(self, stream):
        """Nor is it left out when it begins a text."""
        stream.adds(".")
        stream.adds("x" * 999)
        stream.adds("👋")
        stream.written()
        stream.result(1, **OK)
        assert stream.written() == [("p.2", "x" * 999)]
        stream.result(2, **OK)
        assert stream.written() == [("p.3", "👋")]

    def test_mixed_letters(self, stream):
        """A piece is as long as it may be, wherever letters of two units stand in it."""
        text = "xx👋" * 400
        stream.adds(text)
        ((_, piece),) = stream.written()
        assert text.startswith(piece)
        assert units_of(piece) == MOST_CHARACTERS

    def test_nothing(self, stream):
        """An empty text is settled at once."""
        utterance = stream.adds("")
        assert utterance.is_settled
        assert stream.written() == []

    def test_ids(self, stream):
        """Only what was sent from here is owned."""
        assert [stream.sender.owns(name) for name in ("p.1", "p", "q.1", 1, None, ["p.1"])] == [True, *[False] * 5]


class TestFull:
    def test_resumed(self, stream):
        """A piece for which there is no room is sent again when there is; nothing goes before it."""
        stream.adds("One. ")
        stream.adds("Two. ")
        stream.sender.see_event("stream_paused")
        stream.result(1, **FULL)
        assert stream.written() == [("p.1", "One. ")]
        stream.sender.see_event("stream_resumed")
        assert stream.written() == [("p.1", "One. ")]
        assert stream.sender.due == math.inf
        stream.result(1, **OK)
        assert stream.written() == [("p.2", "Two. ")]

    def test_not_resumed(self, stream):
        """Nobody may say so: then it is sent again every second."""
        utterance = stream.adds("One. ")
        for _ in range(3):
            assert stream.written() == [("p.1", "One. ")]
            stream.result(1, **FULL)
            assert stream.sender.due == stream.now + RETRY_AFTER
            stream.passes(0.9)
            assert stream.written() == []
            stream.passes(0.1)
        stream.result(1, **OK)
        assert utterance.text == "One. "

    def test_resumed_for_nobody(self, stream):
        """That there is room is no reason to send what has not been refused."""
        stream.sender.see_event("stream_resumed")
        stream.adds("One. ")
        stream.written()
        stream.sender.see_event("stream_resumed")
        assert stream.written() == []

    def test_added_meanwhile(self, stream):
        """A piece stays what it is; what is added waits behind it."""
        stream.adds("One. ")
        stream.written()
        stream.result(1, **FULL)
        stream.adds("Two. ")
        stream.passes(1)
        assert stream.written() == [("p.1", "One. ")]


class TestFailing:
    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ({"status": "failed", "reason": "connection to acme failed"}, "connection to acme failed"),
            ({"status": "failed", "reason": "missing tokens"}, "missing tokens"),
            ({}, "there is no streamed speech for this call"),
            ({"status": "failed", "reason": ["?"]}, "there is no streamed speech for this call"),
        ],
    )
    def test_everybody_is_told(self, stream, result, reason):
        """What has not been accepted is dropped, and whoever waits for it is told why."""
        one, two = stream.adds("One. "), stream.adds("Two. ")
        writing = Utterance()
        stream.sender.begin(writing)
        stream.sender.flush()
        stream.written()
        assert stream.result(1, **result) == reason
        assert [utterance.failure for utterance in (one, two, writing)] == [reason] * 3
        assert not any(utterance.interrupted for utterance in (one, two, writing))
        assert stream.written() == []

    def test_after_that(self, stream):
        """What is added later is another matter."""
        old = stream.adds("One. ")
        stream.written()
        stream.result(1, status="failed", reason="connection to acme failed")
        stream.sender.add(old, "More. ")
        assert stream.written() == []
        new = stream.adds("Two. ")
        assert stream.written() == [("p.2", "Two. ")]
        assert stream.result(2, **OK) is None
        assert new.text == "Two. "

    @pytest.mark.parametrize("piece_id", ["p.2", "q.1", 1, None])
    def test_of_another_piece(self, stream, piece_id):
        """The result of a piece that is not on its way changes nothing."""
        utterance = stream.adds("One. ")
        stream.written()
        for result in (OK, FULL, {}):
            assert stream.sender.see_result({"id": piece_id, **result}, 0.0) is None
        assert not utterance.is_settled
        assert stream.sender.due == math.inf


class TestInterruption:
    def test_with_a_piece_on_its_way(self, stream):
        """What waits is dropped; what is on its way is followed by a clear, so that it is not spoken either."""
        one, two = stream.adds("One. "), stream.adds("Two. ")
        stream.written()
        stream.sender.see_event("user_interruption")
        assert stream.written() == ["tts:clear"]
        assert (one.interrupted, two.interrupted) == (True, True)
        stream.adds("Sure. ")
        assert stream.written() == [("p.2", "Sure. ")]
        # The late result of the dropped piece.
        stream.result(1, **FULL)
        assert stream.sender.due == math.inf
        stream.result(1, **OK)
        assert one.text == ""

    def test_with_nothing_on_its_way(self, stream):
        """jambonz has emptied its buffer: there is nothing to clear."""
        stream.sender.see_event("user_interruption")
        assert stream.written() == []

    def test_of_what_was_refused(self, stream):
        """Nor with a piece that jambonz has not got; the pause is forgotten."""
        stream.adds("One. ")
        stream.written()
        stream.result(1, **FULL)
        stream.sender.see_event("user_interruption")
        assert stream.written() == []
        assert stream.sender.due == math.inf
        stream.sender.see_event("stream_resumed")
        stream.adds("Sure. ")
        assert stream.written() == [("p.2", "Sure. ")]

    def test_of_what_is_sent_again(self, stream):
        """A refused piece that is on its way for the second time counts."""
        stream.adds("One. ")
        stream.result(1, **FULL)
        stream.passes(1)
        stream.written()
        stream.sender.see_event("user_interruption")
        assert stream.written() == ["tts:clear"]

    def test_between_two_words(self, stream):
        """It ends what is being written even when all of it so far has been accepted."""
        utterance = Utterance()
        stream.sender.begin(utterance)
        stream.sender.add(utterance, "One ")
        stream.result(1, **OK)
        assert utterance.is_settled
        stream.sender.see_event("user_interruption")
        stream.written()
        assert utterance.interrupted
        stream.sender.add(utterance, "two.")
        assert stream.written() == []
        assert utterance.text == "One "

    def test_after_the_end(self, stream):
        """What has been written, and accepted, has not been interrupted."""
        utterance = Utterance()
        stream.sender.begin(utterance)
        stream.sender.add(utterance, "One.")
        stream.sender.end(utterance)
        stream.result(1, **OK)
        stream.sender.see_event("user_interruption")
        assert not utterance.interrupted

    @pytest.mark.parametrize("event", ["stream_closed", "user_interruption"])
    def test_flush(self, stream, event):
        """A flush that waits is dropped too."""
        stream.adds("One. ")
        stream.sender.flush()
        stream.written()
        stream.sender.see_event(event)
        stream.written()
        stream.result(1, **OK)
        assert stream.written() == []

    def test_closed(self, stream):
        """The end of the stream is one, and there is nothing to clear any more."""
        utterance = stream.adds("One. ")
        stream.written()
        stream.sender.see_event("stream_closed")
        assert utterance.interrupted
        assert not stream.sender.is_connected
        assert stream.written() == []

    def test_cleared(self, stream):
        """Our own clear always goes out."""
        utterance = stream.adds("One. ")
        stream.sender.clear()
        assert stream.written() == [("p.1", "One. "), "tts:clear"]
        assert utterance.interrupted
        stream.sender.clear()
        assert stream.written() == ["tts:clear"]


class TestFlush:
    def test_behind_the_text(self, stream):
        """It goes out when what was added before has been accepted, with a space that makes it act at once."""
        stream.adds("One")
        stream.sender.flush()
        stream.adds("Two")
        assert stream.written() == [("p.1", "One")]
        stream.result(1, **OK)
        assert stream.written() == ["tts:flush", ("p.2", " ")]
        stream.result(2, **OK)
        assert stream.written() == [("p.3", "Two")]

    def test_texts_on_both_sides(self, stream):
        """They are not joined."""
        stream.adds(".")
        stream.adds("One")
        stream.sender.flush()
        stream.adds("Two")
        stream.written()
        stream.result(1, **OK)
        assert stream.written() == [("p.2", "One")]

    def test_with_nothing_before(self, stream):
        """It goes out at once."""
        stream.sender.flush()
        assert stream.written() == ["tts:flush", ("p.1", " ")]

    def test_twice(self, stream):
        """Twice is once."""
        stream.adds("One")
        stream.sender.flush()
        stream.sender.flush()
        stream.written()
        stream.result(1, **OK)
        stream.result(2, **OK)
        assert stream.written() == ["tts:flush", ("p.2", " ")]

    def test_refused(self, stream):
        """There may be no room even for the space."""
        stream.sender.flush()
        stream.written()
        stream.result(1, **FULL)
        stream.passes(1)
        assert stream.written() == [("p.1", " ")]

    def test_before_the_stream_is_connected(self, stream):
        """jambonz may forget it then: it is repeated when the stream is open, once."""
        stream.sender.is_connected = False
        stream.adds("One")
        stream.sender.flush()
        stream.result(1, **OK)
        assert stream.written() == [("p.1", "One"), "tts:flush", ("p.2", " ")]
        stream.sender.see_event("stream_open")
        stream.result(2, **OK)
        assert stream.written() == ["tts:flush", ("p.3", " ")]
        stream.result(3, **OK)
        stream.sender.see_event("stream_open")
        assert stream.written() == []

    @pytest.mark.parametrize("is_sent", [True, False])
    def test_before_more_text(self, stream, is_sent):
        """It is not repeated where it would cut a word in two."""
        stream.sender.is_connected = False
        stream.sender.flush()
        if is_sent:
            stream.result(1, **OK)
        stream.adds("On")
        stream.sender.see_event("stream_open")
        stream.result(1, **OK)
        assert stream.written() == ["tts:flush", ("p.1", " "), ("p.2", "On")]
        stream.result(2, **OK)
        assert stream.written() == []


class TestConnection:
    def test_result_lost(self, stream):
        """A piece whose result has not come a second after jambonz is back is sent again under the same id."""
        utterance = stream.adds("One. ")
        stream.written()
        stream.sender.connection_lost([])
        assert stream.sender.due == math.inf
        stream.passes(10)
        stream.sender.connection_resumed(stream.now)
        stream.passes(0.9)
        assert stream.written() == []
        stream.passes(0.1)
        assert stream.written() == [("p.1", "One. ")]
        assert stream.sender.due == math.inf
        stream.result(1, **OK)
        assert utterance.text == "One. "
        # Both have arrived.
        stream.result(1, **OK)
        assert utterance.text == "One. "

    def test_flush_lost(self, stream):
        """Where the space behind a flush may be lost, the flush may be too."""
        stream.sender.flush()
        stream.written()
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now)
        stream.passes(1)
        assert stream.written() == ["tts:flush", ("p.1", " ")]

    def test_result_late(self, stream):
        """jambonz says what it could not say meanwhile: then it is not sent again."""
        stream.adds("One. ")
        stream.written()
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now)
        stream.result(1, **OK)
        stream.passes(5)
        assert stream.written() == []

    def test_not_written(self, stream):
        """A piece that has been held back reaches jambonz when it is back, once."""
        stream.adds("One. ")
        stream.sender.connection_lost(stream.sender.outbox)
        stream.written()
        stream.sender.connection_resumed(stream.now)
        stream.passes(5)
        assert stream.written() == []

    def test_added_meanwhile(self, stream):
        """So does one that was added while there was no connection."""
        stream.sender.connection_lost([])
        stream.adds("One. ")
        assert stream.written() == [("p.1", "One. ")]
        stream.sender.connection_resumed(stream.now)
        stream.passes(5)
        assert stream.written() == []

    def test_refused_before(self, stream):
        """A piece that jambonz has refused is sent again when that is due."""
        stream.adds("One. ")
        stream.result(1, **FULL)
        stream.written()
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now + 5)
        stream.passes(5)
        assert stream.written() == [("p.1", "One. ")]

    def test_full_after_all(self, stream):
        """The result that comes late may be a refusal."""
        stream.adds("One. ")
        stream.written()
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now)
        stream.result(1, **FULL)
        stream.passes(1)
        assert stream.written() == [("p.1", "One. ")]
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now)
        stream.passes(1)
        assert stream.written() == [("p.1", "One. ")]

    def test_nothing_on_its_way(self, stream):
        """Then nothing is due."""
        stream.sender.connection_lost([])
        stream.sender.connection_resumed(stream.now)
        assert stream.sender.due == math.inf
        stream.passes(5)
        assert stream.written() == []
