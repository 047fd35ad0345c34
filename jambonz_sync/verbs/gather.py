"""The verb ``gather``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .delay_action import ActionHookDelayAction
from .filler_noise import FillerNoise
from .hook import Hook
from .keys import counts_agree, keys_are_listened_for
from .markers import Doc, Ignored, Shorthand
from .play import PlayOptions
from .recognizer import Recognizer
from .rules import Run, rule
from .say import SayOptions

__all__ = ["GatherOptions"]


class GatherOptions(TypedDict, total=False):
    """Collect what the caller says or types."""

    input: Annotated[Sequence[Literal["speech", "digits"]], Doc("What to listen for; keys alone if left out.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Receives what was collected, or why nothing was.")]
    say: Annotated[
        str | SayOptions,
        Shorthand("text"),
        Doc("A prompt to speak first: a text, or options of `say` with no `verb` key."),
    ]
    play: Annotated[
        str | PlayOptions,
        Shorthand("url"),
        Doc("A prompt to play first: a URL, or options of `play` with no `verb` key."),
    ]
    timeout: Annotated[
        float,
        Doc("Seconds without input until it ends, counted from the end of the prompt; 15 if left out, 0 is never."),
    ]
    num_digits: Annotated[int, Doc("End when exactly this many keys were pressed.")]
    min_digits: Annotated[
        int, Doc("Fewest keys that count when the time is up; without it, keys pressed until then are lost.")
    ]
    max_digits: Annotated[int, Doc("End when this many keys were pressed.")]
    finish_on_key: Annotated[str, Doc("Key that ends the input, and is not part of it.")]
    inter_digit_timeout: Annotated[
        float,
        Doc("Seconds after the latest key until the input ends, once there are `min_digits`; never without them."),
    ]
    speech_timeout: Annotated[float, Ignored("use `timeout`"), Doc("Seconds of silence that end the speech.")]
    recognizer: Annotated[Recognizer, Doc("How speech is recognized, if not as set for the session.")]
    bargein: Annotated[bool, Doc("Let speech cut the prompt short.")]
    dtmf_bargein: Annotated[bool, Doc("Let a key cut the prompt short; true if left out.")]
    min_bargein_word_count: Annotated[int, Doc("Fewest words that cut the prompt short; 1 if left out.")]
    listen_during_prompt: Annotated[bool, Doc("Recognize speech while the prompt still plays; true if left out.")]
    partial_result_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told of words while they are spoken.")]
    action_hook_delay_action: Annotated[
        ActionHookDelayAction, Doc("What is heard while the action hook is unanswered.")
    ]
    filler_noise: Annotated[FillerNoise, Doc("Audio that covers the wait for the action hook's answer.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


rule(GatherOptions)(counts_agree)
rule(GatherOptions)(keys_are_listened_for)


@rule(GatherOptions)
def _speech_is_listened_for(given: Mapping[str, Any], run: Run) -> None:
    for wire, name in (("recognizer", "recognizer"), ("partialResultHook", "partial_result_hook")):
        if wire in given and "speech" not in given.get("input", ()):
            run.warn("has no effect: input is without speech", name)
