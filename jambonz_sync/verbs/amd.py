"""Answering machine detection."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .markers import Doc
from .recognizer import Recognizer

__all__ = ["Amd", "AmdTimers"]


class AmdTimers(TypedDict, total=False):
    """How long the detection waits for what."""

    no_speech_timeout_ms: Annotated[float, Doc("For any speech at all, in milliseconds; 5000 if left out.")]
    decision_timeout_ms: Annotated[float, Doc("For a decision, in milliseconds; 15000 if left out.")]
    tone_timeout_ms: Annotated[float, Doc("For the beep, in milliseconds; 20000 if left out.")]
    greeting_completion_timeout_ms: Annotated[
        float, Doc("Silence that ends a machine's greeting, in milliseconds; 2000 if left out.")
    ]


class Amd(TypedDict, total=False):
    """Tell a person from an answering machine."""

    action_hook: Required[Annotated[Hook, HookKind.REPORT, Doc("Told what was detected; several times in a call.")]]
    threshold_word_count: Annotated[int, Doc("A greeting of this many words is a machine's; 9 if left out.")]
    digit_count: Annotated[int, Doc("A greeting with this many digits is a machine's; 0, or left out, turns that off.")]
    recognizer: Annotated[Recognizer, Doc("How the greeting is recognized, if not as set for the session.")]
    timers: Annotated[AmdTimers, Doc("How long to wait for what.")]
