"""What messages and hooks carry, as a reader is told."""

from __future__ import annotations

import pytest

from jambonz_sync.manual.carried import all_groups, attributes_of, carried_by, messages
from jambonz_sync.manual.topics import follow
from jambonz_sync.manual.verbs import chapters
from jambonz_sync.protocol.facts import groups, ways_to
from jambonz_sync.protocol.facts.hearing import Alternative, Speech
from jambonz_sync.protocol.facts.parties import AmdFacts
from jambonz_sync.protocol.message import ACKED_TYPES, UNACKED_TYPES
from jambonz_sync.verbs.amd import Amd
from jambonz_sync.verbs.conference import ConferenceOptions
from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.dial import DialOptions
from jambonz_sync.verbs.gather import GatherOptions
from jambonz_sync.verbs.llm import LlmOptions
from jambonz_sync.verbs.queue import EnqueueOptions
from jambonz_sync.verbs.registry import VERBS
from jambonz_sync.verbs.say import SayOptions

TOPICS = {page.topic.options: page.topic for chapter in chapters() for page in chapter.pages}


def carried(owner, option):
    """The titles of what a hook carries, and whether the facts of the call come with it."""
    found = carried_by(owner, option)
    return [group.title for group in found.groups], found.call


# What is described, and of what


@pytest.mark.parametrize("way", sorted({way for group in groups() for way in ways_to(group)}))
def test_ways_lead_somewhere(way):
    """Every way is a type of message, or leads to an option that names a hook."""
    verb, _, path = way.partition(".")
    if not path:
        assert way in ACKED_TYPES | UNACKED_TYPES
    elif verb == "*":
        assert sum(option.name == path for kind in VERBS.values() for option in options_of(kind.options)) > 10
    else:
        entry = follow(TOPICS[VERBS[verb].options], path.split("."))
        assert {option.name: option for option in options_of(entry.owner)}[entry.name].hook is not None


def test_most_hooks_are_described():
    """Those are not of which it is unknown what they carry."""
    unknown = {
        f"{verb.method}.{option.name}"
        for verb in VERBS.values()
        for option in options_of(verb.options)
        if option.hook is not None and verb.alias_of is None and carried_by(verb.options, option.name) is None
    }
    assert unknown == {
        "dialogflow.tool_hook",  # which is called by HTTP
        "llm.event_hook",  # whose events are the vendor's own
        "redirect.status_hook",
        "transfer.event_hook",
        "transfer.on_hold_hook",
    }


# Hooks


def test_what_is_particular_comes_first():
    """Then what many hooks carry; the facts of the call are only mentioned."""
    assert carried(DialOptions, "action_hook") == (
        ["The action_hook of dial", "The hooks of a verb that has an id"],
        True,
    )
    assert carried(GatherOptions, "action_hook") == (
        [
            "The action_hook of gather",
            "The hooks of gather and transcribe with notify_stt_latency",
            "The hooks of a verb that has an id",
        ],
        True,
    )


def test_nothing_particular():
    """Some hooks carry nothing but what others carry too."""
    assert carried(ConferenceOptions, "action_hook") == (["The hooks of a verb that has an id"], True)
    assert carried(DialOptions, "confirm_hook") == ([], True)


def test_without_the_facts_of_the_call():
    """Few hooks are."""
    assert carried(EnqueueOptions, "wait_hook") == (["The wait_hook of enqueue"], False)
    assert carried(LlmOptions, "tool_hook") == (["llm:tool-call and agent:tool-call"], False)


def test_an_object_that_stands_in_several_verbs():
    """Its hook carries the same in each, and that is told once."""
    assert len(ways_to(AmdFacts)) > 1
    assert carried(Amd, "action_hook") == (["Answering machine detection"], True)


def test_no_hook():
    """An option that names no hook brings nothing, nor does one that nothing is known of."""
    assert carried_by(SayOptions, "text") is None
    assert carried_by(LlmOptions, "event_hook") is None


# Messages


def test_messages():
    """Each has what is its own; the facts of the call are told with one message in full."""
    found = messages()
    assert list(found) == sorted(found)
    assert {"session:new", "verb:status", "jambonz:error"} <= set(found)
    assert [group.title for group in found["call:status"].groups] == ["call:status", "call:status and most hooks"]
    assert not found["call:status"].call
    assert [group.title for group in found["session:new"].groups] == ["session:new"]
    assert found["session:new"].call
    assert not found["jambonz:error"].call


# Groups


def test_all_groups():
    """Each is there once: what is common first, then by message, then by hook."""
    found = all_groups()
    assert sorted(group.title.lower() for group in found) == sorted(title.lower() for title in groups().values())
    kinds = ["common" if group.common else "hook" if "." in group.ways[0] else "message" for group in found]
    assert list(dict.fromkeys(kinds)) == ["common", "message", "hook"]
    assert kinds == sorted(kinds, key=["common", "message", "hook"].index)
    assert found[0].title == "call:status and most hooks"


def test_a_group():
    """It has a text in paragraphs, and attributes with types in words."""
    (group,) = (group for group in all_groups() if group.title == "The status_hook of conference")
    assert group.doc == "Something happened in a conference that `status_events` names."
    assert group.ways == ("conference.status_hook",)
    members = next(attribute for attribute in group.attributes if attribute.name == "members")
    assert members == ("members", "a whole number", "How many are in it.", None)


def test_words_of_one_message():
    """Of words that several messages share there are those of this one."""
    (group,) = (group for group in all_groups() if group.title == "The event_hook of rasa")
    assert group.attributes[0].type == '"userMessage" or "botMessage"'


@pytest.mark.parametrize("group", all_groups(), ids=lambda group: group.title)
def test_everything_can_be_told(group):
    """No text has the marks of the documentation's tools, and every attribute has a line."""
    for text in (group.doc, *(attribute.doc for attribute in group.attributes)):
        assert text.endswith((".", "…"))
        assert "``" not in text
        assert not text.startswith(":")
    assert group.attributes


def test_dicts_inside():
    """An attribute leads to the keys of the dict it is or lists."""
    attributes = [attribute for group in all_groups() for attribute in group.attributes]
    assert {attribute.name for attribute in attributes if attribute.inside is Speech} == {"speech"}
    keys = {key.name: key for key in attributes_of(Speech)}
    assert keys["alternatives"].type == "a list of dicts"
    assert keys["alternatives"].inside is Alternative
    assert keys["is_final"] == ("is_final", "True or False", "Whether the recogniser is sure that was all.", None)
    assert all(key.doc for key in keys.values())
