"""What jambonz says of a conversation with a machine: speech-to-speech models, agents, and the bots of vendors."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import Doc, TypedDict

from .fact import Here, comes_with
from .words import CompletionReason, DialogflowEvent, DialogflowResult, EventName, RasaEvent, RasaResult

__all__ = [
    "AgentFacts",
    "AgentLatency",
    "BotEventFacts",
    "DialogflowFacts",
    "LexFacts",
    "LlmFacts",
    "RasaEventFacts",
    "RasaFacts",
    "ToolCallFacts",
]


@comes_with("llm.action_hook")
class LlmFacts:
    """The conversation with a speech-to-speech model is over."""

    completion_reason: Annotated[CompletionReason, Doc("Why the conversation ended.")]
    error: Annotated[Any, Doc("What went wrong, as the vendor has it.")]


@comes_with("llm:tool-call", "agent:tool-call", "llm.tool_hook", "agent.tool_hook")
class ToolCallFacts:
    """The model calls a tool.

    Which one is ``evt.tool_name``, with ``evt.arguments``, whatever the vendor calls them. The answer is sent with
    ``session.send_tool_output``.
    """

    tool_call_id: Annotated[str, Doc("What the output has to be sent under.")]
    args: Annotated[dict[str, Any], Doc("The arguments, as `llm:tool-call` carries them.")]
    function_calls: Annotated[
        list[dict[str, Any]], Doc("Every call of the message, each with `id`, `name` and `args`; vendor google only.")
    ]


class AgentLatency(TypedDict, total=False):
    """Where the time between the caller's words and the agent's went, in milliseconds."""

    transcriber_latency: Annotated[int, Doc("How long the recogniser took.")]
    turn_detection_latency: Annotated[int, Doc("How long it took to be sure that the caller had finished.")]
    model_latency: Annotated[int, Doc("How long the model took.")]
    voice_latency: Annotated[int, Doc("How long the voice took.")]
    preflight: Annotated[
        dict[str, Any], Doc("Of an answer that was prepared before the caller had finished: `result` and `tokens`.")
    ]


@comes_with("agent:event", "agent.event_hook")
class AgentFacts:
    """Something happened in the conversation with an ``agent``, since v10.

    What it was is ``evt["type"]``, since ``evt.type`` is the message's own: ``user_transcript``, ``llm_response``,
    ``user_interruption`` or ``turn_end``. ``evt.transcript`` is what was said.
    """

    response: Annotated[str, Doc("What the model answered.")]
    interrupted: Annotated[bool, Doc("Whether the caller cut the answer off; with `turn_end`.")]
    latency: Annotated[AgentLatency, Doc("Where the time went, in milliseconds; with `turn_end`.")]


@comes_with("dialogflow.action_hook")
class DialogflowFacts:
    """The conversation with a Dialogflow bot is over."""

    dialogflow_result: Annotated[DialogflowResult, Doc("How it ended.")]


@comes_with("lex.action_hook")
class LexFacts:
    """The conversation with a Lex bot is over."""

    lex_result: Annotated[str, Doc("How it ended.")]


@comes_with("rasa.action_hook")
class RasaFacts:
    """The conversation with a Rasa bot is over."""

    rasa_result: Annotated[RasaResult, Doc("How it ended.")]


@comes_with("dialogflow.event_hook", "lex.event_hook")
class BotEventFacts:
    """Something happened in the conversation with a Dialogflow or Lex bot.

    What the bot says of it is ``evt["data"]``, since ``evt.data`` is the whole message. Lex has events of its own,
    which are read as ``evt["event"]``.
    """

    event: Annotated[EventName, Here(DialogflowEvent), Doc("What happened.")]


@comes_with("rasa.event_hook")
class RasaEventFacts:
    """Somebody said something: the caller, or the Rasa bot."""

    event: Annotated[EventName, Here(RasaEvent), Doc("Who it was.")]
    message: Annotated[Any, Doc("What was said.")]
