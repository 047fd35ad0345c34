"""How it is described what messages and hooks carry."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from typing_extensions import Doc, NotRequired, TypedDict

from jambonz_sync.protocol.facts import fact
from jambonz_sync.protocol.facts.fact import Fact, Here, comes_with, facts_of, groups, in_words, sources_of, ways_to


@pytest.fixture(autouse=True)
def _nothing_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """No group but those of the test is known."""
    monkeypatch.setattr(fact, "_groups", {})
    monkeypatch.setattr(fact, "_ways", {})
    monkeypatch.setattr(fact, "_sources", {})


KindOfTea = Literal["green", "black"]
Kind = Literal[KindOfTea, "mocha"]


class Tea:
    """A group with everything a group may have."""

    leaves: Annotated[int | None, Doc("How many leaves.")]
    kind: str

    @property
    def strength(self) -> float:
        """How strong it is, 0 to 1.

        More than that is bitter.
        """
        return 0.5

    @property
    def _secret(self) -> int:
        return 1

    def pour(self) -> None:
        """No fact."""


class GreenTea(Tea):
    """A group with a base."""

    colour: Annotated[str, "a mark of another kind", Doc("How green it is.")]


def test_facts_of_a_group():
    """Annotations and public properties are facts, with their types and one line of documentation."""
    assert list(facts_of(Tea)) == [
        Fact("leaves", int | None, "How many leaves.", int | None),
        Fact("kind", str, "", str),
        Fact("strength", float, "How strong it is, 0 to 1.", float),
    ]


def test_facts_of_a_base_are_not_repeated():
    """A group has the facts it declares itself."""
    assert list(facts_of(GreenTea)) == [Fact("colour", str, "How green it is.", str)]


def test_property_without_documentation():
    """A property that says nothing of itself is a fact all the same."""

    class Coffee:
        @property
        def beans(self) -> int:
            return 7

    assert list(facts_of(Coffee)) == [Fact("beans", int, "", int)]


def test_what_a_value_may_be_in_one_message():
    """Type checkers see the type that all messages share, a reader what there is in this one."""

    class Cup:
        kind: Annotated[Kind, Here(KindOfTea), Doc("Which.")]

        @property
        def rest(self) -> Annotated[float | None, Here(float)]:
            """How much is left."""
            return 0.5

    assert list(facts_of(Cup)) == [
        Fact("kind", Kind, "Which.", KindOfTea),
        Fact("rest", float | None, "How much is left.", float),
    ]


def test_facts_of_a_dict():
    """The keys of a dict inside are described in the same way, whether they are always there or not."""

    class Tray(TypedDict):
        cups: Annotated[int, Doc("How many cups.")]
        sugar: Annotated[NotRequired[str], Doc("What kind.")]

    assert list(facts_of(Tray)) == [
        Fact("cups", int, "How many cups.", int),
        Fact("sugar", str, "What kind.", str),
    ]


def test_source_of_a_group():
    """What is said of a group holds for each of its keys, and the group stays as it is."""
    assert comes_with("the pot")(Tea) is Tea
    assert groups() == {Tea: "the pot"}
    assert sources_of("leaves") == sources_of("kind") == ["the pot"]
    assert sources_of("strength") == sources_of("milk") == []


def test_sources_of_a_key_of_several_groups():
    """A key that several messages carry has all of them for its sources."""

    class Sack:
        leaves: int

    comes_with("the pot")(Tea)
    comes_with("the sack")(Sack)
    assert sources_of("leaves") == ["the pot", "the sack"]


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        (("call:status",), "call:status"),
        (("llm:tool-call", "agent:tool-call"), "llm:tool-call and agent:tool-call"),
        (("gather.action_hook",), "the action_hook of gather"),
        (("sip:refer.event_hook",), "the event_hook of sip:refer"),
        (("config.amd.action_hook",), "the action_hook of config.amd"),
        (("a.action_hook", "b.action_hook", "c.action_hook"), "the action_hook of a, of b and of c"),
        (("a.wait_hook", "b.wait_hook", "b.enter_hook"), "the wait_hook of a and of b and the enter_hook of b"),
        (("agent:event", "agent.event_hook"), "agent:event"),
    ],
)
def test_ways_in_words(ways, words):
    """Where facts come from is said in words; an option is not mentioned where its message has a name of its own."""
    comes_with(*ways)(Tea)
    assert groups() == {Tea: words}
    assert ways_to(Tea) == ways


def test_other_words():
    """They may be given where what follows from the ways would be clumsy."""
    comes_with("gather.action_hook", text="gather")(Tea)
    assert groups() == {Tea: "gather"}
    assert sources_of("leaves") == ["gather"]
    assert ways_to(Tea) == ("gather.action_hook",)


def test_groups_cannot_be_changed():
    """The groups are for reading."""
    with pytest.raises(TypeError):
        groups()[Tea] = "nowhere"


@pytest.mark.parametrize(("names", "words"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_names_in_a_sentence(names, words):
    """The last two are joined by a word, all others by commas."""
    assert in_words(names, "or") == words
    assert in_words(iter(names)) == words.replace("or", "and")
