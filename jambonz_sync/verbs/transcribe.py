"""The verb ``transcribe``, and the same inside other verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .markers import Doc, Since
from .recognizer import Recognizer
from .rules import Run, rule

__all__ = ["TranscribeInBackground", "TranscribeOptions"]


class TranscribeOptions(TypedDict, total=False):
    """Write down what is said, for as long as the verb runs."""

    transcription_hook: Annotated[str, HookKind.REPORT, Doc("Receives each utterance. A name, not a dict.")]
    translation_hook: Annotated[str, HookKind.REPORT, Doc("Receives each translation. A name, not a dict.")]
    recognizer: Annotated[Recognizer, Doc("How speech is recognized, if not as set for the session.")]
    channel: Annotated[Literal[1, 2], Doc("Only one side: 1 is this leg, 2 the other one.")]
    early_media: Annotated[bool, Doc("Begin before the call is answered, instead of answering it.")]
    enable: Annotated[bool, Since("10"), Doc("False ends a transcription.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class TranscribeInBackground(TypedDict, total=False):
    """Transcription beside the verbs, for the rest of the call (in `config`)."""

    enable: Required[Annotated[bool, Doc("Begin, or end.")]]
    transcription_hook: Annotated[str, HookKind.REPORT, Doc("Receives each utterance. A name, not a dict.")]
    translation_hook: Annotated[
        str, HookKind.REPORT, Since("10"), Doc("Receives each translation. A name, not a dict.")
    ]
    recognizer: Annotated[Recognizer, Doc("How speech is recognized, if not as set for the session.")]


@rule(TranscribeOptions, TranscribeInBackground)
def _somebody_reads_it(given: Mapping[str, Any], run: Run) -> None:
    if given.get("enable") is not False and "transcriptionHook" not in given and "translationHook" not in given:
        run.warn("goes to nobody without transcription_hook")
