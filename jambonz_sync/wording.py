"""Every sentence a user of the library may read in a log or an error, apart from those about verbs.

One function a sentence, so that they are worded alike, can be tested, and name what the reader can do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "STOPPING",
    "action_hook_frozen",
    "asked_again",
    "bad_close_code",
    "bad_message",
    "call_over",
    "call_rejected",
    "confirm_declined",
    "connection_lost",
    "handler_raised",
    "hook_for_nobody",
    "hook_lost",
    "hook_overdue",
    "mailbox_full",
    "message_too_big",
    "no_answer",
    "no_text",
    "not_on_call_thread",
    "nothing_chosen",
    "one_way_call",
    "reply_dropped",
    "reply_kept",
    "reply_not_wanted",
    "resent_frozen",
    "settled_forgotten",
    "tool_call_for_nobody",
    "tool_called_wrongly",
    "tool_raised",
    "tts_stream_failed",
    "unanswered_questions",
    "unknown_hook_waited_for",
    "unknown_type",
    "unsent_verbs",
    "unspeakable_text",
    "wait_timed_out",
]

#: The reason of 1001, by which a stopping server closes what is up.
STOPPING = "the server is stopping"


def _names(names: Iterable[str]) -> str:
    return " or ".join(repr(name) for name in sorted(names))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def bad_message(fault: str, count: int, excerpt: str) -> str:
    """A message from jambonz that cannot be read; said for the 1st, 10th, 100th … of a call."""
    times = "" if count == 1 else f" ({count} such messages so far)"
    return f"ignored a message that {fault}{times}: {excerpt}"


def unknown_type(kind: str, count: int) -> str:
    """A message of a type that no known server sends; said for the 1st, 10th, 100th … of a call."""
    times = "" if count == 1 else f" ({count} such messages so far)"
    return f"passed on a message of an unknown type, {kind!r}{times}; session.wait_for({kind!r}) takes it"


def mailbox_full(dropped: int, limit: int) -> str:
    """The call's events come faster than its handler takes them."""
    return (
        f"dropped {_count(dropped, 'event')} that nobody took: at most {limit} are kept for later; "
        f"take them with session.wait_for(...) or session.on(...)"
    )


def hook_overdue(hook: str, seconds: float, stand_in: str, late: str) -> str:
    """The handler is busy elsewhere, and jambonz would soon stop waiting."""
    return (
        f"{hook} was not answered within {seconds:g} s; {stand_in}. Better reply first and do slow work after: {late}"
    )


def bad_close_code(code: object) -> str:
    """A close code that no close frame may carry."""
    return (
        f"{code!r} is no code to close with: use 1000, after which jambonz ends the call, or one from 3000 to 4999, "
        f"after which it connects again"
    )


def action_hook_frozen() -> str:
    """What the stand-in for an action hook does."""
    return "the verbs queued behind it wait for your reply"


def hook_for_nobody(hook: str) -> str:
    """A hook arrived while the handler was blocked in a wait for something else, and no handler is registered."""
    return (
        f"nothing waits for {hook}, so it was answered at once. To answer it yourself: "
        f"session.wait_for({hook!r}), or session.on({hook!r}, fn) before you wait for something else"
    )


def tool_call_for_nobody(hook: str) -> str:
    """A language model called a tool while the handler was blocked in a wait for something else."""
    return (
        f"nothing serves the tool call of {hook}, and the model waits for its answer for ever. Register the function "
        f"with @session.tool, or take the call with session.wait_for({hook!r}) and session.send_tool_output(evt, ...)"
    )


def tool_raised(name: str) -> str:
    """A function that a language model called has raised."""
    return f"the tool {name} raised an exception; the model was told so"


def tool_called_wrongly(fault: str) -> str:
    """A language model called a function that is not there, or with arguments it does not take."""
    return f"the model called a tool wrongly, and was told so: {fault}"


def confirm_declined(hook: str) -> str:
    """A dialled leg asked to be let in, and nobody answered."""
    return (
        f"nobody answered {hook}, so the dialled party was not let in. Screen it with "
        f"session.on({hook!r}, fn), or let it in with session.on({hook!r}, reply=[])"
    )


def resent_frozen(hook: str, count: int) -> str:
    """The handler went on without a reply to a hook whose queue had been frozen."""
    were = "was" if count == 1 else "were"
    return f"no reply to {hook} came, so the {_count(count, 'verb')} queued behind it {were} sent again"


def settled_forgotten(hook: str) -> str:
    """The handler went on without a reply to a hook it had taken."""
    return f"{hook} was taken but not replied to, so jambonz goes on with the verbs queued behind it"


def reply_dropped(hook: str) -> str:
    """A reply that can do no good any more."""
    return f"the reply to {hook} was dropped: it has been answered already, and a command cannot stand in for a reply"


def reply_not_wanted(hook: str) -> str:
    """A reply to a message that wants none."""
    return f"{hook} wants no reply, so there is nothing to reply to; use send() to give jambonz verbs"


def reply_kept(hook: str) -> str:
    """A reply to a wait hook that came after the stand-in."""
    return f"the reply to {hook} came after its stand-in and is kept for the next time jambonz asks"


def unsent_verbs(verbs: Sequence[str], before: str) -> str:
    """Verbs were queued, and neither send() nor reply() was called."""
    return f"{', '.join(verbs)}: queued but not sent before {before}; sent now. Call send() or reply() to choose when"


def unknown_hook_waited_for(names: Iterable[str], known: Iterable[str], types: Iterable[str] = ()) -> str:
    """A wait for a hook that no verb has named; ``types`` are the message types that may have been meant."""
    names, known = sorted(names), sorted(known)
    meant = [*known, *types]
    nearest = [match for name in names for match in difflib.get_close_matches(name, meant, n=1)]
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    if not hint and known:
        hint = f"; the verbs sent so far name {', '.join(repr(name) for name in known[:5])}"
    return f"waiting for {_names(names)}, which no verb sent so far names{hint}"


def wait_timed_out(names: Iterable[str], seconds: float) -> str:
    """A wait ran out of time."""
    return f"{_names(names)} did not come within {seconds:g} s"


def no_answer(reason: str, text: str) -> str:
    """What came instead of an answer, in the words of :func:`nothing_chosen`."""
    if text:
        return f"{text!r}"
    return {"timeout": "silence", "interrupted": "an interruption"}.get(reason, f"nothing ({reason})")


def nothing_chosen(prompt: str, came: Sequence[str]) -> str:
    """The caller has chosen nothing from a menu."""
    return (
        f"nothing was chosen when asked {prompt!r}; there came {', then '.join(came)}. menu(default=...) goes on then"
    )


def call_over(code: int, reason: str) -> str:
    """The call is over."""
    return f"the call is over: {reason} (close code {code})"


def call_rejected(verbs: str) -> str:
    """jambonz closed with 1001 in answer to the first verbs."""
    return (
        "jambonz refused the first verbs and rejected the call. A newer or older server may not know one of them: "
        f"see create_endpoint(jambonz_version=...). The verbs were: {verbs}"
    )


def connection_lost(code: int, seconds: float) -> str:
    """The socket dropped; jambonz connects again."""
    return f"connection lost (code {code}); waiting up to {seconds:g} s for jambonz to reconnect"


def asked_again(verb: str, hook: str) -> str:
    """A question has ended while the connection was lost, and its hook came to nobody."""
    return f"{hook}, the hook of {verb}, was lost with the connection, so the {verb} is sent again"


def hook_lost(verb: str, hook: str) -> str:
    """A verb has ended while the connection was lost, and its hook came to nobody."""
    return f"{hook}, the hook of {verb}, was lost with the connection: what became of the {verb} is not known"


def one_way_call() -> str:
    """The socket dropped before jambonz had the answer to session:new."""
    return (
        "the connection dropped before jambonz had the first verbs. It executes them now, but sends no hook or status "
        "for the rest of this call"
    )


def not_on_call_thread(method: str) -> str:
    """A blocking method was called from another thread."""
    return (
        f"session.{method}() works on the call's own thread only: one thread waits for a call's events. "
        f"Other threads can send(), reply(to=event), close() and read the session's attributes"
    )


def message_too_big(size: int, limit: int) -> str:
    """A message over jambonz's limit."""
    return (
        f"this message has {size:,} bytes and jambonz closes the connection at more than {limit:,}; "
        f"send the verbs in several parts, with send(exec_immediate=False) for the later ones"
    )


def no_text(method: str, value: object, *, piece: bool = False) -> str:
    """Something else than text was to be streamed, or to be a ``piece`` of it."""
    kind = type(value).__name__
    if hasattr(value, "__aiter__") or hasattr(value, "__await__"):
        return f"{method} needs a plain iterator of text, as a synchronous client returns it, not an async one ({kind})"
    if piece:
        return (
            f"{method} needs pieces of text, not {kind}: take the text out of each, as in "
            f"{method}(piece.text for piece in stream)"
        )
    return f"{method} needs text{' or an iterator of it' if method == 'stream_tts' else ''}, not {kind}"


def unspeakable_text(fault: str) -> str:
    """A text with half a character in it."""
    return f"this text cannot be sent: {fault}"


def tts_stream_failed(reason: str) -> str:
    """jambonz refused streamed text for another reason than that it had no room."""
    return (
        f"jambonz cannot speak the text that is streamed: {reason}. See to the voice set by "
        f"session.config(synthesizer=...), whose vendor must be able to stream, and to its credentials in jambonz; "
        f"or say the text with session.say(...)"
    )


def handler_raised(name: str) -> str:
    """User code of a call raised."""
    return f"the handler of {name} raised an exception; the call is ended"


def unanswered_questions(count: int) -> str:
    """More hooks are open at once than any call has."""
    return f"more than {count} hooks are open at once; the oldest were answered at once"
