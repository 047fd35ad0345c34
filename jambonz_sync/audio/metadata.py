"""What jambonz says first on an audio connection: how the audio is made, and the facts of the call.

::

    metadata = parse_metadata('{"sampleRate": 8000, "mixType": "mono", "callSid": "cdd08d18", "ticket": "T-19"}')
    assert metadata["call_sid"] == metadata["callSid"] == "cdd08d18"
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..verbs.spelling import wire_name

__all__ = ["CALL_SIDS", "Metadata", "parse_metadata"]

#: The keys of the sids by which the call may be known: its own; inside a ``dial``, that of the call that dials.
CALL_SIDS = ("callSid", "parentCallSid")

_DEFAULT_RATE = 8000

#: jambonz cuts it off here, in bytes.
_LARGEST = 8191

#: What stands at its beginning, and so survives that.
_SALVAGED = re.compile(r'"(sampleRate|mixType|callSid|callId|direction|from|to)"\s*:\s*("(?:[^"\\]|\\.)*"|\d+)\s*[,}]')


class Metadata(Mapping[str, Any]):
    """The first message of an audio connection, read-only.

    ::

        stream.metadata["ticket"]
        stream.metadata["call_sid"]

    It holds the facts of the call, and over them what the verb had as ``metadata``. Facts come in camelCase here
    (``callSid``), and are found by the names that they have elsewhere in this library too (``call_sid``). Keys of your
    own are found as you have written them.
    """

    def __init__(self, facts: Mapping[str, Any], fault: str | None = None) -> None:
        self._facts = dict(facts)
        #: What is wrong with it, if anything.
        self.fault = fault

    def __getitem__(self, key: str) -> Any:
        return self._facts[key] if key in self._facts else self._facts[wire_name(key)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __repr__(self) -> str:
        return f"<Metadata {self._facts!r:.200}>"

    @property
    def sample_rate(self) -> int:
        """Samples per second of what jambonz sends."""
        rate = self._facts.get("sampleRate")
        return rate if isinstance(rate, int) and rate > 0 else _DEFAULT_RATE

    @property
    def channels(self) -> int:
        """How many channels jambonz sends: 2 for ``stereo``."""
        return 2 if self._facts.get("mixType") == "stereo" else 1


def parse_metadata(first: str | bytes | None) -> Metadata:
    """Read the first message. What cannot be read is no reason to give up: ``fault`` says what is wrong with it."""
    if not isinstance(first, str):
        return Metadata({}, "the connection did not begin with the facts of the call")
    try:
        facts = json.loads(first)
    except (ValueError, RecursionError):
        return Metadata(_salvaged(first), _why_unreadable(first))
    if not isinstance(facts, dict):
        return Metadata({}, "the facts of the call are no JSON object")
    metadata = Metadata(facts)
    if metadata.sample_rate != facts.get("sampleRate"):
        metadata.fault = (
            f"the sampleRate is {facts.get('sampleRate')!r}, so {_DEFAULT_RATE} is assumed; "
            "a metadata of your own must not have that key"
        )
    return metadata


def _why_unreadable(first: str) -> str:
    if len(first.encode()) >= _LARGEST - 3:
        return f"the facts of the call were cut off after {_LARGEST:,} bytes: put less into metadata of the listen"
    return "the facts of the call are no JSON"


def _salvaged(first: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in _SALVAGED.findall(first):
        # The first ones: behind them may be keys of the application's own, at any depth.
        try:
            found.setdefault(key, json.loads(value))
        except ValueError:
            continue
    return found
