"""Commands to the parties of a call."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.commands.legs import as_verbs, key_by_key

from .sending import message, messages, refused

# Mute


@pytest.mark.parametrize("word", ["muted", "on", True, 1, ""])
def test_muting_is_one_of_two(word: Any) -> None:
    """jambonz would take any other word for unmute."""
    text, path = refused(lambda s: s.inject_mute(word))
    assert (text, path) == (
        f'inject_mute.mute_status must be "mute" or "unmute", not {word!r}',
        "inject_mute.mute_status",
    )


# Whisper


@pytest.mark.parametrize(
    "given",
    ["Hi.", {"verb": "say", "text": "Hi."}, [{"verb": "say", "text": "Hi."}], ({"verb": "say", "text": "Hi."},)],
)
def test_what_may_be_whispered(given: Any) -> None:
    """A text, a verb or several, with the option's name or without."""
    whispered = {"whisper": [{"verb": "say", "text": "Hi."}]}
    assert message(lambda s: s.inject_whisper(given))["data"] == whispered
    assert message(lambda s: s.inject_whisper(whisper=given))["data"] == whispered
    assert message(lambda s: s.inject_whisper({"whisper": given}))["data"] == whispered


def test_a_verb_by_its_options() -> None:
    """A verb is as good in keywords."""
    assert message(lambda s: s.inject_whisper(verb="play", url="a.mp3"))["data"] == {
        "whisper": [{"verb": "play", "url": "a.mp3"}]
    }


@pytest.mark.parametrize(
    ("given", "text", "path"),
    [
        (None, "needs whisper", ".whisper"),
        ({"whisper": None}, "needs whisper", ".whisper"),
        ([], ".whisper must not be an empty list", ".whisper"),
        ([None], ".whisper must not be an empty list", ".whisper"),
        (7, ".whisper must be a list of say and play verbs, not 7", ".whisper"),
        (["Hi."], ".whisper[0] must be a verb, not 'Hi.'", ".whisper[0]"),
        ({"text": "Hi."}, ".whisper[0] needs verb, which says what stands here", ".whisper[0].verb"),
        ([{"verb": "gather"}], ".whisper[0] must be say or play; not 'gather'", ".whisper[0].verb"),
        (
            [{"verb": "play", "url": "a.mp3"}, {"verb": "say", "txt": "Hi."}],
            ".whisper[1] has no option 'txt'; did you mean text?",
            ".whisper[1].txt",
        ),
    ],
)
def test_what_may_not_be_whispered(given: Any, text: str, path: str) -> None:
    """Of the verbs only say and play, which are checked as ever."""
    joint = "" if text.startswith(".") else " "
    assert refused(lambda s: s.inject_whisper(given)) == (f"inject_whisper{joint}{text}", f"inject_whisper{path}")


def test_as_verbs() -> None:
    """What is neither text nor verb is left to be refused."""
    assert as_verbs("Hi.") == [{"verb": "say", "text": "Hi."}]
    assert as_verbs({"verb": "play"}) == [{"verb": "play"}]
    assert as_verbs({"whisper": "Hi.", "more": 1}) == {"whisper": [{"verb": "say", "text": "Hi."}], "more": 1}
    assert as_verbs(7) == 7


# Keys


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("", " needs at least one key"),
        ("12x4", " takes the keys 0-9, *, # and A-D; not '12x4'"),
        ("1 2", " takes the keys 0-9, *, # and A-D; not '1 2'"),
        ("E", " takes the keys 0-9, *, # and A-D; not 'E'"),
        ("٣", " takes the keys 0-9, *, # and A-D; not '٣'"),
        (5, ".digit must be a string, not 5"),
        (None, " needs digit"),
    ],
)
def test_keys_of_a_telephone(given: Any, text: str) -> None:
    """A key that none has is refused, and then none of the others is sent."""
    assert refused(lambda s: s.inject_dtmf(given)) == (f"inject_dtmf{text}", "inject_dtmf.digit")


@pytest.mark.parametrize("duration", [0, -1, 0.5, "100", float("inf")])
def test_a_tone_lasts(duration: Any) -> None:
    """For whole milliseconds, and at least one."""
    assert refused(lambda s: s.inject_dtmf("1", duration=duration))[1] == "inject_dtmf.duration"
    assert message(lambda s: s.inject_dtmf("1", duration=1))["data"] == {"dtmf": {"digit": "1", "duration": 1}}


def test_key_by_key() -> None:
    """Letters go in capitals."""
    assert key_by_key({"digit": "1a", "duration": 100}) == [
        {"digit": "1", "duration": 100},
        {"digit": "A", "duration": 100},
    ]


def test_all_keys() -> None:
    """All sixteen can be sent."""
    sent = messages(lambda s: s.inject_dtmf("0123456789*#abcd"))
    assert "".join(one["data"]["dtmf"]["digit"] for one in sent) == "0123456789*#ABCD"


# SIP requests


def test_content_says_what_it_is() -> None:
    """A request with a body needs its type."""
    assert refused(lambda s: s.inject_sip_request("INFO", content="Hi.")) == (
        "inject_sip_request needs content_type beside content",
        "inject_sip_request.content_type",
    )
    assert refused(lambda s: s.inject_sip_request(content_type="text/plain")) == (
        "inject_sip_request needs method",
        "inject_sip_request.method",
    )
