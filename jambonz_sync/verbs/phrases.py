"""Types in the words of a reader: what an option takes, as a phrase."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from typing_extensions import is_typeddict

from .markers import AtLeastOne, Between, VerbList
from .spelling import one_of

__all__ = ["phrase"]


class _Words(NamedTuple):
    """One of the forms a value may have, alone and as an entry of a list."""

    one: str
    many: str


_PLAIN = {
    str: _Words("a string", "strings"),
    int: _Words("a whole number", "whole numbers"),
    float: _Words("a number", "numbers"),
    Any: _Words("anything", "anything"),
    type(None): _Words("None", "None"),
}


def phrase(tp: Any, markers: tuple[Any, ...] = ()) -> str:
    """``phrase(str | Sequence[str])`` is ``"a string or a list of strings"``.

    ``markers`` are those of the option, some of which narrow its type down: a range, at least one, which verbs.
    Raises :exc:`TypeError` for a type that no option has.
    """
    return one_of(words.one for words in _forms(tp, markers))


def _forms(tp: Any, markers: tuple[Any, ...] = ()) -> list[_Words]:
    origin, args = get_origin(tp), get_args(tp)
    if origin is Annotated:
        return _forms(args[0], (*args[1:], *markers))
    if origin in (Union, UnionType):
        return [words for arg in args for words in _forms(arg)]
    if origin is Literal:
        return [_exactly(value) for value in args]
    if tp is bool:
        return [_exactly(True), _exactly(False)]
    if tp in _PLAIN:
        return [_within(_PLAIN[tp], markers)]
    if is_typeddict(tp):
        return [_Words("a dict", "dicts")]
    if origin is not None and issubclass(origin, Mapping):
        of = "" if args[1] is Any else f" of {_many(args[1])}"
        return [_Words(f"a dict{of}", f"dicts{of}")]
    if origin is not None:
        return [_list(args[0], markers)]
    raise TypeError(f"no words for the type {tp!r}")


def _exactly(value: object) -> _Words:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return _Words(text, text)


def _within(words: _Words, markers: tuple[Any, ...]) -> _Words:
    between = next((marker for marker in markers if isinstance(marker, Between)), None)
    if between is None:
        return words
    limits = f", {between.low:g} or more" if between.high == inf else f" from {between.low:g} to {between.high:g}"
    return _Words(words.one + limits, words.many + limits)


def _list(item: Any, markers: tuple[Any, ...]) -> _Words:
    verbs = next((marker for marker in markers if isinstance(marker, VerbList)), None)
    if verbs is not None:
        of = f" of {one_of(verbs.only, 'and')} verbs" if verbs.only else " of verbs"
    elif item is Any:
        of = ""
    else:
        of = f" of {'one or more ' if AtLeastOne in markers else ''}{_many(item)}"
    return _Words(f"a list{of}", f"lists{of}")


def _many(tp: Any) -> str:
    return one_of((words.many for words in _forms(tp)), "and/or")
