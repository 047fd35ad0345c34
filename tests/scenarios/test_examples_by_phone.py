"""The example programs, as their callers know them: told with the test kit that users have."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator import Answers, Busy, NoAnswer


def test_hello_world__greets(jambonz, example):
    """A caller is greeted, and the call is over."""
    call = jambonz.call(example, "/app")
    assert call.heard("Hello from the test bench.")
    call.is_silent()
    assert call.ended


def test_hello_world__in_the_operators_words(jambonz, example):
    """The operator's variable replaces the greeting."""
    call = jambonz.call(example, "/app", env={"GREETING": "Dag"})
    assert call.heard("Dag from the test bench.")


def test_echo__says_it_back(jambonz, example):
    """What is said is said back, and after a silence the application says goodbye."""
    call = jambonz.call(example, "/app")
    for words in ("good morning", "the kettle is on"):
        call.says(words)
        assert call.heard(words)
        assert call.heard("Again please.")
    call.is_silent()
    assert call.heard("Goodbye.")
    call.is_silent()
    assert call.ended


def test_ivr_menu__hours(jambonz, example):
    """One is for the opening hours."""
    call = jambonz.call(example, "/app")
    assert call.heard("One for hours")
    call.presses("1")
    assert call.heard("We open at nine.")


def test_ivr_menu__a_person_who_is_there(jambonz, example):
    """Two is for a person; when they have talked the call is over."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=120)])
    call.presses("2")
    assert call.heard("One moment.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 120


@pytest.mark.parametrize("outcome", [Busy(), NoAnswer()])
def test_ivr_menu__nobody_is_there(jambonz, example, outcome):
    """A person who is busy, or does not answer, is not waited for any longer."""
    call = jambonz.call(example, "/app", dials=[outcome])
    call.presses("2")
    assert call.heard("Nobody is free.")


def test_ivr_menu__three_mistakes(jambonz, example):
    """After three wrong choices the caller is asked to call again, and not for a fourth one."""
    call = jambonz.call(example, "/app")
    for _ in range(3):
        call.presses("9")
        assert call.heard("No such choice.")
    assert call.heard("Please call again.")
    assert not call.heard("One for hours")
    assert call.ended


def test_pin_entry__by_voice(jambonz, example):
    """The code may be spoken."""
    call = jambonz.call(example, "/app")
    assert call.heard("Your code, please.")
    call.says("four seven one one")
    assert call.heard("You entered four seven one one.")


def test_pin_entry__at_the_second_try(jambonz, example):
    """Who is silent is asked once more, for keys."""
    call = jambonz.call(example, "/app")
    assert call.heard("Your code, please.")
    call.is_silent()
    assert call.heard("Use the keypad.")
    call.presses("4711")
    assert call.heard("You entered 4711.")


def test_pin_entry__never(jambonz, example):
    """Who stays silent hears the goodbye that stood behind the second question."""
    call = jambonz.call(example, "/app")
    call.is_silent()
    assert call.heard("Use the keypad.")
    call.is_silent()
    assert call.heard("Goodbye.")
    assert not call.heard("Nothing came through.")


def test_watch_verbs__reports(jambonz, example):
    """Each verb's start and end is reported to the handler for statuses."""
    call = jambonz.call(example, "/app")
    call.presses("5")
    call.is_silent()
    reports = [record.message["data"] for record in call.wire if record.message["type"] == "verb:status"]
    assert ("starting", "gather") in [(report["event"], report.get("name")) for report in reports]


def test_quiz__all_right(jambonz, example):
    """Who knows everything, by voice or keys, has all the points."""
    call = jambonz.call(example, "/app")
    call.says("Ada")
    assert call.heard("seven times eight")
    call.says("56")
    assert call.heard("That is right.")
    call.presses("8#")
    assert call.heard("walk on the moon")
    call.says("1969")
    assert call.heard("3 of 3 points. Goodbye, Ada.")
    call.is_silent()
    assert call.ended


def test_quiz__wrong_and_silent(jambonz, example):
    """What is no number is asked for again; a wrong one and silence bring no points."""
    call = jambonz.call(example, "/app")
    call.is_silent(15)
    assert call.heard("seven times eight")
    call.says("a lot")
    assert call.heard("Just the number, please.")
    call.says("57")
    assert call.heard("No, it is 56.")
    call.is_silent(25)
    assert call.heard("No, it is 8.")
    call.says("1969")
    assert call.heard("1 of 3 points. Goodbye, stranger.")


def test_parcel_desk__found(jambonz, example):
    """There is music until the parcel is found."""
    call = jambonz.call(example, "/app")
    assert call.heard("Please key in the number of your parcel.")
    call.presses("1234")
    assert call.heard("One moment, please.")
    assert call.heard("hold-music.mp3")
    assert call.heard("Your parcel is on its way.")


def test_parcel_desk__not_found(jambonz, example):
    """A number that means nothing is said to be so."""
    call = jambonz.call(example, "/app")
    call.presses("9999")
    assert call.heard("I do not know that parcel.")


def test_parcel_desk__silent(jambonz, example):
    """Who keys in nothing is asked twice, and then told goodbye."""
    call = jambonz.call(example, "/app")
    for _ in range(2):
        assert call.heard("Please key in the number of your parcel.")
        call.is_silent()
    assert call.heard("I got no number.")


def test_flask_app__waits(jambonz, example):
    """A caller gives a name, and is thanked for waiting again and again, until a key is pressed."""
    call = jambonz.call(example, "/app")
    assert call.heard("What is your name?")
    call.says("Ada")
    assert call.heard("Hello Ada. Somebody is with you soon.")
    for _ in range(3):
        assert call.heard("Thank you for waiting.")
        call.is_silent()
    call.presses("1")
    assert not call.heard("Thank you for waiting.")
    assert call.ended
