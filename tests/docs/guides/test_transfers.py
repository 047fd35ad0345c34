"""What docs/guides/transfers.md shows, with parties who answer and parties who do not."""

from __future__ import annotations

import logging

import pytest

from jambonz_sync.simulator import Answers, Busy, NoAnswer, Presses, Silence
from tests.docs.page import Page

PAGE = Page("guides/transfers")
RECEPTION, BRIEF, KEYS, REFER, NAME = PAGE.blocks("python")
CONVERSATION, NOT_LET_IN = PAGE.blocks("text")


def reception(jambonz, *dials):
    return jambonz.call(RECEPTION.run()["endpoint"], "/reception", dials=dials)


def test_nobody_there(jambonz):
    """The conversation is the one on the page."""
    call = reception(jambonz, [NoAnswer(), NoAnswer()], Busy())
    assert call.heard("The line is busy.")
    assert CONVERSATION.stands_in(call.transcript)


def test_first_to_answer(jambonz):
    """Of two who ring it is connected, and nobody else is called."""
    call = reception(jambonz, [Answers(after=9), Answers(after=3)])
    call.is_silent(30)
    assert call.ended
    dialled = call.transcript.of("call")
    assert "connected to sip:desk2@example.com" in dialled
    assert not any("+15550143211" in line for line in dialled)


def test_caller_who_hangs_up_while_they_talk(jambonz):
    """The function is unwound: nothing else is said."""
    call = reception(jambonz, Answers(seconds=60))
    call.is_silent(20)
    call.hangs_up()
    assert call.transcript.heard == ["One moment, please."]


def test_a_word_first(calling):
    """The called party hears it before the caller is there."""
    call = calling(BRIEF.run()["announced"])
    call.is_silent(30)
    told = str(call.transcript)
    assert "hears: A call for sales, from 15550143001." in told
    assert told.index("A call for sales") < told.index("connected to +15550143210")


def test_keys_while_they_talk(calling):
    """One is for a whisper to who pressed it, the other takes the caller on."""
    presses = [Silence(5), Presses("*1"), Silence(5), Presses("*9")]
    call = calling(KEYS.run()["with_keys"], dials=[Answers(seconds=300, callee=presses), Answers(seconds=10)])
    assert call.heard("I connect you to somebody else.")
    call.is_silent(60)
    assert "hears: This caller is a gold customer." in str(call.transcript)
    assert "connected to +15550143211" in call.transcript.of("call")
    assert call.ended


@pytest.mark.parametrize(("status", "said"), [(200, False), (486, True)])
def test_refer(calling, status, said):
    """Only a transfer that did not come about is spoken of."""
    result = {"refer_status": 202, "final_referred_call_status": status}
    call = calling(REFER.run()["referred"], results={"sip:refer": [result]})
    assert call.heard("I transfer you.")
    assert bool(call.heard("That has not worked.")) is said


def test_nobody_answered_the_confirm_hook(calling, jambonz, caplog):
    """The party is not let in, and the log says why."""
    jambonz.tolerates("nobody answered /brief")
    call = calling(lambda session: session.put_through("+15550143210", confirm_hook="/brief"))
    call.is_silent(30)
    assert "+15550143210 is not let in" in call.transcript.of("call")
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert NOT_LET_IN.text.strip() in warning


def test_outcome_of_a_dial_that_nobody_answered(calling):
    """The verb is completed, and not answered."""
    outcomes = []
    call = calling(lambda session: outcomes.append(session.put_through("+15550143210")), dials=[NoAnswer()])
    call.is_silent(80)
    (outcome,) = outcomes
    assert outcome
    assert not outcome.answered


def test_a_name(raised):
    """It raises, in the words of the page."""
    assert [raised(NAME)] == NAME.errors
