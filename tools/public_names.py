"""What applications may use: the public names, what they take, and what is said of them.

::

    for entry in entries_of(Session, "session"):
        print(entry.name, entry.signature)
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jambonz_sync.audio import Clip, Metadata
from jambonz_sync.audio.service import AudioService
from jambonz_sync.audio.stream import AudioStream
from jambonz_sync.call_thread import CallThread
from jambonz_sync.endpoint import Endpoint
from jambonz_sync.protocol.event import Event
from jambonz_sync.service import Service
from jambonz_sync.simulator import Platform, Transcript

__all__ = ["INSIDE", "MODULES", "Entry", "entries_of", "entry_of", "signature_of"]

#: The modules whose names are for applications.
MODULES = (
    "jambonz_sync",
    "jambonz_sync.audio",
    "jambonz_sync.flask",
    "jambonz_sync.gunicorn",
    "jambonz_sync.prometheus",
    "jambonz_sync.pytest_plugin",
    "jambonz_sync.simulator",
    "jambonz_sync.testing",
)

#: What one room of the library asks of another: spelled like the rest, and of no use to an application.
INSIDE: Mapping[type, frozenset[str]] = {
    AudioService: frozenset(
        "beside subprotocols max_message_size schema handler report_error expect forget add remove open close "
        "wait_for_end auth".split()
    ),
    AudioStream: frozenset({"owner", "where", "live", "told_end"}),
    Clip: frozenset({"content", "end"}),
    CallThread: frozenset({"where", "live"}),
    Endpoint: frozenset(
        {"add_websocket", "admit", "decide", "find_audio_service", "find_service", "hold", "recording_desk"}
    ),
    Event: frozenset({"asking", "names"}),
    Metadata: frozenset({"fault"}),
    Platform: frozenset({"changing", "close_room", "connecting", "open_room", "room"}),
    Service: frozenset(
        "auth beside handler_for max_message_size report_error schema subprotocols surroundings toolbox "
        "variables".split()
    ),
    Transcript: frozenset({"add", "add_connection", "add_message"}),
}

#: Types that are spelled otherwise where they are explained.
_TYPES = {
    "_Handler": "Callable",
    "_Tool": "Callable",
    "AppJson": "str | PathLike | Mapping",
    "Auth": "tuple[str, str] | Callable",
    "Tls": "tuple[str, str] | SSLContext",
    "os.PathLike[str]": "PathLike",
    "logging.Logger | logging.LoggerAdapter[logging.Logger]": "Logger",
    "logging.Logger": "Logger",
    "Middleware": "Callable",
    "ForeignHandler": "Callable",
}


class Entry(NamedTuple):
    """One public name. ``doc`` is its docstring as it stands; ``signature`` is how it is written."""

    name: str
    signature: str
    doc: str


def entries_of(cls: type, instance: str) -> Iterator[Entry]:
    """Yield what instances of a class have: methods and properties, and attributes that have a comment with ``#:``."""
    inside = {name for base, names in INSIDE.items() if issubclass(cls, base) for name in names}
    seen: set[str] = set()
    for base in _ours(cls):
        for name, member in vars(base).items():
            if name.startswith("_") or name in inside or name in seen or not _tells(member):
                continue
            seen.add(name)
            yield entry_of(f"{cls.__name__}.{name}", member, f"{instance}.{name}")
        for name, annotation, doc in _attributes(base):
            if name not in inside and name not in seen:
                seen.add(name)
                yield Entry(f"{cls.__name__}.{name}", f"{instance}.{name}{annotation}", doc)


def _ours(cls: type) -> Iterator[type]:
    """Yield the classes whose members are told with this one."""
    for base in cls.__mro__:
        if base.__module__.startswith("jambonz_sync") and base.__name__ not in ("VerbMethods", "CommandMethods"):
            # What messages carry stands on pages of its own.
            if not base.__module__.startswith("jambonz_sync.protocol.facts"):
                yield base


def _tells(member: Any) -> bool:
    function = isinstance(member, (classmethod, staticmethod)) or inspect.isfunction(member)
    return (function or isinstance(member, property)) and bool(inspect.getdoc(member))


def entry_of(name: str, thing: Any, written: str) -> Entry:
    """Return the entry of a function, a method or a property."""
    return Entry(name, f"{written}{signature_of(thing)}", inspect.getdoc(thing) or "")


def signature_of(thing: Any) -> str:
    """Return what stands behind the name: arguments and what is returned, or the type of a property."""
    if isinstance(thing, property):
        returned = inspect.signature(thing.fget).return_annotation if thing.fget else ""
        return f": {_type(returned)}"
    if isinstance(thing, (classmethod, staticmethod)):
        thing = thing.__func__
    signature = inspect.signature(thing)
    parameters = [one for name, one in signature.parameters.items() if name not in ("self", "cls")]
    written: list[str] = []
    for before, one in zip([None, *parameters], parameters, strict=False):
        if one.kind is one.KEYWORD_ONLY and (
            before is None or before.kind in (one.POSITIONAL_OR_KEYWORD, one.POSITIONAL_ONLY)
        ):
            written.append("*")
        if before is not None and before.kind is one.POSITIONAL_ONLY and one.kind is not one.POSITIONAL_ONLY:
            written.insert(len(written) - (written[-1] == "*"), "/")
        written.append(_parameter(one))
    if parameters and parameters[-1].kind is inspect.Parameter.POSITIONAL_ONLY:
        written.append("/")
    returned = _type(signature.return_annotation)
    return f"({', '.join(written)})" + (f" -> {returned}" if returned and returned != "None" else "")


def _parameter(one: inspect.Parameter) -> str:
    stars = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
    annotation = _type(one.annotation)
    text = f"{stars}{one.name}" + (f": {annotation}" if annotation else "")
    if one.default is one.empty:
        return text
    plain = one.default is None or isinstance(one.default, (str, int, float, tuple))
    default = repr(one.default).replace("'", '"') if plain else "..."
    return f"{text} = {default}" if annotation else f"{text}={default}"


def _type(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    # Named tuples keep what they were written with inside something.
    annotation = getattr(annotation, "__forward_arg__", annotation)
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    for ours, theirs in _TYPES.items():
        text = re.sub(rf"(?<![\w.]){re.escape(ours)}(?![\w.])", theirs, text)
    return text.replace("'", '"')


def _attributes(cls: type) -> Iterator[tuple[str, str, str]]:
    """Yield the attributes that have a comment with ``#:`` before them: name, annotation with its colon, comment."""
    source = textwrap.dedent(inspect.getsource(cls))
    pattern = r"((?:^ +#: .*\n)+) +(?:self\.)?([a-z]\w*)(: [^=\n]+?)?(?: =.*)?$"
    told: set[str] = set()
    for comment, name, annotation in re.findall(pattern, source, re.MULTILINE):
        doc = " ".join(line.strip().removeprefix("#:").strip() for line in comment.strip().splitlines())
        told.add(name)
        yield name, f": {_type(annotation[2:])}" if annotation else "", doc
    # Of what has a comment for some of its fields, the others speak for themselves.
    for field in dataclasses.fields(cls) if told and dataclasses.is_dataclass(cls) else ():
        if field.name not in told and not field.name.startswith("_") and field.name in vars(cls)["__annotations__"]:
            yield field.name, f": {_type(field.type)}", ""
