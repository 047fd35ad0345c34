"""Text to speech: which voice speaks."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import Required, TypedDict

from .markers import Doc, FreeForm, Needed

__all__ = ["Synthesizer"]


class Synthesizer(TypedDict, total=False):
    """A speech vendor and one of its voices."""

    vendor: Required[
        Annotated[
            str,
            Needed(hint='"default" is the one set for the application'),
            Doc('Speech vendor, such as "google" or "aws"; "default" is the one set for the application.'),
        ]
    ]
    label: Annotated[str, Doc("Which of several sets of credentials for that vendor.")]
    language: Annotated[str, Doc("Language code, such as `en-US`.")]
    voice: Annotated[str | FreeForm, Doc("The vendor's name for the voice, or its own description of one.")]
    engine: Annotated[Literal["standard", "neural", "generative", "long-form"], Doc("Kind of voice (AWS).")]
    gender: Annotated[Literal["MALE", "FEMALE", "NEUTRAL"], Doc("Gender of the voice (Google).")]
    options: Annotated[FreeForm, Doc("Settings for the vendor, passed on as they stand.")]
    fallback_vendor: Annotated[str, Doc("Vendor to turn to when the first one fails.")]
    fallback_label: Annotated[str, Doc("Credentials of the fallback vendor.")]
    fallback_language: Annotated[str, Doc("Language code for the fallback vendor.")]
    fallback_voice: Annotated[str | FreeForm, Doc("Voice of the fallback vendor.")]
