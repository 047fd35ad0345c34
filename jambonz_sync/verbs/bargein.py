"""Input while other verbs run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .keys import counts_agree, keys_are_listened_for
from .markers import Doc, Ignored
from .rules import rule

__all__ = ["BargeIn"]


class BargeIn(TypedDict, total=False):
    """A gather in the background, which interrupts whatever runs (in `config`)."""

    enable: Required[Annotated[bool, Doc("Begin, or end.")]]
    input: Annotated[Sequence[Literal["speech", "digits"]], Doc("What interrupts; speech alone if left out.")]
    action_hook: Annotated[Hook, HookKind.BARGE_IN, Doc("Receives what was collected; the queue is empty by then.")]
    sticky: Annotated[bool, Doc("Begin again after each input, instead of ending with the first.")]
    min_bargein_word_count: Annotated[int, Doc("Fewest words that interrupt; 1 if left out.")]
    dtmf_bargein: Annotated[bool, Doc("Let a key interrupt.")]
    num_digits: Annotated[int, Doc("End when exactly this many keys were pressed.")]
    min_digits: Annotated[int, Doc("Fewest keys that count as an answer.")]
    max_digits: Annotated[int, Doc("End when this many keys were pressed.")]
    finish_on_key: Annotated[str, Doc("Key that ends the input, and is not part of it.")]
    inter_digit_timeout: Annotated[
        float,
        Doc("Seconds after the latest key until the input ends, once there are `min_digits`; never without them."),
    ]
    partial_result_hook: Annotated[
        Hook,
        HookKind.NOTIFY,
        Ignored("only a gather reports partial results"),
        Doc("Told of words as they are spoken."),
    ]


rule(BargeIn)(counts_agree)
rule(BargeIn)(keys_are_listened_for)
