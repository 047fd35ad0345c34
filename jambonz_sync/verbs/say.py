"""The verb ``say``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from typing_extensions import TypedDict

from .markers import Doc, Ignored, Needed
from .synthesizer import Synthesizer

__all__ = ["SayOptions"]


class SayOptions(TypedDict, total=False):
    """Speak a text to the caller."""

    text: Annotated[
        str | Sequence[str],
        Needed(unless="stream"),
        Doc("What to say, plain or as SSML; several texts are spoken one after another."),
    ]
    synthesizer: Annotated[Synthesizer, Doc("Which voice speaks, if not the session's.")]
    loop: Annotated[float | str, Doc('How many times to say it; 0 or "forever" until something stops it.')]
    early_media: Annotated[bool, Doc("Speak to a caller whose call is not answered yet, instead of answering it.")]
    stream: Annotated[bool, Doc("Speak text that is streamed in with `send_tts_tokens`, instead of `text`.")]
    close_stream_on_empty: Annotated[
        bool,
        Ignored("the stream ends by itself when the vendor has spoken all it had"),
        Doc("End the verb when the stream has run empty."),
    ]
    disable_tts_cache: Annotated[bool, Doc("Synthesize anew, even if this text was spoken before.")]
    instructions: Annotated[str, Doc("How to speak, in words, for vendors whose voices take instructions.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
