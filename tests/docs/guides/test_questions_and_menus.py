"""What docs/guides/questions-and-menus.md shows, with callers who answer well and badly."""

from __future__ import annotations

import pytest

from jambonz_sync import NoInput
from tests.docs.page import Page

PAGE = Page("guides/questions-and-menus")
TABLE, NUMBER, TOUR, TYPO = PAGE.blocks("python")
CONVERSATION, NOTHING = PAGE.blocks("text")


def test_the_conversation(jambonz):
    """It is the one on the page."""
    call = jambonz.call(TABLE.run()["endpoint"], "/table")
    call.says("deutsch bitte")
    call.presses("9999")
    call.presses("2412")
    assert call.heard("Ihr Tisch ist bestellt für den 24.12.")
    assert CONVERSATION.stands_in(call.transcript)
    voices = [verb["synthesizer"]["language"] for verb in call.verbs if "synthesizer" in verb]
    ears = [verb["recognizer"]["language"] for verb in call.verbs if "recognizer" in verb]
    assert voices == ears == ["de-DE"]


def test_silence(jambonz):
    """English is chosen, the question asked three times, and the call over."""
    call = jambonz.call(TABLE.run()["endpoint"], "/table")
    call.is_silent(120)
    assert call.ended
    prompts = call.transcript.heard
    assert prompts.count("Which day? Four digits, please.") == 1
    assert prompts.count("Day and month, such as 2 4 1 2.") == 2


def test_asking_back(calling):
    """A number that was misheard is asked for again."""
    numbers = []
    call = calling(lambda session: numbers.append(NUMBER.run()["number_of"](session)))
    call.presses("12#")
    assert call.heard("1 2: is that right?")
    call.says("no it is not")
    call.presses("13#")
    call.says("yes")
    call.is_silent()
    assert numbers == ["13"]


def test_nothing_chosen(calling):
    """The error tells what came, in the words of the page."""
    errors = []

    def answer(session):
        try:
            session.menu("For sales press 1.", {"1": "sales"}, attempts=2)
        except NoInput as error:
            errors.append(str(error))

    call = calling(answer)
    call.presses("7")
    call.is_silent(60)
    assert errors == [NOTHING.text.strip()]


@pytest.mark.parametrize("chapter", ["one", "two"])
def test_breaking_in(calling, chapter):
    """Zero leads out of either chapter."""
    chapters = [" ".join([f"Chapter {number}."] * 30) for number in ("one", "two")]
    call = calling(TOUR.run(CHAPTERS=chapters)["tour"])
    assert call.heard(f"Chapter {chapter}.")
    call.interrupts(keys="0")
    assert call.heard("I connect you to the desk.")
    call.is_silent(60)
    assert "connected to +15550100" in call.transcript.of("call")


def test_a_typing_error(raised):
    """It raises, in the words of the page."""
    assert [raised(TYPO)] == TYPO.errors
