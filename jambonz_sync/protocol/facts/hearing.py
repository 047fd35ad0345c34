"""What jambonz heard: speech, keys, and what made a verb end."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import Doc, NotRequired, TypedDict

from .fact import Here, comes_with
from .mapping import Facts
from .words import GatherReason, Reason

__all__ = ["Alternative", "GatherFacts", "LatencyFacts", "Speech", "SpeechVendor", "TranscriptionFacts", "Translation"]


class Alternative(TypedDict):
    """One way to understand what was said; the best comes first."""

    transcript: Annotated[str, Doc("What was said.")]
    confidence: Annotated[float, Doc("How sure the recogniser is of it, 0 to 1.")]


class SpeechVendor(TypedDict):
    """What the recogniser itself has sent."""

    name: Annotated[str, Doc("The vendor.")]
    evt: Annotated[Any, Doc("What it has sent: one event, or a list where several were joined.")]


class Speech(TypedDict):
    """What a recogniser made of what was said."""

    language_code: Annotated[str, Doc("The language it was said in.")]
    channel_tag: Annotated[int, Doc("1 is this leg, 2 the other.")]
    is_final: Annotated[bool, Doc("Whether the recogniser is sure that was all.")]
    alternatives: Annotated[list[Alternative], Doc("What was said, the best first.")]
    vendor: Annotated[NotRequired[SpeechVendor], Doc("What the recogniser itself has sent.")]


class Translation(TypedDict):
    """What was said, in another language."""

    channel: Annotated[int, Doc("1 is this leg, 2 the other.")]
    language: Annotated[str, Doc("The language it was translated into.")]
    translation: Annotated[str, Doc("What was said, in that language.")]


@comes_with(
    "gather.action_hook", "gather.partial_result_hook", "config.barge_in.action_hook", text="the action_hook of gather"
)
class GatherFacts(Facts):
    """What the caller said or pressed, and why the input ended.

    ``partial_result_hook`` tells of ``speech`` alone. All but ``speech`` and ``details`` are there in every event: what
    was not said or pressed is empty.
    """

    speech: Annotated[Speech, Doc("What was said, with everything the recogniser tells of it.")]
    details: Annotated[Any, Doc("What went wrong; with the reason `error`.")]

    @property
    def transcript(self) -> str:
        """What was said, as the best alternative of the recogniser; ``""`` when nothing was.

        With ``agent:event``, and other messages that carry a ``transcript`` of their own, it is that.
        """
        return str(self._best().get("transcript") or "")

    @property
    def confidence(self) -> float | None:
        """How sure the recogniser is of :attr:`transcript`, 0 to 1; ``None`` when nothing was said."""
        confidence = self._best().get("confidence")
        return float(confidence) if isinstance(confidence, (int, float)) else None

    @property
    def digits(self) -> str:
        """The keys pressed; ``""`` when none were. ``listen`` has them too, if ``finish_on_key`` ended it."""
        return str(self.data.get("digits") or "")

    @property
    def reason(self) -> Annotated[Reason | None, Here(GatherReason | None)]:
        """Why a gather or a play ended: ``speechDetected``, ``dtmfDetected``, ``timeout``, ``playCompleted`` …

        Answering machine detection says so why it decided, and ``tts:tokens-result`` why text was refused.
        """
        return self.data.get("reason")

    def _best(self) -> dict[str, Any]:
        # Speech that barged in comes without the object around it.
        speech = self.data.get("speech", self.data)
        if not isinstance(speech, dict):
            return {}
        alternatives = speech.get("alternatives", [speech])
        best = alternatives[0] if isinstance(alternatives, list) and alternatives else None
        return best if isinstance(best, dict) else {}


@comes_with(
    "transcribe.transcription_hook",
    "transcribe.translation_hook",
    "config.transcribe.transcription_hook",
    "config.transcribe.translation_hook",
    text="the transcription_hook of transcribe",
)
class TranscriptionFacts:
    """What somebody said, while a transcription runs."""

    speech: Annotated[Speech, Doc("What was said.")]
    speech_event: Annotated[dict[str, Any], Doc("Or what else the recogniser noticed; its `type` says what.")]
    translation: Annotated[Translation, Doc("What was said in another language; with `translation_hook` alone.")]


@comes_with(
    "gather.action_hook",
    "config.barge_in.action_hook",
    "transcribe.transcription_hook",
    "config.transcribe.transcription_hook",
    text="the hooks of gather and transcribe with notify_stt_latency",
)
class LatencyFacts:
    """How long the recogniser took; after ``config`` with ``notify_stt_latency``."""

    stt_latency_ms: Annotated[str, Doc("How long the recogniser took, in milliseconds, as a text.")]
    stt_talkspurts: Annotated[str, Doc("When the caller was talking, as JSON text.")]
    stt_start_time: Annotated[str, Doc("When recognition began.")]
    stt_stop_time: Annotated[str, Doc("When recognition ended.")]
    stt_usage: Annotated[Any, Doc("What the recogniser reports as used.")]
