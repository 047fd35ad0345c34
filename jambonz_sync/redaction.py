"""Keeping secrets out of the log."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["redacted"]

_LONGEST_TEXT = 200
_LONGEST_LINE = 2_000
_MASK = "***"

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
# Long, full of addresses, and of no use beside the parsed headers.
_LEFT_OUT = frozenset({"raw", "body"})


def redacted(text: str) -> str:
    """Return a message as it may stand in a log: secrets masked, long texts cut, at most 2,000 characters."""
    try:
        shown = json.dumps(_redact(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        shown = _cut(text, _LONGEST_TEXT)
    return _cut(shown, _LONGEST_LINE)


def _redact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _redact_item(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_redact(item) for item in value]
    return _cut(value, _LONGEST_TEXT) if isinstance(value, str) else value


def _redact_item(key: str, item: Any) -> Any:
    plain = "".join(letter for letter in key.lower() if letter.isalnum())
    if plain.endswith(_SECRET):
        return _MASK
    if plain in _SECRET_INSIDE and isinstance(item, dict):
        return dict.fromkeys(item, _MASK)
    return "…" if plain in _LEFT_OUT and item else _redact(item)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"
