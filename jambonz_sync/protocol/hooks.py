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


class HookKind(enum.Enum):
    """What a hook is for. The kind is known from the verb, and the option of that verb, which named the hook."""

    # Said again for each kind: members of an enum with equal values are one member, and no two purposes are.
    purpose: str
    #: What stands in for a missing answer.
    settlement: Settlement
    #: What becomes of an answer that comes after that.
    late: Late
    #: Whether the stand-in goes out on arrival, since no answer could matter.
    at_once: bool

    def __init__(self, purpose: str, settlement: Settlement, late: Late, at_once: bool = False) -> None:
        # Attributes, since what an enum makes of its value is looked up slowly, and all of them with every hook.
        self.purpose = purpose
        self.settlement = settlement
        self.late = late
        self.at_once = at_once

    #: ``session:new`` and ``session:redirect``: an empty answer to the first rejects the call.
    SESSION = ("start a session", Settlement.NEUTRAL, Late.REDIRECT)
    #: ``session:redirect`` of a leg that the call has dialled: the verbs in the answer are that leg's.
    LEG_SESSION = ("start a session of a dialled leg", Settlement.NEUTRAL, Late.DROP)
    #: The ``actionHook`` of a verb in the list: the call stands still until it is answered.
    ACTION = ("report the end of a verb", Settlement.EMPTY, Late.REDIRECT)
    #: The ``actionHook`` of a background gather (``config.bargeIn``): jambonz has emptied its queue before it asks.
    BARGE_IN = ("report a barge-in", Settlement.EMPTY, Late.REDIRECT)
    #: ``waitHook`` and ``onHoldHook``: verbs must be in the answer itself; asked again when they have been played.
    WAIT = ("ask what a waiting caller hears", Settlement.STANDING, Late.KEEP)
    #: ``dial:confirm``: an empty answer accepts the leg.
    CONFIRM = ("screen a dialled leg", Settlement.REFUSE, Late.DROP)
    #: ``enterHook`` of a conference and ``referHook``: asked once, verbs must be in the answer itself.
    ENTER = ("ask once what to do next", Settlement.EMPTY, Late.DROP)
    #: AMD and transcription results of the call itself.
    REPORT = ("report on the call", Settlement.EMPTY, Late.REDIRECT)
    #: The same nested in ``dial``: verbs in a redirect would tear the bridge down.
    LEG_REPORT = ("report on another leg", Settlement.EMPTY, Late.DROP)
    #: Partial results, keys, status hooks: jambonz ignores the answer's verbs.
    NOTIFY = ("tell what happened", Settlement.EMPTY, Late.DROP, True)

    # That of Enum is written in Python, and kinds are looked up with every hook of every verb.
    __hash__ = object.__hash__


@dataclass(frozen=True)
class HookUse:
    """One hook named by one option of a verb: its name as the application wrote it, and its kind."""

    name: str
    kind: HookKind
