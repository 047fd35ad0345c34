"""A jambonz for one machine: it calls an application over a real websocket and executes its verbs.

::

    from jambonz_sync.simulator import HangsUp, Presses, Says, SimulatedCall

    transcript = SimulatedCall("ws://127.0.0.1:3000/echo", [Says("hello"), HangsUp()], speed=20).run()
    assert "You said: hello" in transcript.heard
    assert transcript.ending.code == 1000

It does what a real server does with acks, hooks, queues and time limits, for the verbs ``answer``, ``config``,
``dial``, ``gather``, ``hangup``, ``pause``, ``play``, ``redirect``, ``say``, ``sip:decline`` and ``tag``; others are
skipped with a note in the transcript. No audio is made: a ``say`` lasts as long as its words, a ``play`` two seconds.
"""

from __future__ import annotations

from .call import SimulatedCall
from .caller import Answers, Busy, HangsUp, NoAnswer, Presses, Says, Silence
from .clock import Clock, RealClock
from .transcript import Ending, Entry, Transcript, WireMessage
from .wire import CannotConnect

__all__ = [
    "Answers",
    "Busy",
    "CannotConnect",
    "Clock",
    "Ending",
    "Entry",
    "HangsUp",
    "NoAnswer",
    "Presses",
    "RealClock",
    "Says",
    "Silence",
    "SimulatedCall",
    "Transcript",
    "WireMessage",
]
