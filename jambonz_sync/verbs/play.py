"""The verb ``play``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .markers import Doc, Needed

__all__ = ["PlayOptions"]


class PlayOptions(TypedDict, total=False):
    """Play recorded audio to the caller."""

    url: Annotated[
        str | Sequence[str],
        Needed(),
        Doc("URL of a wav or mp3 file; several are played one after another."),
    ]
    loop: Annotated[float | str, Doc('How many times to play it; 0 or "forever" until something stops it.')]
    early_media: Annotated[bool, Doc("Play to a caller whose call is not answered yet, instead of answering it.")]
    seek_offset: Annotated[float | str, Doc("Where to begin, in samples at 8000 per second.")]
    timeout_secs: Annotated[float | str, Doc("Stop after this many seconds.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the playing is over: how much was heard, and why.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
