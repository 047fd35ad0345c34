"""Which verbs there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .agent import AgentOptions
from .alert import AlertOptions
from .answer import AnswerOptions
from .bots import DialogflowOptions, LexOptions, RasaOptions
from .conference import ConferenceOptions
from .config import ConfigOptions
from .describe import Option, options_of
from .dial import DialOptions
from .dtmf import DtmfOptions
from .dub import DubOptions
from .gather import GatherOptions
from .hangup import HangupOptions
from .listen import ListenOptions
from .llm import LATER_VENDORS, LlmOptions
from .message import MessageOptions
from .pause import PauseOptions
from .play import PlayOptions
from .queue import DequeueOptions, EnqueueOptions, LeaveOptions
from .redirect import RedirectOptions
from .say import SayOptions
from .sip import SipDeclineOptions, SipReferOptions, SipRequestOptions
from .tag import TagOptions
from .transcribe import TranscribeOptions
from .transfer import TransferOptions

__all__ = ["NOT_FOR_APPLICATIONS", "VERBS", "VerbType", "find"]


@dataclass(frozen=True)
class VerbType:
    """What is known of a verb.

    ``name`` is its name in the jambonz docs, ``method`` the method of the session. ``options`` is the ``TypedDict``
    that describes what it takes, ``positional`` the option that may be given without its name. ``since`` is the first
    server version that knows it, ``None`` if every supported one does.

    ``alias_of`` is the verb that this is just another name for, and as which it is sent; ``preset`` what the other
    name says by itself.
    """

    name: str
    options: type[Any]
    positional: str | None = None
    since: str | None = None
    alias_of: str | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sent_as(self) -> str:
        """The name on the wire.

        An alias goes out as the verb it stands for: the server would make it that anyway, at the top level of a list,
        and reports it under that name.
        """
        return self.alias_of or self.name

    @property
    def method(self) -> str:
        """The name of the method that queues it."""
        return self.name.replace(":", "_")

    def completed(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options together with what the verb's name says."""
        return {**options, **{key: value for key, value in self.preset.items() if options.get(key) is None}}

    @property
    def doc(self) -> str:
        """What it does, in a sentence or two."""
        return (self.options.__doc__ or "").strip()

    @property
    def fields(self) -> tuple[Option, ...]:
        """The options it takes."""
        return options_of(self.options)


def _speech_to_speech(vendor: str) -> VerbType:
    name = f"{vendor}_s2s"
    return VerbType(name, LlmOptions, since=LATER_VENDORS.get(vendor), alias_of="llm", preset={"vendor": vendor})


#: Every verb by its name on the wire.
VERBS: Mapping[str, VerbType] = MappingProxyType(
    {
        verb.name: verb
        for verb in (
            VerbType("agent", AgentOptions, since="10.1"),
            VerbType("alert", AlertOptions, "message"),
            VerbType("answer", AnswerOptions),
            VerbType("conference", ConferenceOptions, "name"),
            VerbType("config", ConfigOptions),
            _speech_to_speech("deepgram"),
            VerbType("dequeue", DequeueOptions, "name"),
            VerbType("dial", DialOptions, "target"),
            VerbType("dialogflow", DialogflowOptions),
            VerbType("dtmf", DtmfOptions, "dtmf"),
            VerbType("dub", DubOptions),
            _speech_to_speech("elevenlabs"),
            VerbType("enqueue", EnqueueOptions, "name"),
            VerbType("gather", GatherOptions),
            _speech_to_speech("google"),
            _speech_to_speech("gptlive"),
            VerbType("hangup", HangupOptions),
            VerbType("leave", LeaveOptions),
            VerbType("lex", LexOptions),
            VerbType("listen", ListenOptions, "url"),
            VerbType("llm", LlmOptions),
            VerbType("message", MessageOptions),
            _speech_to_speech("microsoft"),
            _speech_to_speech("openai"),
            VerbType("pause", PauseOptions, "length"),
            VerbType("play", PlayOptions, "url"),
            _speech_to_speech("qwen"),
            VerbType("rasa", RasaOptions, "url"),
            VerbType("redirect", RedirectOptions, "action_hook"),
            VerbType("room", ConferenceOptions, "name", alias_of="conference"),
            VerbType("s2s", LlmOptions, alias_of="llm"),
            VerbType("say", SayOptions, "text"),
            VerbType("sip:decline", SipDeclineOptions, "status"),
            VerbType("sip:refer", SipReferOptions, "refer_to"),
            VerbType("sip:request", SipRequestOptions, "method"),
            VerbType("stream", ListenOptions, "url", alias_of="listen"),
            VerbType("tag", TagOptions, "data"),
            VerbType("transcribe", TranscribeOptions),
            VerbType("transfer", TransferOptions, "target", since="10.3"),
            _speech_to_speech("ultravox"),
            _speech_to_speech("voiceagent"),
        )
    }
)

#: Verbs that a server's validator lets pass, and why they are none for an application, by either name.
NOT_FOR_APPLICATIONS: Mapping[str, str] = MappingProxyType(
    {
        "pipeline": "no server can run it; agent, on jambonz 10.1 or newer, is what became of it",
        "rest:dial": "it is jambonz's own form of a call made by REST; dial connects a caller to somebody else",
        "rest_dial": "it is jambonz's own form of a call made by REST; dial connects a caller to somebody else",
    }
)

_BY_EITHER_NAME = {**{verb.method: verb for verb in VERBS.values()}, **VERBS}


def find(name: str) -> VerbType | None:
    """Return the verb of this name, as the wire or as Python spells it."""
    return _BY_EITHER_NAME.get(name)
