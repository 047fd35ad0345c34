"""A jambonz for one machine: it calls an application over a real websocket and executes its verbs.

::

    from jambonz_sync.simulator import HangsUp, Presses, Says, SimulatedCall

    transcript = SimulatedCall("ws://127.0.0.1:3000/echo", [Says("hello"), HangsUp()], speed=20).run()
    assert "You said: hello" in transcript.heard
    assert transcript.ending.code == 1000

It does what a real server does with acks, hooks, queues, commands, time limits and lost connections, and executes its
verbs; what it leaves out it says in a note of the transcript. No sound is made: a ``say`` lasts as long as its words, a
``play`` two seconds.
"""

from __future__ import annotations

from .call import SimulatedCall
from .caller import Answers, Busy, DropsConnection, HangsUp, Holds, NoAnswer, Presses, Says, SendsRequest, Silence
from .clock import Clock, RealClock
from .model_script import CallsTool, CallsTools, ModelEnds, ModelSays, ModelSends
from .others import JoinsConference, TakesFromQueue, WaitsInQueue
from .platform import Platform
from .stream_script import StreamConnects, StreamFails
from .text_message import SimulatedMessage
from .transcript import Ending, Entry, Transcript, WireMessage
from .wire import CannotConnect

__all__ = [
    "Answers",
    "Busy",
    "CallsTool",
    "CallsTools",
    "CannotConnect",
    "Clock",
    "DropsConnection",
    "Ending",
    "Entry",
    "HangsUp",
    "Holds",
    "JoinsConference",
    "ModelEnds",
    "ModelSays",
    "ModelSends",
    "NoAnswer",
    "Platform",
    "Presses",
    "RealClock",
    "Says",
    "SendsRequest",
    "Silence",
    "SimulatedCall",
    "SimulatedMessage",
    "StreamConnects",
    "StreamFails",
    "TakesFromQueue",
    "Transcript",
    "WaitsInQueue",
    "WireMessage",
]
