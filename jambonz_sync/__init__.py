"""Phone applications for jambonz in plain, blocking Python.

::

    from jambonz_sync import create_endpoint

    endpoint = create_endpoint(port=3000)
    hello = endpoint.make_service(path="/hello")


    @hello.on("session:new")
    def answer(session):
        session.say("Hello.").hangup().send()


    endpoint.serve_forever()
"""

from __future__ import annotations

import logging

from .application_variables import merge_env_vars_with_defaults
from .audio.ended import AudioEnded, AudioNotActive, RecordingFailed
from .audio.event import AudioEvent
from .audio.recording import Recording
from .audio.service import AudioService
from .audio.stream import AudioStream
from .call_status import CallStatus
from .counters import Counters
from .endpoint import Endpoint, create_endpoint
from .exceptions import (
    CallEnded,
    CallNotActive,
    CallRejected,
    EndpointError,
    HookLost,
    InvalidCommand,
    InvalidVerb,
    JambonzError,
    MessageTooBig,
    NoInput,
    TtsStreamFailed,
    WaitTimeout,
)
from .protocol.event import Event
from .protocol.run import Outcome
from .request import Refusal, Request
from .service import Service
from .session import Session
from .streamed_speech import StreamedText
from .talk.answer import Answer
from .variable_definitions import VariableDefinition, get_app_config, validate_app_config

__all__ = [
    "Answer",
    "AudioEnded",
    "AudioEvent",
    "AudioNotActive",
    "AudioService",
    "AudioStream",
    "CallEnded",
    "CallNotActive",
    "CallRejected",
    "CallStatus",
    "Counters",
    "Endpoint",
    "EndpointError",
    "Event",
    "HookLost",
    "InvalidCommand",
    "InvalidVerb",
    "JambonzError",
    "MessageTooBig",
    "NoInput",
    "Outcome",
    "Recording",
    "RecordingFailed",
    "Refusal",
    "Request",
    "Service",
    "Session",
    "StreamedText",
    "TtsStreamFailed",
    "VariableDefinition",
    "WaitTimeout",
    "create_endpoint",
    "get_app_config",
    "merge_env_vars_with_defaults",
    "validate_app_config",
]

# A library does not decide where log lines go; without this, Python would print warnings to stderr on its own.
logging.getLogger("jambonz_sync").addHandler(logging.NullHandler())
