"""The text that waits to be spoken."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.token_buffer import HIGH_WATER, TokenBuffer


def filled(*tokens: str) -> TokenBuffer:
    buffer = TokenBuffer()
    for token in tokens:
        buffer.add(token)
    return buffer


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("It rains", ""),
        ("It rains.", "It rains."),
        ("It rains. And", "It rains."),
        ("It rains! It pours? Yes", "It rains! It pours?"),
        ("It rains.And", ""),
        ("Version 3. And", ""),
        ("Version 3.5 is out", ""),
        ("Is it 7? No", ""),
        ("هل تمطر؟ نعم", "هل تمطر؟"),
        ("یہ بارش ہے\N{ARABIC FULL STOP} اور", "یہ بارش ہے\N{ARABIC FULL STOP}"),
        ("雨です。まだ", "雨です。"),
        ("7時\N{FULLWIDTH EXCLAMATION MARK}まだ", "7時\N{FULLWIDTH EXCLAMATION MARK}"),
        ("A heading\n\nand", "A heading\n\n"),
        ("A heading\nand", ""),
        (" . And", ""),
        ("7\n\nand", "7\n\n"),
    ],
)
def test_sentences(text, sent):
    """A sentence ends with its mark before white space or the end, unless a digit precedes, or with an empty line."""
    assert filled(text).take_sentences() == sent


@pytest.mark.parametrize(("text", "sent"), [("It is", "It"), ("It is  ", "It is"), ("It", ""), (" It", "")])
def test_words(text, sent):
    """Words go out up to the last white space, which stays."""
    buffer = filled(text)
    assert buffer.take_words() == sent
    assert buffer.size == len(text) - len(sent)


def test_white_space_alone():
    """White space is dropped where nothing is in front of it."""
    assert filled(" ", "\n\n").is_empty
    assert filled("It", " ", "is ").take_words() == "It is"


def test_room():
    """There is room for 1,000 UTF-16 units, of which some characters are two."""
    buffer = filled("a" * (HIGH_WATER - 2))
    assert buffer.has_room_for("\N{GRINNING FACE}")
    assert not buffer.has_room_for("a\N{GRINNING FACE}")
    assert not TokenBuffer().has_room_for("a" * (HIGH_WATER + 1))


def test_flush():
    """A flush is for what is in front of it."""
    buffer = filled("It")
    buffer.flush()
    buffer.flush()
    buffer.add("rains")
    buffer.flush()
    buffer.add("now")
    assert buffer.size == 10
    assert buffer.take_flushed() == ["It", "rains"]
    assert buffer.take_flushed() == []
    assert buffer.size == 3


def test_flush_of_nothing():
    """A flush that waits in an empty buffer is taken too, and once."""
    buffer = TokenBuffer()
    buffer.flush()
    buffer.flush()
    assert not buffer.is_empty
    assert buffer.take_flushed() == [""]
    assert buffer.is_empty


def test_clear():
    """A cleared buffer is as new."""
    buffer = filled("It rains")
    buffer.flush()
    buffer.is_full = True
    buffer.clear()
    assert buffer.is_empty
    assert not buffer.is_full
