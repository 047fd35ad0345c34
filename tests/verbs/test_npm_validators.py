"""Our verbs before the validators that jambonz publishes on npm.

What we build must pass them, and what they refuse we must refuse too. One of them, the strict one, runs inside every
jambonz server; a list of verbs with one fault in it is dropped there as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typing_extensions import is_typeddict

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.verbs.build import from_wire
from jambonz_sync.verbs.describe import Option, options_of
from jambonz_sync.verbs.markers import Between, Shorthand, VerbList
from jambonz_sync.verbs.registry import VERBS
from tests.npm import Validators, Verdict
from tests.verbs.strategies import Place, everything, inside, mended, objects_in, places, with_option

PLACES = places()

#: Verbs that the schema does not have, though jambonz 0.9 runs them.
NOT_IN_SCHEMA = {"lex", "rasa"}

#: What the validators refuse and we accept, since we send something else for it: the kind of change, and why.
SENT_OTHERWISE = {
    "null": "None counts as not given, and is left out",
    "shorthand": "a plain text for `say`, or URL for `play`, in a gather is sent as the object",
    "null in a list": "an entry of None counts as not given, and is left out",
    "another name": "a room is sent as the conference that it is, so that older servers know it",
}

#: What the schema refuses by a slip of its own, and the validator inside jambonz takes.
SLIPS_OF_THE_SCHEMA = {
    "confirmHook": "of a dial's target: a plain string fits both of the forms of which it must fit exactly one",
    "gladiaOptions": "an object without any options, so that none can be given",
}


@pytest.fixture(scope="module")
def validators() -> Iterator[Validators]:
    """Both validators, in one process for all the tests."""
    with Validators() as validators:
        yield validators


# --- what we build ---------------------------------------------------------------------------------------------------


thorough = settings(
    deadline=None,
    max_examples=3,
    # A smaller example would take minutes to find, and the error names the option.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def verdict(validators: Validators, verb: Mapping[str, Any], version: str | None) -> Verdict:
    """Return what the validators say about a verb as we send it; without what one of them cannot take at all."""
    (built,) = from_wire([verb], jambonz_version=version)
    (both,) = validators.judge([[built.wire() if version else without_slips(built.wire())]])
    return both


def without_slips(value: Any) -> Any:
    """Return a verb without the options that the schema is mistaken about."""
    if isinstance(value, list):
        return [without_slips(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without_slips(item) for key, item in value.items() if key not in SLIPS_OF_THE_SCHEMA}


@pytest.mark.parametrize("place", [place for place in PLACES if not place.newer], ids=lambda place: place.path)
@thorough
@given(data=st.data())
def test_jambonz_0_9_takes_every_option(validators: Validators, place: Place, data: st.DataObject) -> None:
    """Every option of every object that is not for newer servers passes the validator inside jambonz."""
    verb = data.draw(inside(place, everything(place.typed, newer=False)))
    assert verdict(validators, verb, "0.9").validator is None


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
@thorough
@given(data=st.data())
def test_the_schema_takes_every_option(validators: Validators, place: Place, data: st.DataObject) -> None:
    """Every option of every object, those for newer servers too, passes the schema."""
    verb = data.draw(inside(place, everything(place.typed, newer=True)))
    said = verdict(validators, verb, None).schema
    if VERBS[place.verb].sent_as in NOT_IN_SCHEMA:
        assert said is not None
    else:
        assert said is None


# --- what we refuse --------------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """A verb with one thing wrong in it, perhaps."""

    where: str
    change: str
    verb: dict[str, Any]
    newer: bool


def plain(tp: Any, markers: Sequence[Any], newer: bool) -> Any:
    """Return some valid value of a type, always the same."""
    origin, args = get_origin(tp), get_args(tp)
    if origin is Annotated:
        return plain(args[0], [*args[1:], *markers], newer)
    if origin in (Union, UnionType):
        return plain(args[0], (), newer)
    if origin is Literal:
        return args[0]
    if is_typeddict(tp):
        return minimal(tp, newer)
    if tp in (int, float):
        between = next((marker for marker in markers if isinstance(marker, Between)), Between(0, 0))
        return max(between.low, 1) if between.high else 1
    if tp in (str, bool, Any):
        return {str: "text", bool: True, Any: "text"}[tp]
    if any(isinstance(marker, VerbList) for marker in markers):
        return [{"verb": "say", "text": "text"}]
    inner = plain(args[-1], (), newer)
    return {"key": inner} if issubclass(origin, Mapping) else [inner]


def minimal(typed: type, newer: bool) -> dict[str, Any]:
    """Return an object with nothing but what it needs."""
    needed = [option for option in options_of(typed) if option.needed]
    return mended(typed, {option.wire: plain(option.annotation, option.markers, newer) for option in needed})


def hosted(place: Place, given: dict[str, Any]) -> dict[str, Any]:
    """Return a verb with this object in its place."""
    for typed, option in reversed(place.steps):
        given = with_option(typed, option, minimal(typed, place.newer), given)
    return {"verb": place.verb, **given}


VALUES: Sequence[Any] = (
    "no such word",
    7,
    -1,
    0.5,
    1_000_000,
    True,
    False,
    [],
    {},
    ["no such word"],
    [7],
    [{}],
    [{"no such option": "text"}],
    {"no such option": "text"},
    {"key": 7},
    {"key": {"no such option": 1}},
    [None],
    None,
)


def faults(place: Place) -> Iterator[Fault]:
    """Yield an object in its place with every single change to it."""
    base = minimal(place.typed, place.newer)
    yield Fault(place.path, "unknown option", hosted(place, {**base, "noSuchOption": 1}), place.newer)
    yield Fault(place.path, "unknown option", hosted(place, {**base, "_private": {}}), place.newer)
    if place.steps:
        yield Fault(place.path, "verb inside", hosted(place, {**base, "verb": place.steps[-1][1].wire}), place.newer)
    for option in options_of(place.typed):
        newer = place.newer or option.since is not None
        where = f"{place.path}.{option.wire}"
        if option.needed:
            without = {key: value for key, value in base.items() if key != option.wire}
            yield Fault(where, "missing", hosted(place, without), newer)
        for value in VALUES:
            yield Fault(where, change(option, value), hosted(place, {**base, option.wire: value}), newer)
        for typed in objects_in(option.annotation):
            child = {**minimal(typed, newer), "verb": option.wire}
            yield Fault(where, "verb inside", hosted(place, with_option(place.typed, option, base, child)), newer)


def change(option: Option, value: Any) -> str:
    """Return of which kind the change of an option to a value is."""
    if value is None:
        return "null"
    if value == [None]:
        return "null in a list"
    if option.marker(Shorthand) and isinstance(value, str):
        return "shorthand"
    return f"{value!r}"


def test_what_the_validators_refuse_we_refuse_too(validators: Validators) -> None:
    """Whatever is changed in whichever object: if they refuse it, so do we, or we send something else for it."""
    every = [fault for place in PLACES for fault in faults(place)]
    assert len(every) > 10_000
    raw = validators.judge([[fault.verb] for fault in every])
    assert sum(said.validator is not None for said in raw) > 5_000
    assert sum(said.schema is not None for said in raw) > 5_000
    accepted = []
    for fault, said in zip(every, raw, strict=True):
        refused_by_schema = said.schema is not None and VERBS[fault.verb["verb"]].sent_as not in NOT_IN_SCHEMA
        for refused, version in (
            (said.validator is not None and not fault.newer, "0.9"),
            (refused_by_schema, None),
        ):
            if refused:
                try:
                    (built,) = from_wire([fault.verb], jambonz_version=version)
                except InvalidVerb:
                    continue
                accepted.append((fault, version, built))
    sent = validators.judge([[built.wire()] for _, _, built in accepted])
    unwanted, reasons, slips = [], set(), set()
    for (fault, version, built), said in zip(accepted, sent, strict=True):
        option = fault.where.rpartition(".")[2]
        if version is None and option in SLIPS_OF_THE_SCHEMA and fault.change not in SENT_OTHERWISE:
            assert said.validator is None
            slips.add(option)
            continue
        reason = fault.change
        if reason not in SENT_OTHERWISE and built.name != fault.verb["verb"]:
            reason = "another name"
        reasons.add(reason)
        if (said.schema if version is None else said.validator) is not None or reason not in SENT_OTHERWISE:
            unwanted.append((fault.where, fault.change, said))
    assert unwanted == []
    assert reasons == SENT_OTHERWISE.keys()
    assert slips == SLIPS_OF_THE_SCHEMA.keys()
