"""Commands in a conference."""

from __future__ import annotations

from .sending import refused


def test_words() -> None:
    """What is no word of jambonz is refused: it would take it for the other one, or do nothing."""
    assert refused(lambda s: s.inject_conference_mute("on"))[1] == "inject_conference_mute.conf_mute_status"
    assert refused(lambda s: s.inject_conference_hold("off"))[1] == "inject_conference_hold.conf_hold_status"
    text, path = refused(lambda s: s.inject_participant_action("remove"))
    assert path == "inject_participant_action.action"
    assert text.endswith('"unmute" or "kick", not \'remove\'')


def test_a_tag_has_a_name() -> None:
    """The other actions do without."""
    assert refused(lambda s: s.inject_participant_action("tag")) == (
        "inject_participant_action needs tag, since action is tag",
        "inject_participant_action.tag",
    )


def test_hooks_are_names() -> None:
    """The object form is not read."""
    text, path = refused(lambda s: s.inject_conference_hold("hold", wait_hook={"url": "/music"}))
    assert (text, path) == (
        "inject_conference_hold.wait_hook must be a string, not a dict",
        "inject_conference_hold.wait_hook",
    )


def test_there_is_something_to_hear() -> None:
    """Neither is anything without it."""
    assert refused(lambda s: s.inject_room_say(loop=2)) == ("inject_room_say needs text", "inject_room_say.text")
    assert refused(lambda s: s.inject_room_play({"id": "a"})) == ("inject_room_play needs url", "inject_room_play.url")


def test_a_voice_is_checked() -> None:
    """As in every verb."""
    path = "inject_room_say.synthesizer.voise"
    assert refused(lambda s: s.inject_room_say("Hi.", synthesizer={"vendor": "google", "voise": "x"}))[1] == path
