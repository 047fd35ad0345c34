"""What a line means that somebody has typed, or that stands in a prepared caller.

::

    parse("a table for two")  # Says
    parse("#12#")  # Presses("12#")
    parse("/sound hello.wav")  # PlaysSound("hello.wav", ...)
    parse("/drop 3")  # Order("drop", 3.0)
    parse('/tool get_weather {"city": "Ghent"}')  # CallsTool("get_weather", {"city": "Ghent"})
"""

from __future__ import annotations

import difflib
import json
import math
from typing import NamedTuple

from ...simulator.caller import Presses, Says
from ...simulator.model_script import CallsTool, ModelSays
from ...simulator.sound_file import BadSound, PlaysSound, sound_file

__all__ = ["HELP", "BadLine", "Deed", "Line", "Order", "parse"]


class BadLine(ValueError):
    """A line means nothing. The text says what might be meant."""


class Order(NamedTuple):
    """A line that begins with a slash: something to be done, for so many seconds where it takes them."""

    name: str
    seconds: float | None = None


#: What is done by others than the caller.
Deed = Order | ModelSays | CallsTool
Line = Says | Presses | PlaysSound | Deed

#: The orders: what they are called with, and what for.
_ORDERS = {
    "hangup": ("", "hang up"),
    "silence": ("", "say nothing this time: what follows waits until the application has stopped waiting"),
    "sound": ("FILE", "let this WAV file be heard by an application that listens to the caller's sound"),
    "drop": ("[SECONDS]", "drop the connection between jambonz and the application, and let none be made for a while"),
    "busy": ("", "the party that is dialled next is busy"),
    "answer": ("[SECONDS]", "the party that is dialled next answers, and hangs up after so many seconds, by default 5"),
    "noanswer": ("", "the party that is dialled next lets it ring"),
    "model": ("TEXT", "the language model that the caller talks to says this"),
    "tool": ("NAME [JSON]", "it calls a function of the application, with these arguments"),
    "wire": ("", "print the messages on the websocket, or no longer"),
    "help": ("", "print this"),
}

_KEYS = frozenset("0123456789*#ABCD")

_SYNTAX = [
    ("text", "say it, as soon as the application listens; into what is playing, if it may be interrupted; or to"),
    ("", "the party that you are connected to"),
    ("#123#", "press the keys 1 2 3 #; ## is the pound key alone, #* the star"),
    (r"\#text", "say what begins with # or /"),
    ("// text", "nothing: a comment"),
]

_TABLE = [*_SYNTAX, *((f"/{name} {takes}".rstrip(), what) for name, (takes, what) in _ORDERS.items())]

#: All that can be typed, a line each.
HELP = "\n".join(f"  {line:<20}{what}" for line, what in _TABLE)


def parse(text: str) -> Line | None:
    """Return what a line means; ``None`` if it is empty or a comment. A file that it names is read.

    Raises :exc:`BadLine`.
    """
    text = text.strip()
    if not text or text.startswith("//"):
        return None
    if text.startswith("/"):
        return _order(text)
    if text.startswith("#"):
        return _keys(text)
    return Says(text[1:] if text.startswith(("\\#", "\\/", "\\\\")) else text)


def _keys(text: str) -> Presses:
    keys = "".join(text[1:].split()).upper()
    if not keys or set(keys) - _KEYS:
        raise BadLine(f"{text}: behind # stand keys, 0 to 9, * and #, as in #12#; to say it type \\{text}")
    return Presses(keys)


def _said(text: str) -> str:
    _, _, said = text.partition(" ")
    if not said.strip():
        raise BadLine("/model takes what the language model says, as in /model Which order is it?")
    return said.strip()


def _sound(text: str) -> PlaysSound:
    _, _, name = text.partition(" ")
    if not name.strip():
        raise BadLine("/sound takes a WAV file, as in /sound hello.wav")
    try:
        return sound_file(name.strip())
    except BadSound as error:
        raise BadLine(str(error)) from error


def _tool(text: str) -> CallsTool:
    _, name, *rest = text.split(maxsplit=2) if " " in text else (text, "")
    try:
        arguments = json.loads(rest[0]) if rest else {}
    except ValueError:
        arguments = None
    if not name or not isinstance(arguments, dict):
        raise BadLine('/tool takes the name of a function and its arguments, as in /tool get_weather {"city": "Ghent"}')
    return CallsTool(name, arguments)


def _order(text: str) -> PlaysSound | Deed:
    name, *arguments = text[1:].split() or [""]
    if name not in _ORDERS:
        near = difflib.get_close_matches(name, _ORDERS, 1)
        hint = f"did you mean /{near[0]}?" if near else "/help lists what there is"
        raise BadLine(f"there is no /{name}; {hint}")
    if name == "model":
        return ModelSays(_said(text))
    if name == "sound":
        return _sound(text)
    if name == "tool":
        return _tool(text)
    if not arguments:
        return Order(name)
    if len(arguments) > 1 or not _ORDERS[name][0]:
        raise BadLine(f"/{name} is written by itself{', or with a number of seconds' if _ORDERS[name][0] else ''}")
    try:
        seconds = float(arguments[0])
    except ValueError:
        seconds = math.nan
    if not (seconds >= 0 and math.isfinite(seconds)):
        raise BadLine(f"/{name} takes a number of seconds, such as 3 or 0.5, not {arguments[0]}")
    return Order(name, seconds)
