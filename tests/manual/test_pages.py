"""A page of the reference."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from jambonz_sync.manual.pages import Page
from jambonz_sync.manual.topics import Topic
from jambonz_sync.verbs.markers import Doc


class Options(TypedDict, total=False):
    """What it takes."""

    text: Annotated[str, Doc("What to say.")]


class Beside(TypedDict, total=False):
    """What its method takes too."""

    call_sid: Annotated[str, Doc("To whom.")]


TOPIC = Topic("tell", "Tell it.", Options, Beside)


def test_the_line_of_a_page():
    """The summary with the remarks behind it; of another name the remarks alone."""
    assert Page(TOPIC, "tell()", "Tell it.").line == "Tell it."
    assert Page(TOPIC, "tell()", "Tell it.", remarks=("new", "good")).line == "Tell it. (new; good)"
    assert Page(TOPIC, "tell()", "Tell it.", remarks=("sent as say",), alias_of="say").line == "sent as say"


def test_names():
    """It is found by the name of its method, and by that on the wire if it is another."""
    assert Page(TOPIC, "tell()", "Tell it.").names == ("tell",)
    assert Page(TOPIC, "tell()", "Tell it.", wire="tell:it").names == ("tell", "tell:it")


def test_options_that_are_told_elsewhere():
    """A page that has the options of another tells only of what is its own."""
    assert [entry.name for entry in Page(TOPIC, "tell()", "Tell it.").entries] == ["text", "call_sid"]
    assert [entry.name for entry in Page(TOPIC, "tell()", "Tell it.", options_of="say").entries] == ["call_sid"]
    bare = Topic("tell", "Tell it.", Options)
    assert Page(bare, "tell()", "Tell it.", options_of="say").entries == ()
