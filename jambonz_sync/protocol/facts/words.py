"""The words jambonz has for what happened, where there is a fixed set of them."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "CallStatus",
    "CompletionReason",
    "ConferenceEvent",
    "DequeueResult",
    "DialogflowEvent",
    "DialogflowResult",
    "Direction",
    "EndedBy",
    "EventName",
    "Failover",
    "GatherReason",
    "HoldEvent",
    "MessageStatus",
    "PlayStatus",
    "QueueResult",
    "RasaEvent",
    "RasaResult",
    "Reason",
    "ReferEvent",
    "RequestResult",
    "Status",
    "StreamingEvent",
    "TokensStatus",
    "TransferReason",
    "TransferResult",
    "VerbEvent",
]

CallStatus = Literal[
    "trying", "ringing", "early-media", "in-progress", "completed", "failed", "busy", "no-answer", "queued"
]
Direction = Literal["inbound", "outbound"]
EndedBy = Literal["caller", "jambonz"]

GatherReason = Literal["speechDetected", "dtmfDetected", "timeout", "error", "stt-low-confidence"]
_PlayReason = Literal["playCompleted", "playFailed"]
_AmdReason = Literal["hint", "digit count", "short greeting", "long greeting"]
_TokensReason = Literal["full", "missing tokens"]
#: Why something ended or was refused. Several messages say it under this one name.
Reason = Literal[GatherReason, _PlayReason, _AmdReason, _TokensReason]

ConferenceEvent = Literal[
    "start",
    "end",
    "join",
    "leave",
    "start-talking",
    "stop-talking",
    # Since v10.
    "say-start",
    "say-done",
    "play-start",
    "play-done",
]
VerbEvent = Literal[
    "starting",
    "finished",
    "start-playback",
    "stop-playback",
    "kill-playback",
    "synthesized-audio",
    "dtmf-bargein-detected",
    "speech-bargein-detected",
]
ReferEvent = Literal["transfer-status"]
HoldEvent = Literal["hold", "unhold"]
DialogflowEvent = Literal[
    "intent",
    "transcription",
    "interim-transcription",
    "end-utterance",
    "start-play",
    "stop-play",
    "dtmf",
    "no-input",
]
RasaEvent = Literal["userMessage", "botMessage"]
#: What happened. Several messages say it under this one name.
EventName = Literal[ConferenceEvent, VerbEvent, ReferEvent, HoldEvent, DialogflowEvent, RasaEvent]

QueueResult = Literal["bridged", "hangup", "leave", "error"]
DequeueResult = Literal["complete", "timeout", "hangup"]
TransferResult = Literal["bridged", "returned", "voicemail", "failed"]
TransferReason = Literal["completed", "no-answer", "busy", "declined", "caller-abandoned", "error"]
RequestResult = Literal["success", "failed"]
MessageStatus = Literal["success", "failure", "no carriers", "smpp configuration error", "system error"]
CompletionReason = Literal[
    "normal conversation end",
    "connection failure",
    "disconnect from remote end",
    "server failure",
    "server error",
    "client error calling function",
    "client error calling mcp function",
]
DialogflowResult = Literal["completed", "caller hungup", "redirect"]
RasaResult = Literal["caller hungup", "timeout", "redirect", "webhookError"]
StreamingEvent = Literal[
    "stream_open",
    "stream_paused",
    "stream_resumed",
    "stream_closed",
    "user_interruption",
    # Since v10.
    "tts_spoken",
]
Failover = Literal["in progress", "not available"]
TokensStatus = Literal["ok", "failed"]
PlayStatus = Literal["fail"]
#: Whether text to be spoken was taken, and how a play ended.
Status = Literal[TokensStatus, PlayStatus]
