"""The whole reference, and how one finds one's way in it."""

from __future__ import annotations

import pytest

from jambonz_sync.manual import chapters, look_up
from jambonz_sync.manual.topics import objects_in

PAGES = [page for chapter in chapters() for page in chapter.pages]


def test_chapters():
    """Verbs, commands, and what jambonz tells."""
    assert [chapter.title for chapter in chapters()] == ["Verbs", "Other names", "Commands", "Messages"]


@pytest.mark.parametrize(
    ("path", "name", "names"),
    [
        ("sip:refer.headers", "sip_refer", ["headers"]),
        ("sip_refer", "sip_refer", []),
        ("inject_mute", "inject_mute", []),
        ("mute:status.call_sid", "inject_mute", ["call_sid"]),
        ("llm:update", "update_llm", []),
        ("tts:flush", "tts:flush", []),
        ("session:new", "session:new", []),
    ],
)
def test_a_name_is_looked_up(path, name, names):
    """A verb or command by either name, a message by its own; the rest of the path is left."""
    page, rest = look_up(path)
    assert (page.topic.name, rest) == (name, names)


@pytest.mark.parametrize("name", ["dial", "config", "sip:request"])
def test_a_verb_comes_before_a_command(name):
    """Where both have one name, the command has its method's."""
    assert look_up(name)[0].topic.name == name.replace(":", "_")
    method = f"inject_{name.replace(':', '_')}"
    assert look_up(method)[0].topic.name == method


def test_a_command_with_the_name_of_a_message():
    """Both are on one page."""
    page, _ = look_up("call:status")
    assert page.topic.name == "inject_call_status"
    assert page.carries is not None
    assert page.carries.groups[0].title == "call:status"
    assert look_up("inject_call_status")[0].carries is None
    assert look_up("mute:status")[0].carries is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("gathr.input", "there is no verb, command or message 'gathr'; did you mean gather?"),
        ("mutestatus", "there is no verb, command or message 'mutestatus'; did you mean inject_mute?"),
        ("session:knew", "there is no verb, command or message 'session:knew'; did you mean session:new?"),
        ("xyzzy", "there is no verb, command or message 'xyzzy'; see jambonz-sync verbs"),
        ("rest_dial", "rest_dial is no verb for applications: it is jambonz's own form of a call made by REST;"),
        ("mute", "there is no command 'mute'; it is called mute:status"),
    ],
)
def test_a_name_that_is_not_there(path, text):
    """The sentence says what to do instead."""
    with pytest.raises(LookupError) as caught:
        look_up(path)
    assert str(caught.value).startswith(text)


def test_whatever_there_is_can_be_told():
    """Every option of every object has a type in words, and every object a line."""
    topics = [page.topic for page in PAGES]
    for topic in [*topics, *objects_in(*topics)]:
        assert topic.doc.endswith(".")
        for entry in topic.entries:
            assert entry.type
            assert entry.doc.endswith(".")
            assert all(remark.endswith(".") for remark in entry.remarks)
