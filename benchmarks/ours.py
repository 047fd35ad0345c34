"""This library, as an application uses it."""

from __future__ import annotations

import json
import logging

from jambonz_sync import Session, create_endpoint
from jambonz_sync.conversation import Conversation
from jambonz_sync.protocol.call import Call
from jambonz_sync.protocol.verb import Verb

from .side import Side, Way

__all__ = ["plain", "session", "side", "typical"]


def side() -> Side:
    """Return this library, with a session ready to be talked to."""
    call = session()
    return Side(
        "jambonz-sync",
        "jambonz_sync",
        "from benchmarks import ours; ours.plain(ours.session())",
        [Way("session", {"plain": lambda: plain(call), "typical": lambda: typical(call)})],
        ["simple-websocket", "typing-extensions"],
    )


def session() -> Session:
    """Return the session of a call that has begun, with no socket under it."""
    call = Call()
    call.receive(json.dumps({"type": "session:new", "msgid": "1", "call_sid": "bench", "data": {"call_sid": "bench"}}))
    service = create_endpoint().make_service("/bench")
    return Session(Conversation(call, logging.getLogger("jambonz_sync")), service, service.path)


def plain(session: Session) -> list[Verb]:
    """Queue the plainest turn, and return what would be sent."""
    session.say("Say something.").gather(input=["speech"], action_hook="/transcript", timeout=15)
    # The first thing that send() does.
    return session._frame.taken()


def typical(session: Session) -> list[Verb]:
    """Queue a turn with a voice and a recognizer of its own, and return what would be sent."""
    session.say(
        "Welcome to the switchboard.",
        synthesizer={"vendor": "google", "language": "en-GB", "voice": "en-GB-Wavenet-A"},
    ).gather(
        input=["speech", "digits"],
        action_hook="/name",
        timeout=10,
        say={"text": "Whom would you like to speak to?"},
        recognizer={"vendor": "google", "language": "en-GB", "hints": ["sales", "support"]},
    )
    return session._frame.taken()
