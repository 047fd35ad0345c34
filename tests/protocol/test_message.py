"""The envelopes: one JSON object per message, in and out."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.exceptions import InvalidCommand, MessageTooBig
from jambonz_sync.protocol.message import (
    ACKED_TYPES,
    MAX_MESSAGE_BYTES,
    UNACKED_TYPES,
    BadMessage,
    Message,
    encode,
    parse,
)

# In


def test_parse_all_keys():
    """Every key of the envelope is read."""
    raw = json.dumps(
        {"type": "verb:hook", "msgid": "m1", "call_sid": "c1", "hook": "/a", "data": {"x": 1}, "b3": "0-0-1"}
    )
    assert parse(raw) == Message("verb:hook", "m1", "c1", "/a", {"x": 1}, "0-0-1")


def test_parse_needs_only_a_type():
    """All other keys may be missing, and data is a dict then."""
    assert parse('{"type": "call:status"}') == Message("call:status", None, None, None, {}, None)


@pytest.mark.parametrize("value", ["null", "1", "[]", '""', "{}"])
def test_parse_keys_of_a_wrong_type_are_missing(value):
    """A key that is no text, or an empty one, counts as missing."""
    message = parse(f'{{"type": "call:status", "msgid": {value}, "call_sid": {value}, "hook": {value}, "b3": {value}}}')
    assert (message.msgid, message.call_sid, message.hook, message.b3) == (None, None, None, None)


@pytest.mark.parametrize("value", ["null", "1", '"x"', "[1]"])
def test_parse_data_of_a_wrong_type_is_empty(value):
    """Data that is no object counts as an empty one."""
    assert parse(f'{{"type": "call:status", "data": {value}}}').data == {}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"type": "call:status"}', "is binary"),
        ("", "is not JSON"),
        ("hello", "is not JSON"),
        ('{"type": "call:status"', "is not JSON"),
        ("[" * 100_000, "is nested too deeply"),
        ("[]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('"type"', "is not a JSON object"),
        ("{}", "has no type"),
        ('{"type": null}', "has no type"),
        ('{"type": ""}', "has no type"),
        ('{"type": ["verb:hook"]}', "has no type"),
        ('{"type": "call:status", "msgid": "' + "m" * 101 + '"}', "has a msgid that cannot be repeated"),
        ('{"type": "call:status", "msgid": "' + "ä" * 51 + '"}', "has a msgid that cannot be repeated"),
    ],
)
def test_parse_refuses_what_cannot_be_read(raw, fault):
    """What is no message is refused with the rest of a sentence that says why."""
    with pytest.raises(BadMessage, match=f"^{fault}"):
        parse(raw)


@pytest.mark.parametrize("kind", sorted(ACKED_TYPES))
def test_parse_refuses_a_question_that_cannot_be_answered(kind):
    """A message that wants an ack needs a msgid."""
    with pytest.raises(BadMessage, match="wants an ack but has no msgid"):
        parse(json.dumps({"type": kind, "data": {}}))


def test_parse_msgid_of_the_longest_length():
    """A msgid of 100 bytes is still repeated."""
    assert parse('{"type": "verb:hook", "msgid": "' + "m" * 100 + '"}').msgid == "m" * 100


def test_parse_msgid_that_utf8_cannot_carry():
    """A msgid with half a surrogate pair cannot be repeated, so the message is refused rather than left unanswered."""
    with pytest.raises(BadMessage):
        parse('{"type": "verb:hook", "msgid": "\\ud800"}')


def test_types_are_acked_or_not():
    """No type is in both tables."""
    assert not ACKED_TYPES & UNACKED_TYPES


# Out


def test_encode_is_compact():
    """There is no white space between the parts of a message."""
    assert encode({"type": "ack", "msgid": "m1", "data": [{"verb": "hangup"}]}) == (
        '{"type":"ack","msgid":"m1","data":[{"verb":"hangup"}]}'
    )


def test_encode_writes_letters_as_they_are():
    """Letters outside ASCII are not escaped: the limit counts bytes."""
    assert encode({"text": "Grüße 👋"}) == '{"text":"Grüße 👋"}'


def filled(size: int, letter: str = "x") -> dict[str, str]:
    """An envelope of exactly this many bytes."""
    room = size - len('{"t":""}')
    count, rest = divmod(room, len(letter.encode()))
    return {"t": letter * count + "x" * rest}


def test_limit():
    """The limit is the one of jambonz."""
    assert MAX_MESSAGE_BYTES == 24_576


@pytest.mark.parametrize("letter", ["x", "ü", "€", "👋"])
def test_encode_message_of_exactly_the_limit(letter):
    """A message of 24,576 bytes is written, however many letters that is."""
    assert len(encode(filled(24_576, letter)).encode()) == 24_576


@pytest.mark.parametrize("letter", ["x", "ü", "€", "👋"])
def test_encode_one_byte_more(letter):
    """One byte more is refused, and the error says how many there were."""
    with pytest.raises(MessageTooBig, match="24,577") as caught:
        encode(filled(24_577, letter))
    assert (caught.value.size, caught.value.limit) == (24_577, 24_576)


def test_encode_counts_bytes_not_letters():
    """A text short enough in letters and too long in bytes is refused."""
    with pytest.raises(MessageTooBig):
        encode({"t": "€" * 8_200})


def cyclic() -> dict[str, object]:
    envelope: dict[str, object] = {}
    envelope["data"] = envelope
    return envelope


def deep() -> dict[str, object]:
    envelope: dict[str, object] = {}
    for _ in range(100_000):
        envelope = {"data": envelope}
    return envelope


@pytest.mark.parametrize(
    "envelope",
    [{"data": float("nan")}, {"data": float("inf")}, {"data": object()}, {"data": {1, 2}}, {"data": b"x"}, cyclic()],
    ids=["nan", "inf", "object", "set", "bytes", "cyclic"],
)
def test_encode_refuses_what_is_no_json(envelope):
    """What JSON cannot carry is refused, with the cause chained."""
    with pytest.raises(InvalidCommand, match="cannot be sent as JSON") as caught:
        encode(envelope)
    assert caught.value.__cause__ is not None


def test_encode_refuses_what_is_nested_too_deeply():
    """A structure without end in sight is refused."""
    with pytest.raises(InvalidCommand):
        encode(deep())


def test_encode_refuses_half_a_surrogate_pair():
    """Text that UTF-8 cannot carry is refused."""
    with pytest.raises(InvalidCommand):
        encode({"t": "\ud800"})
