from __future__ import annotations

import json
from typing import Any

import pytest

from jambonz_sync.redaction import breaks_lines, masked, one_line, redacted

LONG = "x" * 10_000


def shown(message: Any) -> Any:
    """What is shown of a message, parsed again."""
    return json.loads(redacted(json.dumps(message)))


def test_an_ordinary_message_is_shown_as_it_is() -> None:
    """Short and without secrets: the same, compact, and readable beyond ASCII."""
    text = (
        '{"type": "ack", "msgid": "m1", "data": [{"verb": "say", "text": "Gr\\u00fc\\u00df dich"}, 1, null, true, 0.5]}'
    )
    assert redacted(text) == (
        '{"type":"ack","msgid":"m1","data":[{"verb":"say","text":"Gr\u00fc\u00df dich"},1,null,true,0.5]}'
    )


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "Password",
        "apiKey",
        "api_key",
        "API-KEY",
        "Authorization",
        "proxy-authorization",
        "authToken",
        "secretAccessKey",
        "access_key_id",
        "token",
        "secret",
        "credentials",
    ],
)
@pytest.mark.parametrize("value", ["hunter2", {"a": "hunter2"}, ["hunter2"], 42, ""])
def test_secrets_are_masked(key: str, value: Any) -> None:
    """At any depth, in any spelling, whatever the value is."""
    message = {"data": [{"llmOptions": {key: value, "model": "m"}}], key: value}
    assert shown(message) == {"data": [{"llmOptions": {key: "***", "model": "m"}}], key: "***"}


@pytest.mark.parametrize(
    "key",
    [
        "client_secret",
        "clientSecret",
        "secretKey",
        "accessKey",
        "contextToken",
        "access_token",
        "sessionToken",
        "ttsApiKey",
        "sttApiKey",
        "x-api-key",
        "user_password",
    ],
)
def test_compound_secrets_are_masked(key: str) -> None:
    """Longer names, as vendors and the verbs themselves have them."""
    assert shown({"data": {key: "hunter2"}}) == {"data": {key: "***"}}


@pytest.mark.parametrize("key", ["tokens", "text", "max_tokens", "maxTokens", "author", "key", "passthrough", "env"])
def test_other_keys_are_shown(key: str) -> None:
    """Names that only look like secrets."""
    assert shown({key: "harmless"}) == {key: "harmless"}


def test_application_variables_are_masked() -> None:
    """Their names are shown, their values are not, since any may be a password."""
    assert shown({"data": {"env_vars": {"DB": "postgres://u:p@h", "N": 5}}}) == {
        "data": {"env_vars": {"DB": "***", "N": "***"}}
    }
    assert shown({"env_vars": None}) == {"env_vars": None}


def test_the_raw_invite_is_left_out() -> None:
    """The parsed headers say the same; its Authorization header would be shown."""
    sip = {"raw": "INVITE sip:x\r\nAuthorization: Digest ...", "body": "v=0", "headers": {"Authorization": "Digest"}}
    assert shown({"data": {"sip": sip}}) == {
        "data": {"sip": {"raw": "\u2026", "body": "\u2026", "headers": {"Authorization": "***"}}}
    }
    assert shown({"body": ""}) == {"body": ""}


def test_long_texts_are_cut() -> None:
    """At 200 characters, with their length."""
    assert shown({"text": LONG}) == {"text": "x" * 200 + "\u2026 (10,000 characters)"}
    assert shown({"text": "x" * 200}) == {"text": "x" * 200}


def test_long_messages_are_cut() -> None:
    """At 2,000 characters, with their length."""
    line = redacted(json.dumps(["x" * 100] * 100))
    assert len(line) < 2_050
    assert line.endswith("\u2026 (10,301 characters)")


@pytest.mark.parametrize("text", ["", "hello", "{", "b'\\x00'", "[" * 100_000])
def test_what_is_no_json_is_cut(text: str) -> None:
    """It is shown as it is, at most 200 characters of it."""
    line = redacted(text)
    assert line.startswith(text[:200])
    assert len(line) < 250


def test_a_message_that_is_no_object() -> None:
    """Any JSON will do."""
    assert redacted("5") == "5"
    assert redacted('"text"') == '"text"'
    assert redacted("[]") == "[]"


# What is recorded


def test_masked_cuts_nothing() -> None:
    """A text stays whole, however long, and so does a body; secrets are masked as in the log."""
    data = [{"text": LONG, "body": LONG, "apiKey": "hunter2"}]
    message = {"data": data, "env_vars": {"A": "b"}, "raw": "INVITE", "n": 1.5}
    assert masked(json.dumps(message)) == {
        "data": [{"text": LONG, "body": LONG, "apiKey": "***"}],
        "env_vars": {"A": "***"},
        "raw": "\u2026",
        "n": 1.5,
    }


def test_masked_twice() -> None:
    """What is masked stays as it is."""
    once = masked(json.dumps({"password": "hunter2", "env_vars": {"A": 1}, "body": "v=0"}))
    assert masked(json.dumps(once)) == once


@pytest.mark.parametrize(("text", "error"), [("hello", ValueError), ("[" * 100_000, RecursionError)])
def test_masked_is_for_json(text: str, error: type[Exception]) -> None:
    """What is none cannot be judged."""
    with pytest.raises(error):
        masked(text)


# Addresses


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("wss://jambonz:hunter2@example.com/calls", "wss://jambonz:***@example.com/calls"),
        ("https://:hunter2@example.com", "https://:***@example.com"),
        ("see http://a:b@c/ and http://d:e@f/", "see http://a:***@c/ and http://d:***@f/"),
        ("wss://example.com:8080/calls?at=9:30@noon", "wss://example.com:8080/calls?at=9:30@noon"),
        ("sip:alice@example.com", "sip:alice@example.com"),
    ],
)
def test_passwords_in_addresses(text: str, line: str) -> None:
    """The user is shown and the password is not, in a message, beside one, and in a record."""
    assert shown({"url": text}) == {"url": line}
    assert shown({"data": [{"text": text}]}) == {"data": [{"text": line}]}
    assert masked(json.dumps({"url": text})) == {"url": line}


# Lines


@pytest.mark.parametrize("mark", ["\n", "\r", "\0", "\t", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029"])
def test_one_line(mark: str) -> None:
    """Whatever ends a line or moves the cursor about is replaced, one mark for one."""
    assert one_line(f"a{mark}{mark}b") == "a??b"
    assert breaks_lines(f"a{mark}b")


@pytest.mark.parametrize("text", ["", "plain", "Gr\u00fc\u00df dich \u20ac", "a b?c"])
def test_what_is_one_line(text: str) -> None:
    """It stays as it is."""
    assert one_line(text) == text
    assert not breaks_lines(text)
