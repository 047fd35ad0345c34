"""Voice activity detection."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from .markers import Between, Doc

__all__ = ["Vad"]


class Vad(TypedDict, total=False):
    """Wait for a voice before the speech vendor is connected."""

    enable: Annotated[bool, Doc("Connect the recognizer only when somebody speaks.")]
    voice_ms: Annotated[float, Doc("How long a voice must last to count, in milliseconds.")]
    silence_ms: Annotated[float, Doc("How long a silence must last to count, in milliseconds.")]
    mode: Annotated[float, Between(0, 3), Doc("How strictly noise is told from voice: 0 lenient to 3 strict (webrtc).")]
    strategy: Annotated[str, Doc("one-shot: look out for the first voice only; continuous: for every one.")]
    vendor: Annotated[Literal["webrtc", "silero"], Doc("Which detector.")]
    threshold: Annotated[float, Between(0, 1), Doc("Probability from which sound counts as voice, 0 to 1 (silero).")]
    speech_pad_ms: Annotated[float, Doc("Audio added at both ends of detected speech, in milliseconds (silero).")]
