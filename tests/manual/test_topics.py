"""What a reader is told of everything that has options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import pytest
from typing_extensions import Required, TypedDict

from jambonz_sync.manual.topics import (
    HOOKS,
    Topic,
    described_in,
    follow,
    newer_than,
    objects_in,
    parts_of,
)
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.verbs.compile import Place
from jambonz_sync.verbs.hook import Hook, HookObject
from jambonz_sync.verbs.markers import Doc, Ignored, Needed, OtherLeg, Since


class Inner(TypedDict, total=False):
    """An object
    inside."""

    size: Required[Annotated[float, Doc("How big.")]]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked.")]


class Middle(TypedDict, total=False):
    """In between."""

    inner: Annotated[Inner, Doc("The innermost.")]


class Outer(TypedDict, total=False):
    """One of each."""

    text: Annotated[str, Needed(unless="flag"), Doc("What to say.")]
    flag: Annotated[bool, Needed(), Doc("Whether.")]
    vendor: Annotated[str, Needed(hint="any"), Doc("Who.")]
    newer: Annotated[str, Since("10.1"), Ignored("use `text`"), Doc("Not yet.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked.")]
    inner: Annotated[Inner, Doc("Nested.")]
    legs: Annotated[Sequence[Inner | str], OtherLeg, Doc("Of another leg.")]
    by_name: Annotated[Mapping[str, Middle], OtherLeg, Doc("By name.")]


class Beside(TypedDict, total=False):
    """What a method takes too."""

    call_sid: Annotated[str, Doc("Whose.")]


OUTER = Topic("outer", "One of each.", Outer, positional="text", preset={"vendor": "acme"})


def test_what_is_said_of_an_option():
    """Its path, type and line, and whether it is needed."""
    entry = OUTER.entry("flag")
    assert (entry.name, entry.path, entry.type, entry.doc) == ("flag", "outer.flag", "True or False", "Whether.")
    assert (entry.needed, entry.remarks, entry.inside, entry.owner) == ("needed", (), None, Outer)


def test_options_keep_their_order():
    """They come as they are described."""
    assert [entry.name for entry in OUTER.entries] == list(Outer.__annotations__)


def test_arguments_that_are_no_options():
    """They come last, and are found like options."""
    topic = Topic("outer", "One of each.", Outer, Beside)
    assert [entry.name for entry in topic.entries] == [*Outer.__annotations__, "call_sid"]
    assert topic.entry("call_sid").owner is Beside
    with pytest.raises(LookupError, match=r"did you mean call_sid\?"):
        topic.entry("callsid_")


def test_needed_only_sometimes():
    """It is said what makes up for it."""
    assert OUTER.entry("text").needed == "needed unless flag is True"


def test_required_is_needed():
    """However it is written."""
    assert follow(OUTER, ["inner", "size"]).needed == "needed"


def test_what_comes_without_its_name():
    """The one obvious argument is marked."""
    assert OUTER.entry("text").remarks == ("May come first, without its name.",)
    assert Topic("outer", "", Outer).entry("text").remarks == ()


def test_what_the_name_says():
    """Then the option is not needed, and it is said what it is."""
    entry = OUTER.entry("vendor")
    assert (entry.needed, entry.remarks) == ("", ('"acme" if left out.',))


def test_what_some_servers_do_not_know():
    """Since when, and why there is no effect."""
    assert OUTER.entry("newer").remarks == (
        "Only jambonz 10.1 and newer.",
        "No effect on jambonz 0.9: use `text`.",
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("action_hook", HookKind.ACTION),
        ("inner.action_hook", HookKind.REPORT),
        ("legs.action_hook", HookKind.LEG_REPORT),
        ("by_name.inner.action_hook", HookKind.LEG_REPORT),
    ],
)
def test_what_a_hook_wants_depends_on_its_place(path, kind):
    """Inside another verb the call does not wait, and inside a dial it is about another leg."""
    assert follow(OUTER, path.split(".")).remarks == (HOOKS[kind],)


def test_every_kind_of_hook_has_a_sentence():
    """Which is its own, and begins with whether a reply is wanted."""
    assert HOOKS.keys() == set(HookKind)
    assert len(set(HOOKS.values())) == len(HookKind)
    for kind, sentence in HOOKS.items():
        wanted = kind not in (HookKind.REPORT, HookKind.LEG_REPORT, HookKind.NOTIFY)
        assert sentence.startswith("Wants a reply" if wanted else "Wants no reply")
        assert sentence.endswith(".")


# What is inside


def test_an_object_inside():
    """It is a topic of its own, under the path that leads to it."""
    inside = OUTER.entry("inner").inside
    assert inside == Topic("outer.inner", "An object inside.", Inner, place=Place.NESTED)


@pytest.mark.parametrize(("name", "typed"), [("legs", Inner), ("by_name", Middle), ("action_hook", HookObject)])
def test_an_object_may_be_one_form_or_in_a_collection(name, typed):
    """It is found in lists, in dicts and beside other types."""
    inside = OUTER.entry(name).inside
    assert inside is not None
    assert inside.options is typed


def test_what_is_described():
    """A plain type has nothing inside."""
    assert described_in(Sequence[str | Mapping[str, Inner]]) is Inner
    assert described_in(str | Sequence[float]) is None


def test_a_way_inside():
    """Each name may be the one in Python or the one on the wire."""
    assert follow(OUTER, ["byName", "inner", "actionHook"]).path == "outer.by_name.inner.action_hook"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("txt", "outer has no option 'txt'; did you mean text?"),
        ("inner.sise", "outer.inner has no option 'sise'; did you mean size?"),
        ("by_name.inner.size.unit", "outer.by_name.inner.size has no options inside: it is a number"),
        ("verb", "outer takes no 'verb': what stands here is known by the option's name"),
    ],
)
def test_a_way_that_leads_nowhere(path, text):
    """The sentence names what is nearest, at the place where the way ends."""
    with pytest.raises(LookupError) as caught:
        follow(OUTER, path.split("."))
    assert str(caught.value) == text


def test_since_when():
    """Servers of a version, and those after it."""
    assert newer_than("10.1") == "jambonz 10.1 and newer"


def test_parts_of_a_path():
    """Indices, as errors have them, say nothing about options."""
    assert parts_of("dial.target[0].number") == parts_of("dial.target[].number") == ["dial", "target", "number"]
    assert parts_of("sip:decline") == ["sip:decline"]


def test_every_object_once():
    """Each under the first path that leads to it, however many do; never the topics themselves."""
    found = list(objects_in(OUTER))
    assert [topic.options for topic in found][:3] == [HookObject, Inner, Middle]
    assert found[1].name == "outer.inner"
    assert len({topic.options for topic in found}) == len(found)
    assert [topic.options for topic in objects_in(OUTER, Topic("middle", "", Middle))].count(Middle) == 0
