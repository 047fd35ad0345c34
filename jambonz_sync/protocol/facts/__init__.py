"""What messages and hooks carry, and how an event or an outcome gives access to it."""

from __future__ import annotations

from .bots import (
    AgentFacts,
    BotEventFacts,
    DialogflowFacts,
    LexFacts,
    LlmFacts,
    RasaEventFacts,
    RasaFacts,
    ToolCallFacts,
)
from .call import AdultingFacts, CallFacts, CallStatusFacts, HookFacts, SessionFacts
from .fact import Fact, facts_of, groups, ways_to
from .hearing import GatherFacts, LatencyFacts, TranscriptionFacts
from .mapping import Facts
from .parties import (
    AmdFacts,
    ConferenceFacts,
    DequeueFacts,
    DialFacts,
    DialKeyFacts,
    EnqueueFacts,
    HoldFacts,
    QueueWaitFacts,
    ReferEventFacts,
    ReferFacts,
    ReferHookFacts,
    TransferFacts,
)
from .reports import (
    ErrorFacts,
    ListenFacts,
    MessageFacts,
    PlayFacts,
    RequestFacts,
    RequestHookFacts,
    StreamingFacts,
    TokensFacts,
    VerbStatusFacts,
)

__all__ = ["ActionFacts", "EventFacts", "Fact", "Facts", "facts_of", "groups", "ways_to"]


class ActionFacts(
    CallFacts,
    HookFacts,
    GatherFacts,
    LatencyFacts,
    PlayFacts,
    ListenFacts,
    DialFacts,
    EnqueueFacts,
    DequeueFacts,
    TransferFacts,
    ReferFacts,
    RequestFacts,
    MessageFacts,
    LlmFacts,
    DialogflowFacts,
    LexFacts,
    RasaFacts,
):
    """What the hooks carry that report the end of a verb."""


class EventFacts(
    ActionFacts,
    SessionFacts,
    AdultingFacts,
    CallStatusFacts,
    TranscriptionFacts,
    DialKeyFacts,
    HoldFacts,
    ReferHookFacts,
    AmdFacts,
    QueueWaitFacts,
    ConferenceFacts,
    ReferEventFacts,
    ToolCallFacts,
    AgentFacts,
    BotEventFacts,
    RasaEventFacts,
    RequestHookFacts,
    VerbStatusFacts,
    ErrorFacts,
    StreamingFacts,
    TokensFacts,
):
    """What any message carries."""
