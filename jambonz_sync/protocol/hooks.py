"""The kinds of hook, and how each is settled when the application does not answer.

jambonz waits five seconds for the answer to a hook. What may stand in for a missing answer, when it may be given,
and what becomes of an answer that comes later depends on what the hook is for: an empty answer lets a queue go on,
lets a screened leg into a call, or stops the music of a waiting caller for good.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["HookKind", "HookUse", "Late", "Settlement"]


class Settlement(enum.Enum):
    """What the stand-in answer consists of."""

    NEUTRAL = "an empty config: valid in every state of a call, heard by nobody"
    EMPTY = "no verbs: jambonz goes on with what it has"
    STANDING = "the last answer given to this hook, else a pause of one second, so that jambonz asks again"
    REFUSE = "hangup: the leg is not let in"


class Late(enum.Enum):
    """What becomes of an answer that comes after the stand-in."""

    REDIRECT = "sent as a redirect command"
    KEEP = "kept for the next time jambonz asks"
    DROP = "dropped, with a line in the log: a redirect would act on the wrong leg or end the dial"


@dataclass(frozen=True)
class _Policy:
    # The purpose also keeps two kinds of the same policy apart: members of an enum with equal values are one member.
    purpose: str
    settlement: Settlement
    late: Late
    at_once: bool = False


class HookKind(enum.Enum):
    """What a hook is for. The kind is known from the verb, and the option of that verb, which named the hook."""

    #: ``session:new`` and ``session:redirect``: an empty answer to the first rejects the call.
    SESSION = _Policy("start a session", Settlement.NEUTRAL, Late.REDIRECT)
    #: ``session:redirect`` of a leg that the call has dialled: the verbs in the answer are that leg's.
    LEG_SESSION = _Policy("start a session of a dialled leg", Settlement.NEUTRAL, Late.DROP)
    #: The ``actionHook`` of a verb in the list: the call stands still until it is answered.
    ACTION = _Policy("report the end of a verb", Settlement.EMPTY, Late.REDIRECT)
    #: The ``actionHook`` of a background gather (``config.bargeIn``): jambonz has emptied its queue before it asks.
    BARGE_IN = _Policy("report a barge-in", Settlement.EMPTY, Late.REDIRECT)
    #: ``waitHook`` and ``onHoldHook``: verbs must be in the answer itself; asked again when they have been played.
    WAIT = _Policy("ask what a waiting caller hears", Settlement.STANDING, Late.KEEP)
    #: ``dial:confirm``: an empty answer accepts the leg.
    CONFIRM = _Policy("screen a dialled leg", Settlement.REFUSE, Late.DROP)
    #: ``enterHook`` of a conference and ``referHook``: asked once, verbs must be in the answer itself.
    ENTER = _Policy("ask once what to do next", Settlement.EMPTY, Late.DROP)
    #: AMD and transcription results of the call itself.
    REPORT = _Policy("report on the call", Settlement.EMPTY, Late.REDIRECT)
    #: The same nested in ``dial``: verbs in a redirect would tear the bridge down.
    LEG_REPORT = _Policy("report on another leg", Settlement.EMPTY, Late.DROP)
    #: Partial results, keys, status hooks: jambonz ignores the answer's verbs.
    NOTIFY = _Policy("tell what happened", Settlement.EMPTY, Late.DROP, at_once=True)

    # That of Enum is written in Python, and kinds are looked up with every hook of every verb.
    __hash__ = object.__hash__

    @property
    def settlement(self) -> Settlement:
        """What stands in for a missing answer."""
        return self.value.settlement

    @property
    def late(self) -> Late:
        """What becomes of an answer that comes after that."""
        return self.value.late

    @property
    def at_once(self) -> bool:
        """Whether the stand-in goes out on arrival, since no answer could matter."""
        return self.value.at_once


@dataclass(frozen=True)
class HookUse:
    """One hook named by one option of a verb: its name as the application wrote it, and its kind."""

    name: str
    kind: HookKind
