"""A recorded call, played again to an application.

::

    replay(world, endpoint, recorded("calls/lost-order.jsonl"), path="/orders")

A record is a file of JSON lines, one for each message: ``{"time": 1.7, "direction": "in", "message": {…}}``, where
``in`` is what jambonz sent, and ``time`` is in seconds.
"""

from __future__ import annotations

import difflib
import json
import os
import pathlib
from collections.abc import Iterable
from typing import Any, Literal, cast

from ..endpoint import Endpoint
from ..redaction import MASK
from ..simulator.in_process import InProcess
from ..simulator.transcript import WireMessage
from ..simulator.world import World
from ..wire_recording import line_of

__all__ = ["record", "recorded", "replay"]

#: How much longer than in the record the application may take for a message, in seconds of virtual time.
_PATIENCE = 10.0


def record(messages: Iterable[WireMessage], path: str | os.PathLike[str]) -> None:
    """Write the messages of a call to a file."""
    lines = [line_of(one.time, one.direction, one.message) for one in messages]
    pathlib.Path(path).write_text("".join(lines), encoding="utf-8")


def recorded(path: str | os.PathLike[str]) -> list[WireMessage]:
    """Read them again. Raises :exc:`ValueError`, with the number of the line, for what is no record."""
    messages = []
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        try:
            one = json.loads(line)
            direction, message = one["direction"], one["message"]
            if direction not in ("in", "out") or not isinstance(message, dict):
                raise ValueError("it needs a direction, in or out, and a message")
            messages.append(WireMessage(float(one["time"]), cast("Literal['in', 'out']", direction), message))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} of {path} is no record of a message: {error}") from error
    return messages


def replay(world: World, endpoint: Endpoint, messages: Iterable[WireMessage], path: str) -> None:
    """Play jambonz's part of a call, at the times it had, and compare the application's part, message by message.

    Ids of verbs may differ, and times may. Raises :exc:`AssertionError` at the first other difference.
    """
    _Replay(world, InProcess(world, endpoint, f"ws://record{path}")).run(messages)


class _Replay:
    def __init__(self, world: World, connection: InProcess) -> None:
        self._world = world
        self._connection = connection
        self._began = world.now()
        self._arrived: list[dict[str, Any]] = []
        # The ids of the application's verbs, by those that they had in the record.
        self._ids: dict[str, str] = {}

    def run(self, messages: Iterable[WireMessage]) -> None:
        try:
            for number, one in enumerate(messages, 1):
                if one.direction == "in":
                    self._world.wait(lambda: False, self._began + one.time)
                    self._connection.send(json.dumps(self._with_ids_of_now(one.message)))
                else:
                    self._compare(number, one.message, self._next(one))
        finally:
            self._connection.close(1000)
            self._world.wait(lambda: False, ends_idle=True)
        self._collect()
        if self._arrived:
            raise AssertionError(f"behind the end of the record the application sends\n{_shown(self._arrived[0])}")

    def _collect(self) -> None:
        self._arrived += [json.loads(text) for text in self._connection.read()]

    def _next(self, expected: WireMessage) -> dict[str, Any]:
        self._collect()
        if not self._arrived:
            until = max(self._world.now(), self._began + expected.time) + _PATIENCE
            self._world.wait(lambda: self._connection.wait(0), until)
            self._collect()
        if not self._arrived:
            raise AssertionError(f"the application does not send\n{_shown(expected.message)}")
        return self._arrived.pop(0)

    def _compare(self, number: int, expected: dict[str, Any], sent: dict[str, Any]) -> None:
        for before, now in zip(_verbs(expected), _verbs(sent), strict=False):
            if isinstance(before.get("id"), str) and isinstance(now.get("id"), str):
                self._ids[before["id"]] = now["id"]
        if not _alike(_without_ids(expected), _without_ids(sent)):
            lines = difflib.ndiff(_shown(_without_ids(expected)).splitlines(), _shown(_without_ids(sent)).splitlines())
            raise AssertionError(f"message {number} of the record is another one now:\n" + "\n".join(lines))

    def _with_ids_of_now(self, message: dict[str, Any]) -> dict[str, Any]:
        data = message.get("data")
        if not isinstance(data, dict):
            return message
        renamed = {
            key: self._ids.get(data[key], data[key]) for key in ("verb_id", "id") if isinstance(data.get(key), str)
        }
        return {**message, "data": {**data, **renamed}}


def _verbs(message: dict[str, Any]) -> list[dict[str, Any]]:
    data = message.get("data")
    return [verb for verb in data if isinstance(verb, dict)] if isinstance(data, list) else []


def _without_ids(message: dict[str, Any]) -> dict[str, Any]:
    verbs = _verbs(message)
    if not verbs:
        return message
    return {**message, "data": [{key: value for key, value in verb.items() if key != "id"} for verb in verbs]}


def _alike(expected: Any, sent: Any) -> bool:
    """Whether two values are the same, where the mask of a secret in the record stands for whatever it was."""
    if isinstance(expected, dict) and isinstance(sent, dict):
        return expected.keys() == sent.keys() and all(_alike(expected[key], sent[key]) for key in expected)
    if isinstance(expected, list) and isinstance(sent, list):
        return len(expected) == len(sent) and all(map(_alike, expected, sent))
    return bool(expected == MASK or expected == sent)


def _shown(message: dict[str, Any]) -> str:
    return json.dumps(message, indent=2, ensure_ascii=False, sort_keys=True)
