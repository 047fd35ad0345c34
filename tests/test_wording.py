"""Every sentence a user may read: each once, as a whole."""

from __future__ import annotations

import inspect

import pytest

from jambonz_sync import wording

SENTENCES = {
    "bad_message": [
        (("is not JSON", 1, "'x'"), "ignored a message that is not JSON: 'x'"),
        (("is not JSON", 10, "'x'"), "ignored a message that is not JSON (10 such messages so far): 'x'"),
    ],
    "no_answer": [
        (("timeout", ""), "silence"),
        (("interrupted", ""), "an interruption"),
        (("error", ""), "nothing (error)"),
        (("invalid", "9"), "'9'"),
    ],
    "nothing_chosen": [
        (
            ("1 or 2?", ["'9'", "silence"]),
            "nothing was chosen when asked '1 or 2?'; there came '9', then silence. menu(default=...) goes on then",
        ),
    ],
    "mailbox_full": [
        (
            (1, 1000),
            "dropped 1 event that nobody took: at most 1000 are kept for later; "
            "take them with session.wait_for(...) or session.on(...)",
        ),
        (
            (10, 1000),
            "dropped 10 events that nobody took: at most 1000 are kept for later; "
            "take them with session.wait_for(...) or session.on(...)",
        ),
    ],
    "hook_overdue": [
        (
            ("/menu", 4.0, "jambonz goes on", "a late reply is dropped"),
            "/menu was not answered within 4 s; jambonz goes on. "
            "Better reply first and do slow work after: a late reply is dropped",
        ),
    ],
    "bad_close_code": [
        (
            (1006,),
            "1006 is no code to close with: use 1000, after which jambonz ends the call, or one from 3000 to 4999, "
            "after which it connects again",
        ),
    ],
    "action_hook_frozen": [((), "the verbs queued behind it wait for your reply")],
    "hook_for_nobody": [
        (
            ("/menu",),
            "nothing waits for /menu, so it was answered at once. To answer it yourself: "
            "session.wait_for('/menu'), or session.on('/menu', fn) before you wait for something else",
        ),
    ],
    "tool_call_for_nobody": [
        (
            ("/tool",),
            "nothing serves the tool call of /tool, and the model waits for its answer for ever. Register the "
            "function with @session.tool, or take the call with session.wait_for('/tool') and "
            "session.send_tool_output(evt, ...)",
        ),
    ],
    "tool_raised": [(("get_weather",), "the tool get_weather raised an exception; the model was told so")],
    "tool_called_wrongly": [
        (
            ("get_weather needs city",),
            "the model called a tool wrongly, and was told so: get_weather needs city",
        ),
    ],
    "confirm_declined": [
        (
            ("/confirm",),
            "nobody answered /confirm, so the dialled party was not let in. Screen it with "
            "session.on('/confirm', fn), or let it in with session.on('/confirm', reply=[])",
        ),
    ],
    "resent_frozen": [
        (("/menu", 1), "no reply to /menu came, so the 1 verb queued behind it was sent again"),
        (("/menu", 2), "no reply to /menu came, so the 2 verbs queued behind it were sent again"),
    ],
    "settled_forgotten": [
        (("/menu",), "/menu was taken but not replied to, so jambonz goes on with the verbs queued behind it"),
    ],
    "reply_dropped": [
        (
            ("/confirm",),
            "the reply to /confirm was dropped: it has been answered already, "
            "and a command cannot stand in for a reply",
        ),
    ],
    "reply_not_wanted": [
        (
            ("/partial",),
            "/partial wants no reply, so there is nothing to reply to; use send() to give jambonz verbs",
        ),
    ],
    "reply_kept": [
        (("/music",), "the reply to /music came after its stand-in and is kept for the next time jambonz asks"),
    ],
    "unknown_type": [
        (
            ("room:event", 1),
            "passed on a message of an unknown type, 'room:event'; session.wait_for('room:event') takes it",
        ),
        (
            ("room:event", 10),
            "passed on a message of an unknown type, 'room:event' (10 such messages so far); "
            "session.wait_for('room:event') takes it",
        ),
    ],
    "unsent_verbs": [
        (
            (["say", "gather"], "the handler returned"),
            "say, gather: queued but not sent before the handler returned; sent now. "
            "Call send() or reply() to choose when",
        ),
    ],
    "unknown_hook_waited_for": [
        ((["/mneu"], []), "waiting for '/mneu', which no verb sent so far names"),
        (
            (["/mneu"], ["/menu", "/other"]),
            "waiting for '/mneu', which no verb sent so far names; did you mean '/menu'?",
        ),
        (
            (["/y", "/x"], ["/menu", "/transcript"]),
            "waiting for '/x' or '/y', which no verb sent so far names; "
            "the verbs sent so far name '/menu', '/transcript'",
        ),
        (
            (["/x"], [f"/hook-{letter}" for letter in "gfedcba"]),
            "waiting for '/x', which no verb sent so far names; "
            "the verbs sent so far name '/hook-a', '/hook-b', '/hook-c', '/hook-d', '/hook-e'",
        ),
    ],
    "wait_timed_out": [((["/b", "/a"], 1.5), "'/a' or '/b' did not come within 1.5 s")],
    "call_over": [
        ((1000, "jambonz closed the connection"), "the call is over: jambonz closed the connection (close code 1000)")
    ],
    "call_rejected": [
        (
            ('{"verbs":[]}',),
            "jambonz refused the first verbs and rejected the call. A newer or older server may not know one of them: "
            'see create_endpoint(jambonz_version=...). The verbs were: {"verbs":[]}',
        ),
    ],
    "connection_lost": [((1006, 15.0), "connection lost (code 1006); waiting up to 15 s for jambonz to reconnect")],
    "asked_again": [
        (("gather", "/menu"), "/menu, the hook of gather, was lost with the connection, so the gather is sent again")
    ],
    "hook_lost": [
        (
            ("dial", "/done"),
            "/done, the hook of dial, was lost with the connection: what became of the dial is not known",
        )
    ],
    "one_way_call": [
        (
            (),
            "the connection dropped before jambonz had the first verbs. It executes them now, but sends no hook or "
            "status for the rest of this call",
        ),
    ],
    "not_on_call_thread": [
        (
            ("wait_for",),
            "session.wait_for() works on the call's own thread only: one thread waits for a call's events. "
            "Other threads can send(), reply(to=event), close() and read the session's attributes",
        ),
    ],
    "message_too_big": [
        (
            (30_000, 24_576),
            "this message has 30,000 bytes and jambonz closes the connection at more than 24,576; "
            "send the verbs in several parts, with send(exec_immediate=False) for the later ones",
        ),
    ],
    "no_text": [
        (("send_tts_tokens", 1), "send_tts_tokens needs text, not int"),
        (("stream_tts", b"x"), "stream_tts needs text or an iterator of it, not bytes"),
    ],
    "unspeakable_text": [(("surrogates not allowed",), "this text cannot be sent: surrogates not allowed")],
    "tts_stream_failed": [
        (
            ("connection to acme failed",),
            "jambonz cannot speak the text that is streamed: connection to acme failed. See to the voice set by "
            "session.config(synthesizer=...), whose vendor must be able to stream, and to its credentials in jambonz; "
            "or say the text with session.say(...)",
        ),
    ],
    "handler_raised": [(("/menu",), "the handler of /menu raised an exception; the call is ended")],
    "unanswered_questions": [((1000,), "more than 1000 hooks are open at once; the oldest were answered at once")],
}


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [(name, *case) for name, cases in SENTENCES.items() for case in cases],
)
def test_sentence(name, arguments, sentence):
    """The function makes this sentence of these arguments."""
    assert getattr(wording, name)(*arguments) == sentence


def test_every_sentence_is_tested():
    """No sentence is missing here, and each is exported."""
    # But for the one that takes nothing.
    assert sorted([*SENTENCES, "STOPPING"]) == sorted(wording.__all__)
    functions = [name for name, value in vars(wording).items() if inspect.isfunction(value) and name[0] != "_"]
    assert sorted([*functions, "STOPPING"]) == sorted(wording.__all__)


@pytest.mark.parametrize("cases", SENTENCES.values())
def test_sentences_are_one_line(cases):
    """A sentence is one line, without white space around it and without a full stop at its end."""
    for _, sentence in cases:
        assert "\n" not in sentence
        assert sentence == sentence.strip()
        assert not sentence.endswith(".")


def test_no_text_as_a_piece():
    """It is said how to get at the text; and that an iterator must not be an async one."""
    assert wording.no_text("stream_tts", 1, piece=True) == (
        "stream_tts needs pieces of text, not int: take the text out of each, as in "
        "stream_tts(piece.text for piece in stream)"
    )

    async def words():
        yield "One."

    assert wording.no_text("stream_tts", words()) == (
        "stream_tts needs a plain iterator of text, as a synchronous client returns it, not an async one "
        "(async_generator)"
    )
