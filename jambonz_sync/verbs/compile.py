"""From description to check: the options of a verb compiled into closures, once, on first use.

A check takes a value as the caller wrote it and returns a copy as the wire wants it, or raises :class:`Fault`. What it
finds on the way, hooks and what has no effect, it leaves with the :class:`~.rules.Run`. Objects inside objects are
compiled when the first one is given: hardly any application needs all the forty options of every speech vendor.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import inf, isfinite
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from typing_extensions import is_typeddict

from ..protocol.hooks import HookKind, HookUse
from .describe import Option, options_of
from .fault import Fault, shown
from .markers import AtLeastOne, Between, Free, OtherLeg, Secret, Shorthand, Since, VerbList
from .phrases import phrase
from .rules import Run, rules_of
from .spelling import did_you_mean, one_of

__all__ = ["Check", "Place", "compiled", "free_options", "hook_use", "kind_at", "place_inside", "unknown_option"]

Check = Callable[[Any, Run], Any]


class Place(enum.Enum):
    """Where an object stands, which decides what its hooks mean."""

    TOP = "an entry of the call's own list of verbs"
    NESTED = "inside another verb: the call does not stand still for its action hook"
    LEG = "inside a dial: what it reports is about the dialled leg"

    # That of Enum is written in Python, and every verb is looked up by its place.
    __hash__ = object.__hash__


_KINDS: Mapping[Place, Mapping[HookKind, HookKind]] = {
    Place.TOP: {},
    Place.NESTED: {HookKind.ACTION: HookKind.REPORT},
    Place.LEG: {HookKind.ACTION: HookKind.LEG_REPORT, HookKind.REPORT: HookKind.LEG_REPORT},
}


def kind_at(place: Place, kind: HookKind) -> HookKind:
    """Return what a hook of this kind is for where the object stands that names it."""
    return _KINDS[place].get(kind, kind)


def place_inside(option: Option, place: Place) -> Place:
    """Return where the objects stand that an option takes; ``place`` is where the option itself does."""
    if OtherLeg in option.markers:
        return Place.LEG
    return Place.NESTED if place is Place.TOP else place


# Reentrant: compiling an object may meet a list of verbs, which looks the verbs up.
_lock = threading.RLock()
_objects: dict[tuple[type, Place], Check] = {}


def compiled(typed: type, place: Place = Place.TOP) -> Check:
    """Return the check of the object that a ``TypedDict`` describes."""
    check = _objects.get((typed, place))
    if check is None:
        with _lock:
            check = _objects.get((typed, place))
            if check is None:
                check = _objects[typed, place] = _object(typed, place)
    return check


class _Rule(NamedTuple):
    """A check, with the JSON kinds it is for."""

    kinds: tuple[str, ...]
    check: Check


def _wrong(tp: Any, value: Any, markers: tuple[Any, ...] = ()) -> Fault:
    return Fault(f"must be {phrase(tp, markers)}, not {shown(value)}")


# --- objects ---------------------------------------------------------------------------------------------------------


def _object(typed: type, place: Place) -> Check:
    options = options_of(typed)
    fields: dict[Any, tuple[str, Check]] = {}
    for option in options:
        fields[option.name] = fields[option.wire] = (option.wire, _option(option, place))
    needed = [(option.wire, option) for option in options if option.needed]
    rules = rules_of(typed)

    def check(value: Any, run: Run) -> dict[str, Any]:
        if type(value) is not dict and not isinstance(value, Mapping):
            raise Fault(f"must be a dict of options, not {shown(value)}")
        out: dict[str, Any] = {}
        test: Check
        for key, item in value.items():
            field = fields.get(key)
            if field is None:
                if run.strict or key == "verb":
                    raise unknown_option(key, options)
                if item is None:
                    continue
                wire, test = str(key), _passing
            elif item is None:
                continue
            else:
                wire, test = field
            if wire in out:
                raise _twice(key, wire, options)
            try:
                out[wire] = test(item, run)
            except Fault as fault:
                fault.parts.append(key)
                raise
        for wire, option in needed:
            if wire not in out:
                _missing(option, out, options)
        for rule in rules:
            rule(out, run)
        return out

    return check


def unknown_option(key: object, options: Sequence[Option]) -> Fault:
    """Return the fault of an option that is not there, with the one that was probably meant, or where it belongs."""
    if key == "verb":
        return Fault("takes no 'verb': what stands here is known by the option's name", key)
    if not options:
        return Fault(f"takes no options, so none called {shown(key)}", key)
    text = f"has no option {shown(key)}"
    inside = [option.name for option in options if not option.hook and key in _names_inside(option.annotation)]
    if 0 < len(inside) <= 3:
        return Fault(f"{text}; it is an option of {one_of(inside)}", key)
    name = did_you_mean(key, ((option.name, option.wire) for option in options))
    if name is not None:
        text += f"; did you mean {name}?"
    elif len(options) <= 8:
        text += f"; it takes {one_of((option.name for option in options), 'and')}"
    return Fault(text, key)


def _names_inside(tp: Any) -> set[str]:
    """Return the names of the options of the objects that a type is, offers as one form, or lists."""
    names: set[str] = set()
    if is_typeddict(tp):
        for option in options_of(tp):
            names |= {option.name, option.wire}
    for arg in get_args(tp):
        names |= _names_inside(arg)
    return names


def _twice(key: object, wire: str, options: Sequence[Option]) -> Fault:
    name = next((option.name for option in options if option.wire == wire), wire)
    other = wire if key == name else name
    return Fault(f"has {name} twice, as {other!r} and as {key!r}; keep one", key)


def _missing(option: Option, out: Mapping[str, Any], options: Sequence[Option]) -> None:
    assert option.needed is not None
    text = f"needs {option.name}"
    if option.needed.unless is not None:
        unless = next(other for other in options if other.name == option.needed.unless)
        if out.get(unless.wire) is True:
            return
        text += f", unless {unless.name} is True"
    if option.needed.hint is not None:
        text += f"; {option.needed.hint}"
    raise Fault(text, option.name)


def _option(option: Option, place: Place) -> Check:
    if option.hook is not None:
        check = _hook(option.annotation, kind_at(place, option.hook))
    else:
        check = _rule(option.annotation, option.markers, place_inside(option, place)).check
        if VerbList in map(type, option.markers) or _holds_objects(option.annotation):
            check = _located(check, option.name)
    shorthand = option.marker(Shorthand)
    if shorthand is not None:
        check = _short(check, shorthand.name)
    if Secret in option.markers:
        check = _secret(check)
    if option.ignored is not None:
        check = _ignored(check, option.name, option.ignored)
    since = option.marker(Since)
    return check if since is None else _newer(check, since.version)


def _holds_objects(tp: Any) -> bool:
    return is_typeddict(tp) or any(_holds_objects(arg) for arg in get_args(tp))


def _located(check: Check, name: str) -> Check:
    """Put the name of the option before what is found to be without effect inside it."""

    def located(value: Any, run: Run) -> Any:
        before = len(run.notices)
        out = check(value, run)
        for notice in run.notices[before:]:
            notice.parts.append(name)
        return out

    return located


def _ignored(check: Check, name: str, why: str) -> Check:
    text = f"has no effect on jambonz 0.9: {why.replace('`', '')}"

    def ignored(value: Any, run: Run) -> Any:
        out = check(value, run)
        if run.may_lack("10"):
            run.warn(text, name)
        return out

    return ignored


def _newer(check: Check, since: str) -> Check:
    def newer(value: Any, run: Run) -> Any:
        if run.lacks(since):
            raise Fault(f"needs jambonz {since} or newer, and jambonz_version says that this one is older")
        return check(value, run)

    return newer


def _short(check: Check, name: str) -> Check:
    def short(value: Any, run: Run) -> Any:
        return check({name: value} if isinstance(value, str) else value, run)

    return short


def _secret(check: Check) -> Check:
    def secret(value: Any, run: Run) -> Any:
        try:
            return check(value, run)
        except Fault as fault:
            fault.text = fault.text.partition(", not ")[0]
            raise

    return secret


# --- hooks -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def hook_use(name: object, kind: HookKind) -> HookUse | None:
    """Return the use of a hook, or ``None`` if it will never be asked for over the socket.

    An http URL is called by jambonz itself.
    """
    if not isinstance(name, str) or not name or name[:7].lower() == "http://" or name[:8].lower() == "https://":
        return None
    return HookUse(name, kind)


def _hook(tp: Any, kind: HookKind) -> Check:
    test = _rule(tp, (), Place.TOP).check

    def hook(value: Any, run: Run) -> Any:
        out = test(value, run)
        use = hook_use(out if type(out) is str else out["url"], kind)
        if use is not None:
            run.hooks.append(use)
        return out

    return hook


# --- values ----------------------------------------------------------------------------------------------------------


def _rule(tp: Any, markers: tuple[Any, ...], place: Place) -> _Rule:
    """Return the rule for a type; ``place`` is where objects inside it stand."""
    origin, args = get_origin(tp), get_args(tp)
    if origin is Annotated:
        return _rule(args[0], (*args[1:], *markers), place)
    if origin in (Union, UnionType):
        return _union(tp, [_rule(arg, (), place) for arg in args])
    if origin is Literal:
        return _literal(tp)
    if is_typeddict(tp):
        return _Rule(("dict",), _later(tp, place))
    if tp is str:
        return _Rule(("str",), _string)
    if tp is bool:
        return _Rule(("bool",), _boolean)
    if tp is int or tp is float:
        return _number(tp, markers)
    if tp is Any:
        return _Rule(("str", "number", "bool", "list", "dict"), _passing)
    lists = next((marker for marker in markers if isinstance(marker, VerbList)), None)
    if lists is not None:
        return _list(tp, markers, _verb(lists, place))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(tp, Free in markers, place)
    if origin is not None and issubclass(origin, Sequence):
        return _list(tp, markers, _rule(args[0], (), place).check)
    raise TypeError(f"no rule for the type {tp!r}")


def _later(typed: type, place: Place) -> Check:
    real: Check | None = None

    def check(value: Any, run: Run) -> Any:
        nonlocal real
        if real is None:
            real = compiled(typed, place)
        return real(value, run)

    return check


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "str"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, (list, tuple)):
        return "list"
    return "other"


def _union(tp: Any, rules: Sequence[_Rule]) -> _Rule:
    checks: dict[str, Check] = {}
    for rule in rules:
        for kind in rule.kinds:
            checks.setdefault(kind, rule.check)
    text = checks.get("str")

    def check(value: Any, run: Run) -> Any:
        if text is not None and type(value) is str:
            return text(value, run)
        test = checks.get(_kind(value))
        if test is None:
            raise _wrong(tp, value)
        return test(value, run)

    return _Rule(tuple(checks), check)


def _string(value: Any, run: Run | None = None) -> str:
    if type(value) is not str:
        if not isinstance(value, str):
            raise _wrong(str, value)
        value = str.__str__(value)  # the text of an enum member, not its name
    if not value.isascii():
        _encodable(value)
    return value  # type: ignore[no-any-return]


def _encodable(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Fault("holds half a surrogate pair, which no message can carry") from None


def _boolean(value: Any, run: Run) -> bool:
    if value is True or value is False:
        return value
    raise _wrong(bool, value)


def _number(tp: type, markers: tuple[Any, ...]) -> _Rule:
    between = next((marker for marker in markers if isinstance(marker, Between)), None)

    def number(value: Any, run: Run) -> float:
        kind = type(value)
        if kind is not int and kind is not float:
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                raise _wrong(tp, value)
            value = int(value) if isinstance(value, int) else float(value)
        if type(value) is float and not isfinite(value):
            raise Fault(f"must be a finite number, not {shown(value)}")
        if tp is int and value != int(value):
            raise _wrong(tp, value)
        if between is not None and not between.low <= value <= between.high:
            limits = f"between {between.low:g} and {between.high:g}"
            if between.high == inf:
                limits = f"at least {between.low:g}"
            raise Fault(f"must be {limits}, not {shown(value)}")
        return value  # type: ignore[no-any-return]

    return _Rule(("number",), number)


def _literal(tp: Any) -> _Rule:
    values = get_args(tp)
    allowed = frozenset(values)
    exact, kind = type(values[0]), _kind(values[0])

    def literal(value: Any, run: Run) -> Any:
        if type(value) is exact and value in allowed:
            return value
        if _kind(value) == kind:
            if kind == "str":
                value = str.__str__(value)
            if value in allowed:
                return value
        raise _wrong(tp, value)

    return _Rule((kind,), literal)


def _list(tp: Any, markers: tuple[Any, ...], test: Check) -> _Rule:
    at_least_one = AtLeastOne in markers

    def check(value: Any, run: Run) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise _wrong(tp, value, markers)
        out = []
        for index, entry in enumerate(value):
            if entry is None:
                continue
            try:
                out.append(test(entry, run))
            except Fault as fault:
                fault.parts.append(index)
                raise
        if at_least_one and not out:
            raise Fault("must not be an empty list")
        return out

    return _Rule(("list",), check)


def _mapping(tp: Any, free: bool, place: Place) -> _Rule:
    values = get_args(tp)[1]
    if free or values is Any:
        return _Rule(("dict",), _free_dict)
    test = _rule(values, (), place).check

    def check(value: Any, run: Run) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _wrong(tp, value)
        out = {}
        for key, item in value.items():
            if item is None:
                continue
            name = _key(key)
            try:
                out[name] = test(item, run)
            except Fault as fault:
                fault.parts.append(key)
                raise
        return out

    return _Rule(("dict",), check)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise Fault(f"has the key {shown(key)}, but keys must be strings")
    return str.__str__(key)


def _passing(value: Any, run: Run) -> Any:
    return _free(value)


def free_options(options: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a copy of options that are unknown here."""
    out: dict[str, Any] = _free(options)
    return out


def _free_dict(value: Any, run: Run) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(Mapping[str, Any], value)
    return _free(value)


def _free(value: Any) -> Any:
    """Copy what belongs to the application, so that it can go on changing its own; refuse only what JSON lacks."""
    kind = type(value)
    if kind is str or isinstance(value, str):
        return _string(value)
    if value is None or value is True or value is False or kind is int:
        return value
    part: Any = None
    try:
        if isinstance(value, Mapping):
            out = {}
            for key, item in value.items():
                part = None
                name = part = _key(key)
                out[name] = _free(item)
            return out
        if isinstance(value, (list, tuple)):
            items = []
            for index, item in enumerate(value):
                part = index
                items.append(_free(item))
            return items
    except Fault as fault:
        if part is not None:
            fault.parts.append(part)
        raise
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise Fault(f"must be a finite number, not {shown(value)}")
        return float(value)
    raise Fault(f"must be something JSON can carry, not {shown(value)}")


# --- lists of verbs --------------------------------------------------------------------------------------------------


def _verb(lists: VerbList, place: Place) -> Check:
    def verb(value: Any, run: Run) -> dict[str, Any]:
        from .registry import NOT_FOR_APPLICATIONS, find  # which know every verb, and so every module checked here

        if not isinstance(value, Mapping):
            raise Fault(f"must be a verb, not {shown(value)}")
        name = value.get("verb")
        if name is None:
            raise Fault("needs verb, which says what stands here", "verb")
        found = find(name) if isinstance(name, str) else None
        wire = found.sent_as if found else name
        if lists.only and wire not in lists.only:
            raise Fault(f"must be {one_of(lists.only)}; not {shown(name)}", "verb")
        options = {key: item for key, item in value.items() if key != "verb"}
        if found is None:
            why = NOT_FOR_APPLICATIONS.get(name) if isinstance(name, str) else None
            if why is not None:
                raise Fault(f"must not be {name}: {why}", "verb")
            if run.strict:
                raise Fault(f"is no verb of jambonz: {shown(name)}", "verb")
            return {"verb": name, **_free(options)}
        if found.since is not None and run.lacks(found.since):
            raise Fault(f"needs jambonz {found.since} or newer, and jambonz_version says that this one is older")
        return {"verb": wire, **compiled(found.options, place)(found.completed(options), run)}

    return verb
