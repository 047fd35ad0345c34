"""The verb ``agent``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .fault import Fault, shown
from .handoff import Handoff
from .hook import Hook
from .llm import HangupTool, McpServer
from .markers import Between, Doc, FreeForm, Secret, Wire
from .recognizer import Recognizer
from .rules import Run, rule
from .synthesizer import Synthesizer

__all__ = [
    "AgentBargeIn",
    "AgentNoiseIsolation",
    "AgentOptions",
    "AgentTurnDetection",
    "LanguageModel",
    "LanguageModelConnection",
    "LanguageModelSettings",
    "LanguageSettings",
    "ToolFiller",
]


class LanguageModelConnection(TypedDict, total=False):
    """How the vendor's service is reached."""

    base_url: Annotated[str, Wire("baseURL"), Doc("URL of the service.")]
    endpoint: Annotated[str, Doc("Name or URL of your own endpoint there.")]
    max_retries: Annotated[int, Between(0, inf), Doc("How often a failed request is repeated.")]
    timeout: Annotated[float, Between(0, inf), Doc("How long a request may take, as the vendor counts it.")]


class LanguageModelSettings(TypedDict, total=False):
    """What the model is told."""

    system_prompt: Annotated[str, Doc("Who it is and what it should do.")]
    messages: Annotated[Sequence[FreeForm], Doc("What was said before: dicts with `role` and `content`.")]
    initial_messages: Annotated[Sequence[FreeForm], Doc("Another name for `messages`.")]
    max_tokens: Annotated[int, Between(1, inf), Doc("Longest answer, in tokens.")]
    temperature: Annotated[float, Between(0, inf), Doc("How freely it chooses its words; 0 is not at all.")]
    reasoning_effort: Annotated[Literal["minimal", "low", "medium", "high"], Doc("How long it thinks first.")]
    tools: Annotated[
        Sequence[FreeForm], Doc("Functions it may call: dicts with `name`, `description` and `parameters`.")
    ]


@rule(LanguageModelSettings)
def _messages_have_a_role(given: Mapping[str, Any], run: Run) -> None:
    for name, wire in (("messages", "messages"), ("initial_messages", "initialMessages")):
        for index, message in enumerate(given.get(wire, ())):
            path = f"{name}[{index}]"
            if "content" not in message:
                raise Fault(f"needs content in {path}", f"{path}.content")
            role = message.get("role")
            if role not in ("system", "user", "assistant", "tool"):
                raise Fault(
                    f"needs a role in {path}, one of system, user, assistant, tool; not {shown(role)}", f"{path}.role"
                )


class LanguageModel(TypedDict, total=False):
    """The model that talks, and how to reach it."""

    vendor: Annotated[str, Doc("Who runs it; the application's own if left out.")]
    model: Annotated[str, Doc("Which model; the application's own if left out.")]
    label: Annotated[str, Doc("Which of several sets of credentials for that vendor.")]
    auth: Annotated[FreeForm, Secret, Doc("Credentials, if not those of the account, passed on as they stand.")]
    connect_options: Annotated[LanguageModelConnection, Doc("How the vendor's service is reached.")]
    llm_options: Annotated[LanguageModelSettings, Doc("What it is told.")]


class AgentBargeIn(TypedDict, total=False):
    """How the caller may interrupt the agent."""

    enable: Annotated[bool, Doc("Whether it is possible; true if left out.")]
    strategy: Annotated[
        Literal["vad", "interruptPrediction"],
        Doc(
            "vad: any lasting voice; interruptPrediction: a model tells an interruption from an uh-huh; "
            "vad if left out."
        ),
    ]
    min_speech_duration: Annotated[
        float, Between(0, inf), Doc("How long a voice must last, in seconds (vad); 0.5 if left out.")
    ]
    threshold: Annotated[float, Between(0, 1), Doc("How sure the model must be, 0 to 1 (interruptPrediction).")]
    vendor: Annotated[str, Doc("Whose model it is (interruptPrediction).")]
    sticky: Annotated[bool, Doc("Stay silent once interrupted, instead of going on after a false alarm.")]


class AgentTurnDetection(TypedDict, total=False):
    """Telling the end of a turn from a pause for thought."""

    mode: Required[Annotated[Literal["krisp"], Doc("Whose model does it.")]]
    model: Annotated[str, Doc("Which of its models.")]
    threshold: Annotated[float, Between(0, 1), Doc("How sure it must be, 0 to 1; 0.5 if left out.")]


class AgentNoiseIsolation(TypedDict, total=False):
    """Background noise taken out of the audio."""

    mode: Required[Annotated[str, Doc("Who does it, such as krisp.")]]
    level: Annotated[float, Between(0, 100), Doc("How much, 0 to 100; 100 if left out.")]
    direction: Annotated[Literal["read", "write"], Doc("read: the caller's audio; write: what the caller hears.")]
    model: Annotated[str, Doc("Which of its models.")]


class LanguageSettings(TypedDict, total=False):
    """What is different in one language."""

    tts: Annotated[Synthesizer, Doc("Which voice speaks it.")]


class ToolFiller(TypedDict, total=False):
    """What the caller hears while a tool is at work."""

    type: Required[Annotated[Literal["audio", "backchannel"], Doc("An audio file, or short phrases.")]]
    url: Annotated[str, Doc("URL of the audio, which is repeated; needed for audio.")]
    style: Annotated[str, Doc("How the phrases should sound, in words (backchannel).")]
    start_delay_secs: Annotated[
        float, Between(0, inf), Doc("How long to wait before it begins, in seconds; 2 if left out.")
    ]
    escalation_secs: Annotated[
        float, Between(0, inf), Doc("After how many seconds more is said (backchannel); 10 if left out.")
    ]


@rule(ToolFiller)
def _audio_is_somewhere(given: Mapping[str, Any], run: Run) -> None:
    if given["type"] == "audio" and "url" not in given:
        raise Fault("needs url, since type is audio", "url")


class AgentOptions(TypedDict, total=False):
    """Let the caller talk to a language model, with the recognizer and the voice you choose."""

    llm: Annotated[LanguageModel, Doc("Which model talks; the application's own if left out.")]
    stt: Annotated[Recognizer, Doc("How speech is recognized, if not as set for the session.")]
    tts: Annotated[Synthesizer, Doc("Which voice speaks, if not the session's.")]
    greeting: Annotated[bool, Doc("Let the model speak first; true if left out.")]
    barge_in: Annotated[AgentBargeIn, Doc("How the caller may interrupt.")]
    turn_detection: Annotated[
        Literal["stt", "krisp"] | AgentTurnDetection, Doc("Who tells that the caller has finished; stt if left out.")
    ]
    early_generation: Annotated[bool, Doc("Let the model begin before that is certain.")]
    no_response_timeout: Annotated[
        float, Between(0, inf), Doc("Seconds of silence before the caller is asked again; 0 is never.")
    ]
    auto_lock_language: Annotated[
        bool | Literal["always"],
        Doc('Keep to the language first heard; "always" follows every change (Deepgram Flux).'),
    ]
    language_config: Annotated[
        Mapping[str, LanguageSettings], Doc("What is different in which language, by language code.")
    ]
    noise_isolation: Annotated[
        Literal["krisp", "rnnoise"] | AgentNoiseIsolation, Doc("Take noise out of the audio, and who does it.")
    ]
    tool_filler: Annotated[
        Literal[False] | ToolFiller, Doc("What the caller hears while a tool is at work; False is nothing.")
    ]
    mcp_servers: Annotated[Sequence[McpServer], Doc("Servers whose tools jambonz runs by itself.")]
    handoff: Annotated[Handoff, Doc("Let the model call a person.")]
    hangup: Annotated[HangupTool, Doc("Let the model end the call.")]
    event_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told of what is said, of interruptions and of ends of turns.")]
    tool_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told which tool to call; the output is sent as a command.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the conversation is over.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
