from __future__ import annotations

import enum
import math
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pytest
from typing_extensions import Required, TypedDict

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.compile import Place, compiled, hook_use, kind_at, place_inside, unknown_option
from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.fault import Fault
from jambonz_sync.verbs.hook import Hook
from jambonz_sync.verbs.markers import (
    AtLeastOne,
    Between,
    FreeForm,
    Needed,
    OtherLeg,
    Secret,
    Since,
    VerbList,
)
from jambonz_sync.verbs.rules import Run
from jambonz_sync.verbs.versions import version_of


class Inner(TypedDict, total=False):
    """An object inside."""

    action_hook: Annotated[Hook, HookKind.ACTION]
    report_hook: Annotated[str, HookKind.REPORT]
    size: Required[float]


class Empty(TypedDict, total=False):
    """Nothing to choose."""


class Outer(TypedDict, total=False):
    """One of each."""

    text: str
    flag: bool
    number: float
    whole: int
    part: Annotated[float, Between(0, 1)]
    word: Literal["red", "green"]
    digit: Literal[1, 2]
    off: Literal[False]
    positive: Annotated[float, Between(1, math.inf)]
    either: str | float
    texts: Sequence[str]
    text_or_texts: str | Sequence[str]
    several: Annotated[Sequence[Inner], AtLeastOne]
    inner: Inner
    leg: Annotated[Inner, OtherLeg]
    headers: Mapping[str, str | float]
    free: FreeForm
    free_or_text: str | FreeForm
    anything: Sequence[Any]
    action_hook: Annotated[Hook, HookKind.ACTION]
    password: Annotated[str, Secret]
    newer: Annotated[str, Since("10.1")]
    actions: Annotated[Sequence[Mapping[str, Any]], VerbList(only=("say", "play"))]
    verbs: Annotated[Sequence[Mapping[str, Any]], VerbList()]
    stream: bool
    needed: Annotated[str, Needed(unless="stream", hint="it is the point")]


def check(strict: bool = True, version: str | None = None, place: Place = Place.TOP, **options: Any) -> Any:
    """Return what becomes of options, with a ``needed`` that does not matter."""
    return run(strict, version, place, options)[0]


def run(strict: bool, version: str | None, place: Place, options: dict[str, Any]) -> tuple[Any, list[HookUse]]:
    run = Run(strict, None if version is None else version_of(version))
    try:
        out = compiled(Outer, place)({"stream": True, **options}, run)
    except Fault as fault:
        raise fault.error("outer", InvalidVerb) from None
    out.pop("stream", None)
    return out, run.hooks


def fault(**options: Any) -> str:
    """Return the error that options lead to."""
    with pytest.raises(ValueError) as caught:
        check(**options)
    return str(caught.value)


class Colour(str, enum.Enum):
    """Words, as an application may keep them."""

    RED = "red"


class Size(enum.IntEnum):
    """Numbers, as an application may keep them."""

    BIG = 3


class Text(str):
    """A string of another make."""


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("text", ""),
        ("text", "grüß dich 😀"),
        ("flag", False),
        ("number", 0),
        ("number", -1.5),
        ("number", 10**400),
        ("whole", 3),
        ("whole", 3.0),
        ("part", 0),
        ("part", 1.0),
        ("word", "green"),
        ("digit", 2),
        ("digit", 2.0),
        ("off", False),
        ("positive", 1),
        ("either", "a"),
        ("either", 1.5),
        ("texts", []),
        ("texts", ["a", "b"]),
        ("inner", {"size": 1}),
        ("several", [{"size": 1}, {"size": 2}]),
        ("headers", {"X-One": "a", "x_two": 2}),
        ("free", {"snake_key": None, "camelKey": [1, {"a_b": True}], "deep": {"x": [[]]}}),
        ("anything", ["a", {"b": 1}, 2]),
    ],
)
def test_valid_values_pass(option: str, value: Any) -> None:
    """A value of the right type comes out as it went in."""
    out = check(**{option: value})
    assert out == {option: value}
    assert [type(item) for item in out.values()] == [type(value)]


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("text", 7, "outer.text must be a string, not 7"),
        ("text", b"x", "outer.text must be a string, not a value of type bytes"),
        ("text", "\ud800", "outer.text holds half a surrogate pair, which no message can carry"),
        ("flag", 1, "outer.flag must be True or False, not 1"),
        ("flag", "true", "outer.flag must be True or False, not 'true'"),
        ("number", "ten", "outer.number must be a number, not 'ten'"),
        ("number", True, "outer.number must be a number, not True"),
        ("number", math.nan, "outer.number must be a finite number, not nan"),
        ("number", math.inf, "outer.number must be a finite number, not inf"),
        ("whole", 1.5, "outer.whole must be a whole number, not 1.5"),
        ("whole", False, "outer.whole must be a whole number, not False"),
        ("part", 1.1, "outer.part must be between 0 and 1, not 1.1"),
        ("word", "blue", 'outer.word must be "red" or "green", not \'blue\''),
        ("word", 1, 'outer.word must be "red" or "green", not 1'),
        ("digit", 3, "outer.digit must be 1 or 2, not 3"),
        ("digit", True, "outer.digit must be 1 or 2, not True"),
        ("digit", "1", "outer.digit must be 1 or 2, not '1'"),
        ("off", True, "outer.off must be False, not True"),
        ("off", 0, "outer.off must be False, not 0"),
        ("positive", 0.5, "outer.positive must be at least 1, not 0.5"),
        ("either", True, "outer.either must be a string or a number, not True"),
        ("either", b"x", "outer.either must be a string or a number, not a value of type bytes"),
        ("either", {}, "outer.either must be a string or a number, not a dict"),
        ("texts", "abc", "outer.texts must be a list of strings, not 'abc'"),
        ("texts", {"a"}, "outer.texts must be a list of strings, not a value of type set"),
        ("texts", ["a", 1], "outer.texts[1] must be a string, not 1"),
        ("text_or_texts", 1, "outer.text_or_texts must be a string or a list of strings, not 1"),
        ("several", [], "outer.several must not be an empty list"),
        ("several", [{"size": 1}, {}], "outer.several[1] needs size"),
        ("several", {"size": 1}, "outer.several must be a list of one or more dicts, not a dict"),
        ("inner", "x", "outer.inner must be a dict of options, not 'x'"),
        ("inner", {"size": 1, "sice": 2}, "outer.inner has no option 'sice'; did you mean size?"),
        ("inner", {"size": 1, "zzz": 2}, "outer.inner has no option 'zzz'; it takes action_hook, report_hook and size"),
        (
            "inner",
            {"size": 1, "verb": "x"},
            "outer.inner takes no 'verb': what stands here is known by the option's name",
        ),
        ("headers", "x", "outer.headers must be a dict of strings and/or numbers, not 'x'"),
        ("headers", {"X": True}, "outer.headers.X must be a string or a number, not True"),
        ("headers", {1: "x"}, "outer.headers has the key 1, but keys must be strings"),
        ("free", [1], "outer.free must be a dict, not a list"),
        ("free", {"a": [1, math.nan]}, "outer.free.a[1] must be a finite number, not nan"),
        ("free", {"a": object()}, "outer.free.a must be something JSON can carry, not a value of type object"),
        ("free", {"a": {1: 2}}, "outer.free.a has the key 1, but keys must be strings"),
        ("action_hook", 7, "outer.action_hook must be a string or a dict, not 7"),
        ("action_hook", {}, "outer.action_hook needs url"),
        (
            "action_hook",
            {"url": "/x", "method": "PUT"},
            'outer.action_hook.method must be "GET" or "POST", not \'PUT\'',
        ),
        ("password", 4711, "outer.password must be a string"),
        ("actions", [{"text": "x"}], "outer.actions[0] needs verb, which says what stands here"),
        ("actions", [{"verb": "hangup"}], "outer.actions[0] must be say or play; not 'hangup'"),
        ("actions", [{"verb": "say"}], "outer.actions[0] needs text, unless stream is True"),
        ("actions", ["say"], "outer.actions[0] must be a verb, not 'say'"),
        ("actions", "say", "outer.actions must be a list of say and play verbs, not 'say'"),
        ("verbs", {"verb": "say"}, "outer.verbs must be a list of verbs, not a dict"),
        ("verbs", [{"verb": "sey"}], "outer.verbs[0] is no verb of jambonz: 'sey'"),
        ("verbs", [{"verb": 7}], "outer.verbs[0] is no verb of jambonz: 7"),
        ("verbs", [{"verb": ["say"]}], "outer.verbs[0] is no verb of jambonz: a list"),
    ],
)
def test_invalid_values_are_refused(option: str, value: Any, text: str) -> None:
    """The error says where, what would be right, and what was given."""
    assert fault(**{option: value}) == text


def test_unknown_options_are_refused_with_the_nearest_name() -> None:
    """Even if their value is None."""
    assert fault(wrod=None) == "outer has no option 'wrod'; did you mean word?"
    assert fault(colour="red") == "outer has no option 'colour'"


def test_both_spellings_are_accepted_at_every_level() -> None:
    """Options come out in the wire's spelling, however they were spelled."""
    out = check(textOrTexts="a", inner={"actionHook": "/a", "report_hook": "/b", "size": 1})
    assert out == {"textOrTexts": "a", "inner": {"actionHook": "/a", "reportHook": "/b", "size": 1}}


def test_one_option_in_two_spellings_is_refused() -> None:
    """Unless one of them is None, which counts as not given."""
    text = "outer has text_or_texts twice, as 'text_or_texts' and as 'textOrTexts'; keep one"
    assert fault(text_or_texts="a", textOrTexts="a") == text
    assert check(text_or_texts=None, textOrTexts="a") == {"textOrTexts": "a"}


def test_none_is_not_given() -> None:
    """It is dropped at every level whose structure is known, and kept in free-form objects."""
    out = check(
        text=None, inner={"size": 1, "action_hook": None}, texts=[None, "a"], headers={"X": None}, free={"x": None}
    )
    assert out == {"inner": {"size": 1}, "texts": ["a"], "headers": {}, "free": {"x": None}}
    assert fault(inner={"size": None}) == "outer.inner needs size"


def test_what_is_needed() -> None:
    """Unless another option makes up for it."""
    assert fault(stream=False) == "outer needs needed, unless stream is True; it is the point"
    assert check(stream=None, needed="x") == {"needed": "x"}


def test_subclasses_become_what_json_knows() -> None:
    """Enum members, other strings, mappings and tuples come out plain."""
    out = check(
        word=Colour.RED,
        text=Text("a"),
        text_or_texts=Text("b"),
        number=Size.BIG,
        texts=(Colour.RED,),
        inner=MappingProxyType({"size": 1}),
        free=MappingProxyType({Text("k"): Size.BIG, "t": (1,), "c": Colour.RED}),
        either=Size.BIG,
        free_or_text=MappingProxyType({"a_b": None}),
    )
    assert out == {
        "word": "red",
        "text": "a",
        "number": 3,
        "texts": ["red"],
        "inner": {"size": 1},
        "free": {"k": 3, "t": [1], "c": "red"},
        "textOrTexts": "b",
        "either": 3,
        "freeOrText": {"a_b": None},
    }
    assert {type(out["word"]), type(out["text"]), type(out["texts"][0])} == {str}
    assert type(out["number"]) is type(out["free"]["k"]) is int
    assert type(out["inner"]) is type(out["free"]) is dict


def test_unknown_options_pass_if_not_strict() -> None:
    """As they stand, at every level; what is known is checked all the same."""
    out = check(strict=False, some_thing={"a_b": 1}, inner={"size": 1, "new_one": [None]}, gone=None)
    assert out == {"some_thing": {"a_b": 1}, "inner": {"size": 1, "new_one": [None]}}
    assert fault(strict=False, text=7) == "outer.text must be a string, not 7"
    assert "takes no 'verb'" in fault(strict=False, inner={"size": 1, "verb": "x"})


def test_an_older_server_gets_no_newer_option() -> None:
    """Without a version, or with a new enough one, it passes."""
    assert fault(version="0.9", newer="x").startswith("outer.newer needs jambonz 10.1 or newer")
    for version in (None, "10", "10.1", "v11"):
        assert check(version=version, newer="x") == {"newer": "x"}


def test_lists_of_verbs_hold_whole_verbs() -> None:
    """Each with its verb key, in either spelling."""
    out = check(verbs=[{"verb": "sip_decline", "status": 603}, {"verb": "play", "url": "a", "early_media": True}])
    assert out["verbs"] == [
        {"verb": "sip:decline", "status": 603},
        {"verb": "play", "url": "a", "earlyMedia": True},
    ]
    assert check(strict=False, verbs=[{"verb": "newverb", "a_b": 1}])["verbs"] == [{"verb": "newverb", "a_b": 1}]


def test_hooks_are_found_with_their_kinds() -> None:
    """By their name, from a string or a dict, at every level, and for what they mean there."""
    inner = {"size": 1, "action_hook": {"url": "/b", "method": "GET"}, "report_hook": "/c"}
    options = {
        "action_hook": "/a",
        "inner": inner,
        "leg": inner,
        "actions": [{"verb": "play", "url": "u", "actionHook": "/d"}],
    }
    out, hooks = run(True, None, Place.TOP, options)
    assert hooks == [
        HookUse("/a", HookKind.ACTION),
        HookUse("/b", HookKind.REPORT),
        HookUse("/c", HookKind.REPORT),
        HookUse("/b", HookKind.LEG_REPORT),
        HookUse("/c", HookKind.LEG_REPORT),
        HookUse("/d", HookKind.REPORT),
    ]
    assert out["inner"]["actionHook"] == {"url": "/b", "method": "GET"}


@pytest.mark.parametrize(
    ("place", "kind", "there"),
    [
        (Place.TOP, HookKind.ACTION, HookKind.ACTION),
        (Place.NESTED, HookKind.ACTION, HookKind.REPORT),
        (Place.NESTED, HookKind.REPORT, HookKind.REPORT),
        (Place.LEG, HookKind.ACTION, HookKind.LEG_REPORT),
        (Place.LEG, HookKind.REPORT, HookKind.LEG_REPORT),
        (Place.LEG, HookKind.CONFIRM, HookKind.CONFIRM),
    ],
)
def test_what_a_hook_is_for_depends_on_its_place(place: Place, kind: HookKind, there: HookKind) -> None:
    """An action hook only reports where the call does not stand still for it, and inside a dial on another leg."""
    assert kind_at(place, kind) is there


def test_where_an_object_stands() -> None:
    """An object inside another is nested; one that is about another leg stays so, however deep."""
    inner, leg = (next(option for option in options_of(Outer) if option.name == name) for name in ("inner", "leg"))
    assert [place_inside(inner, place) for place in Place] == [Place.NESTED, Place.NESTED, Place.LEG]
    assert [place_inside(leg, place) for place in Place] == [Place.LEG] * 3


@pytest.mark.parametrize(
    ("key", "options", "text"),
    [
        ("wrod", Outer, "has no option 'wrod'; did you mean word?"),
        ("reportHook", Outer, "has no option 'reportHook'; it is an option of several, inner or leg"),
        ("zzz", Inner, "has no option 'zzz'; it takes action_hook, report_hook and size"),
        (7, Inner, "has no option 7; it takes action_hook, report_hook and size"),
        ("verb", Outer, "takes no 'verb': what stands here is known by the option's name"),
        ("zzz", Empty, "takes no options, so none called 'zzz'"),
    ],
)
def test_an_option_that_is_not_there(key: object, options: type, text: str) -> None:
    """The fault names the nearest one, the object it belongs to, or what there is if that is little."""
    fault = unknown_option(key, options_of(options))
    assert (fault.text, fault.leaf) == (text, key)


@pytest.mark.parametrize("name", ["http://example.com/x", "HTTPS://example.com/x", "", None])
def test_some_hooks_never_show_on_the_socket(name: object) -> None:
    """jambonz calls http URLs by itself, and an empty name not at all."""
    assert hook_use(name, HookKind.ACTION) is None


@pytest.mark.parametrize("name", ["/x", "x", "ws://example.com/x", "wss://example.com/x", "httpfoo"])
def test_all_other_hooks_do(name: str) -> None:
    """Websocket URLs are delivered over the socket that is there."""
    assert hook_use(name, HookKind.WAIT) == HookUse(name, HookKind.WAIT)


def test_a_type_without_a_rule_is_a_mistake_in_the_description() -> None:
    """It shows on first use."""

    class Odd(TypedDict, total=False):
        when: bytes

    with pytest.raises(TypeError, match="no rule for the type"):
        compiled(Odd)


def test_a_verb_is_compiled_once_however_many_threads_ask() -> None:
    """Every thread gets the same check."""

    class Fresh(TypedDict, total=False):
        text: str

    barrier = threading.Barrier(4)
    seen: list[object] = []

    def ask() -> None:
        barrier.wait()
        seen.append(compiled(Fresh))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(check) for check in seen}) == 1
