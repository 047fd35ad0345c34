"""Keeping secrets out of the log, and out of recorded calls."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

__all__ = ["MASK", "breaks_lines", "masked", "one_line", "redacted"]

_LONGEST_TEXT = 200
_LONGEST_LINE = 2_000
#: What stands in place of a secret.
MASK = "***"

# How the names of secrets end. Keys are compared without case and punctuation, so that apiKey, api_key and X-API-KEY
# are alike. Not "tokens": that is the text an application streams.
_SECRET = (
    "accesskey",
    "accesskeyid",
    "apikey",
    "authorization",
    "credentials",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "subscriptionkey",
    "token",
)
# Operators put keys and passwords into application variables, and nothing on the wire tells which are obscure.
_SECRET_INSIDE = frozenset({"envvars"})


class _Rules(NamedTuple):
    """``longest``: how long a text may be; ``left_out``: keys of which only is said that they are there."""

    longest: int | None
    left_out: frozenset[str]


# Both are long, full of addresses, and of no use beside the parsed headers.
_IN_LOG = _Rules(_LONGEST_TEXT, frozenset({"raw", "body"}))
# An application may send a body too. What is raw has every header in it, also those with passwords.
_IN_RECORD = _Rules(None, frozenset({"raw"}))


#: What ends a line for whoever reads a log, or moves the cursor about.
_LINE_BREAKING = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
# The password in an address: wss://user:password@host.
_PASSWORD_IN_URL = re.compile(r"(//[^/\s:@]*):[^/\s@]+@")


def one_line(text: str) -> str:
    """Return a text that came over the network as it may stand in a line of a log, which it must not end."""
    return _LINE_BREAKING.sub("?", text)


def breaks_lines(text: str) -> bool:
    """Whether there is something in a text that :func:`one_line` takes out."""
    return _LINE_BREAKING.search(text) is not None


def redacted(text: str) -> str:
    """Return a message as it may stand in a log: secrets masked, long texts cut, at most 2,000 characters."""
    try:
        shown = json.dumps(_redact(json.loads(text), _IN_LOG), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        shown = _cut(text, _LONGEST_TEXT)
    return _cut(shown, _LONGEST_LINE)


def masked(text: str) -> Any:
    """Return a message, parsed, as it may be recorded: with its secrets masked and nothing cut.

    Raises :exc:`ValueError` for what is no JSON, and :exc:`RecursionError` for what is too deep.
    """
    return _redact(json.loads(text), _IN_RECORD)


def _redact(value: Any, rules: _Rules) -> Any:
    if isinstance(value, dict):
        return {key: _redact_item(key, item, rules) for key, item in value.items()}
    if isinstance(value, list):
        return [_redact(item, rules) for item in value]
    if not isinstance(value, str):
        return value
    value = _PASSWORD_IN_URL.sub(rf"\1:{MASK}@", value)
    return value if rules.longest is None else _cut(value, rules.longest)


def _redact_item(key: str, item: Any, rules: _Rules) -> Any:
    plain = "".join(letter for letter in key.lower() if letter.isalnum())
    if plain.endswith(_SECRET):
        return MASK
    if plain in _SECRET_INSIDE and isinstance(item, dict):
        return dict.fromkeys(item, MASK)
    return "…" if plain in rules.left_out and item else _redact(item, rules)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"
