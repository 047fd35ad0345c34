"""What jambonz reports of its own work: verbs that start and end, speech that streams, and errors."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import Doc

from .fact import Here, comes_with
from .hearing import Alternative
from .words import (
    EventName,
    Failover,
    HoldEvent,
    MessageStatus,
    PlayStatus,
    RequestResult,
    Status,
    StreamingEvent,
    TokensStatus,
    VerbEvent,
)

__all__ = [
    "ErrorFacts",
    "ListenFacts",
    "MessageFacts",
    "PlayFacts",
    "RequestFacts",
    "RequestHookFacts",
    "StreamingFacts",
    "TokensFacts",
    "VerbStatusFacts",
]


@comes_with("play.action_hook")
class PlayFacts:
    """How much was played. ``evt.reason`` is ``playCompleted`` or ``playFailed``."""

    playback_seconds: Annotated[int | None, Doc("How much was played, in seconds.")]
    playback_milliseconds: Annotated[int | None, Doc("How much was played, in milliseconds.")]
    playback_last_offset_pos: Annotated[str, Doc("The last position reached, as a text.")]
    status: Annotated[Status, Here(PlayStatus), Doc("There only if it failed.")]


@comes_with("listen.action_hook")
class ListenFacts:
    """How long audio was sent. ``evt.digits`` has the key if ``finish_on_key`` ended it."""

    dial_call_duration: Annotated[int, Doc("How long it lasted, in seconds; missing if the connection failed.")]


@comes_with("message.action_hook")
class MessageFacts:
    """What became of an SMS or MMS."""

    message_sid: Annotated[str, Doc("The sid of the message.")]
    message_status: Annotated[MessageStatus, Doc("What became of it.")]
    message_failure_reason: Annotated[str, Doc("Why it was not sent.")]
    carrier: Annotated[str, Doc("The carrier that took it.")]
    carrier_message_id: Annotated[str, Doc("The message's id at the carrier.")]


@comes_with("sip:request.action_hook")
class RequestFacts:
    """What became of a SIP request. Its ``sip_status`` is that of the request."""

    result: Annotated[RequestResult, Doc("Whether the request was accepted.")]
    err: Annotated[str, Doc("What went wrong.")]


@comes_with("config.sip_request_within_dialog_hook")
class RequestHookFacts:
    """The other side has sent a SIP request."""

    sip_method: Annotated[str, Doc("Its method, such as `INFO`.")]
    sip_body: Annotated[str, Doc("Its body.")]
    sip_headers: Annotated[dict[str, Any], Doc("Its headers, names in snake_case.")]
    event: Annotated[EventName, Here(HoldEvent), Doc("What it means, where the server reports that.")]
    on_hold: Annotated[bool, Doc("Whether the caller is on hold now.")]


@comes_with("verb:status")
class VerbStatusFacts:
    """A verb starts, plays or ends; after ``config`` with ``notify_events``.

    The verb is ``evt["name"]`` with ``starting`` and ``finished``, since ``evt.name`` is the event's own, and
    ``evt.verb`` with all others. The ``duration`` of a key is a text: ``evt["duration"]``.
    """

    event: Annotated[EventName, Here(VerbEvent), Doc("What happened.")]
    verb: Annotated[str, Doc("The verb.")]
    id: Annotated[Any, Doc("The verb's `id`; missing if it has none.")]
    vendor: Annotated[str, Doc("Who made the speech; with `synthesized-audio`.")]
    language: Annotated[str, Doc("The language of the speech.")]
    served_from_cache: Annotated[bool, Doc("Whether it had been made before.")]
    characters: Annotated[int, Doc("How many characters were made into speech, if it had not.")]
    elapsed_time: Annotated[str, Doc("How long that took, in milliseconds, as a text.")]
    dtmf: Annotated[str, Doc("The key pressed; with `dtmf-bargein-detected`.")]
    source: Annotated[str, Doc("How the key came, such as `RTP`.")]
    alternatives: Annotated[list[Alternative], Doc("What was said, the best first; with `speech-bargein-detected`.")]
    language_code: Annotated[str, Doc("The language it was said in.")]
    channel_tag: Annotated[int, Doc("1 is this leg, 2 the other.")]
    is_final: Annotated[bool, Doc("Whether the recogniser is sure that was all.")]
    words: Annotated[list[Any], Doc("Or what was said, word by word.")]


@comes_with("jambonz:error")
class ErrorFacts:
    """jambonz could not do what it was told."""

    msg: Annotated[str, Doc("What went wrong, such as `TTS error`.")]
    details: Annotated[Any, Doc("What jambonz, or the speech vendor, says of it.")]
    content: Annotated[str, Doc("The message that could not be read.")]
    verb: Annotated[str, Doc("The verb it happened to.")]
    id: Annotated[Any, Doc("The verb's `id`; missing if it has none.")]
    failover: Annotated[Failover, Doc("Whether another speech vendor takes over.")]


@comes_with("tts:streaming-event")
class StreamingFacts:
    """Something happened to speech that is streamed. One waits for it as ``tts:stream_open`` and the like."""

    event_type: Annotated[StreamingEvent, Doc("What happened; `tts_spoken` since v10.")]
    text: Annotated[str, Doc("What the caller has really heard; with `tts_spoken`.")]
    bargein: Annotated[bool, Doc("Whether the caller cut it off; with `tts_spoken`.")]


@comes_with("tts:tokens-result")
class TokensFacts:
    """Whether text to be spoken was taken. ``evt.reason`` is why not."""

    id: Annotated[Any, Doc("The `id` the text was sent under.")]
    status: Annotated[Status, Here(TokensStatus), Doc("Whether it was; missing if the session cannot stream.")]
