"""What stands on which page of the reference, and in which order."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import NamedTuple

from jambonz_sync import exceptions
from jambonz_sync.audio import ended

__all__ = ["ADVICE", "SUBJECTS", "Subject", "Thing"]


class Thing(NamedTuple):
    """One public name. ``instance`` is what one calls an object of the class.

    ``made``: applications make objects of it. ``only``: of its members those in ``members``, in this order, under
    another ``heading``. ``without``: members that stand elsewhere; ``more``: verbs' methods that stand here too.
    ``plain``: written without arguments.
    """

    name: str
    module: str = "jambonz_sync"
    instance: str = ""
    made: bool = False
    members: Sequence[str] = ()
    without: Sequence[str] = ()
    only: bool = False
    heading: str = ""
    text: str = ""
    more: Sequence[str] = ()
    plain: bool = False


def _thing(name: str, instance: str = "", **more: object) -> Thing:
    one = Thing(name, **{"instance": instance or name.lower(), **more})  # type: ignore[arg-type]
    return one._replace(heading=one.heading or name)


class Subject(NamedTuple):
    """A page. ``module``: what is documented here as a whole."""

    page: str
    title: str
    text: str
    things: Sequence[Thing]
    module: str = ""


_TALK = ("ask", "menu", "put_through", "hold")
_MODEL = (
    "tool",
    "send_tool_output",
    "update_llm",
    "stream_tts",
    "send_tts_tokens",
    "flush_tts_tokens",
    "clear_tts_tokens",
)
_SOUND = ("record",)


def _of_simulator(*names: str) -> list[Thing]:
    told = {"Clock", "CannotConnect"}
    called = {"SimulatedCall": "call", "SimulatedMessage": "message", "RealClock": "clock"}
    return [
        _thing(name, called.get(name, ""), module="jambonz_sync.simulator", made=name not in told) for name in names
    ]


def _tree(module: ModuleType) -> str:
    """Return what derives from what, from the docstring of a module."""
    found = re.search(r"code-block:: text\n\n(.*)", inspect.getdoc(module) or "", re.DOTALL)
    assert found is not None, module
    return f"```text\n{textwrap.dedent(found[1])}\n```"


SUBJECTS = (
    Subject(
        "endpoint.md",
        "Endpoint and services",
        "An endpoint is what jambonz connects to; a service answers the calls of one path.",
        [
            _thing("create_endpoint"),
            _thing("Endpoint"),
            _thing("Service"),
            _thing("Request"),
            _thing("Refusal", made=True),
            _thing("CallStatus", "call"),
            _thing("Counters"),
        ],
    ),
    Subject(
        "session.md",
        "The session",
        "A session is one call. The methods that queue [verbs](verbs.md) and send [commands](commands.md) have pages "
        "of their own; what [asks and offers](talk.md), what [language models](language-models.md) need and what "
        "[records](audio.md) too.",
        [_thing("Session", without=(*_TALK, *_MODEL, *_SOUND), more=("verb",))],
    ),
    Subject(
        "event.md",
        "Event and Outcome",
        "What `wait_for` and `run` return. What an event carries, by message and hook, is in [events](events.md).",
        [_thing("Event", "evt"), _thing("Outcome")],
    ),
    Subject(
        "talk.md",
        "Questions, menus, and calls put through",
        "Methods of the [session](session.md) that need no hook names: what asks returns the answer.",
        [
            _thing(
                "Session",
                heading="Methods of the session for talk",
                only=True,
                members=_TALK,
                text="They work on the call's own thread.",
            ),
            _thing("Answer"),
        ],
    ),
    Subject(
        "language-models.md",
        "Language models and streamed speech",
        "Methods of the [session](session.md) beside the verbs [llm](verbs.md#llm) and [agent](verbs.md#agent), and "
        "for text that is spoken while it is written.",
        [
            _thing(
                "Session",
                heading="Methods of the session for models",
                only=True,
                members=_MODEL,
                text="``service.tool`` registers a function for all calls of a service, see :meth:`Service.tool`.",
            ),
            _thing("StreamedText", "said"),
        ],
    ),
    Subject(
        "audio.md",
        "Audio",
        "What a caller says as sound, and sound for the caller. How one goes about it is in "
        "[the guide](../guides/audio.md).",
        [
            _thing("Session", heading="Recording a caller", only=True, members=_SOUND, text="A method of the session."),
            _thing("Recording"),
            _thing("AudioService", "service", module="jambonz_sync.audio"),
            _thing("AudioStream", "stream", module="jambonz_sync.audio"),
            _thing("AudioEvent", "evt", module="jambonz_sync.audio"),
            _thing("Clip", module="jambonz_sync.audio"),
            _thing("Metadata", module="jambonz_sync.audio"),
            _thing("RecordingDesk", "desk", module="jambonz_sync.audio"),
        ],
        "jambonz_sync.audio",
    ),
    Subject(
        "exceptions.md",
        "Exceptions",
        "What the library raises. Ordinary errors are a `JambonzError`; the end of a call is no `Exception`, so that "
        f"an `except Exception` does not swallow it. Let it through.\n\n{_tree(exceptions)}\n\n"
        f"Of audio connections:\n\n{_tree(ended)}",
        [
            _thing(name)
            for name in (
                "JambonzError",
                "InvalidVerb",
                "InvalidCommand",
                "MessageTooBig",
                "WaitTimeout",
                "NoInput",
                "HookLost",
                "CallNotActive",
                "TtsStreamFailed",
                "RecordingFailed",
                "AudioNotActive",
                "EndpointError",
                "CallEnded",
                "CallRejected",
                "AudioEnded",
            )
        ],
    ),
    Subject(
        "application-variables.md",
        "Application variables",
        "What an operator may set of an application in jambonz' portal; `session.env` has the values. Definitions are "
        "given to [`make_service`](endpoint.md#endpointmake_service), or stand in an `app.json`. The functions are "
        "those of the Node library, for code that reads one by itself.",
        [
            _thing("VariableDefinition"),
            _thing("get_app_config"),
            _thing("merge_env_vars_with_defaults"),
            _thing("validate_app_config"),
        ],
    ),
    Subject(
        "web-servers.md",
        "Flask, gunicorn, Prometheus",
        "How an endpoint fits into what others have made. Pages that show it whole: [Flask](../guides/flask.md), "
        "[deploying](../guides/deploying.md), [operating](../guides/operating.md).",
        [
            _thing("Jambonz", module="jambonz_sync.flask", made=True),
            _thing("post_worker_init", module="jambonz_sync.gunicorn"),
            _thing("worker_int", module="jambonz_sync.gunicorn"),
            _thing("register", module="jambonz_sync.prometheus"),
        ],
        "jambonz_sync.gunicorn",
    ),
    Subject(
        "testing.md",
        "The testing kit",
        "Calls to an application within a test, in virtual time: no phone, no network, no waiting.",
        [
            _thing("jambonz", module="jambonz_sync.pytest_plugin", heading="The fixture jambonz", plain=True),
            _thing("Jambonz", module="jambonz_sync.testing", made=True, heading="Jambonz, elsewhere than in pytest"),
            _thing("PhoneCall", "call", module="jambonz_sync.testing"),
            _thing("Heard", module="jambonz_sync.testing"),
            _thing("HeardSound", "sound", module="jambonz_sync.testing"),
        ],
        "jambonz_sync.testing",
    ),
    Subject(
        "simulator.md",
        "The simulator",
        "A jambonz for one machine, which calls an application over a real websocket and executes its verbs as a "
        "server does. The [testing kit](testing.md) and [`jambonz-sync call`](command-line.md#call) are made of it.",
        _of_simulator(
            *("SimulatedCall", "SimulatedMessage", "Transcript", "Ending", "Entry", "WireMessage", "CannotConnect"),
            *("Says", "Presses", "Silence", "HangsUp", "DropsConnection", "SendsRequest"),
            *("Answers", "Busy", "NoAnswer", "Holds"),
            *("ModelSays", "CallsTool", "CallsTools", "ModelSends", "ModelEnds", "StreamConnects", "StreamFails"),
            *("Platform", "WaitsInQueue", "TakesFromQueue", "JoinsConference", "Clock", "RealClock"),
        ),
        "jambonz_sync.simulator",
    ),
)

#: What one does about an exception.
ADVICE: Mapping[str, str] = {
    "JambonzError": "catch it where one handling fits them all; mostly one of those below is meant.",
    "InvalidVerb": "mend the line that raised it: the sentence names the option, and what was probably meant. For an "
    "option that is newer than this library, `create_endpoint(strict=False)`, or `session.verb(...)` for a verb.",
    "InvalidCommand": "mend the line that raised it. Where it says that nothing is queued, a verb is missing before "
    "`run()`.",
    "MessageTooBig": "send less at once: several `send(exec_immediate=False)`, or a URL in place of what it holds.",
    "WaitTimeout": "go on: say something, ask again, or `return` to hang up. The hook may still come.",
    "NoInput": "give the menu a `default`, or catch it and say goodbye.",
    "HookLost": "ask again, or look up what has become of it; the call itself goes on.",
    "CallNotActive": "stop what the other thread does for this call: there is nobody to hear it.",
    "TtsStreamFailed": "say the text with `session.say(...)`, and see to the voice: its vendor has to be able to "
    "stream, and its credentials in jambonz have to be right.",
    "RecordingFailed": "tell the caller that it did not work. jambonz could not open the second websocket, or was told "
    "an address where this process does not listen: see `url` of [`record`](audio.md#sessionrecord).",
    "AudioNotActive": "stop sending: the audio connection is over.",
    "EndpointError": "read the sentence: mostly the port is taken, or a certificate cannot be read.",
    "CallEnded": "nothing: let it through, and use `finally` or `with` for what has to be put away. To do something "
    'after the call, `session.on("close", fn)`.',
    "CallRejected": "look at the verbs in the log line. An older jambonz may not know one of them: "
    '`create_endpoint(jambonz_version="0.9")` refuses those where they are written.',
    "AudioEnded": "nothing: let it through, as `CallEnded`.",
}
