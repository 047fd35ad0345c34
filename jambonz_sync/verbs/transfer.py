"""The verb ``transfer``, and what it shares with the handoff of a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .amd import Amd
from .fault import Fault
from .hook import Hook
from .markers import AtLeastOne, Doc, Needed, OtherLeg
from .rules import Run, rule
from .spelling import wire_name
from .synthesizer import Synthesizer
from .target import Target

__all__ = ["ConfirmByKey", "Disposition", "SpokenBrief", "Transfer", "TransferOptions"]


class ConfirmByKey(TypedDict, total=False):
    """A key the person must press to take the call."""

    prompt: Required[Annotated[str, Doc("Text that asks for it.")]]
    digit: Required[Annotated[str, Doc("The key.")]]


class Disposition(TypedDict, total=False):
    """What becomes of a caller whom nobody takes."""

    on_no_answer: Annotated[Literal["return", "voicemail", "hangup"], Doc("When nobody answers.")]
    on_busy: Annotated[Literal["return", "voicemail", "hangup"], Doc("When the line is busy.")]
    on_decline: Annotated[Literal["return", "voicemail", "hangup"], Doc("When the call is refused.")]
    on_failure: Annotated[Literal["return", "voicemail", "hangup"], Doc("When the call fails.")]
    voicemail_url: Annotated[str, Doc("Where voicemail is taken.")]


@rule(Disposition)
def _voicemail_is_somewhere(given: Mapping[str, Any], run: Run) -> None:
    if "voicemailUrl" in given:
        return
    for name in ("on_no_answer", "on_busy", "on_decline", "on_failure"):
        if given.get(wire_name(name)) == "voicemail":
            raise Fault(f"needs voicemail_url, since {name} is voicemail", "voicemail_url")


class Transfer(TypedDict, total=False):
    """Passing the caller on to a person."""

    target: Annotated[Sequence[Target], Needed(), AtLeastOne, Doc("Whom to call, all at once.")]
    mode: Annotated[
        Literal["blind", "warm"],
        Needed(),
        Doc("blind: let go of the caller at once; warm: stay until a person has answered."),
    ]
    blind_method: Annotated[Literal["refer", "dial"], Doc("How a blind transfer is made; refer if left out.")]
    caller_id: Annotated[str, Doc("Number to show.")]
    caller_present: Annotated[bool, Doc("Let the caller hear what the person is told.")]
    confirm: Annotated[ConfirmByKey, Doc("A key the person must press.")]
    disposition: Annotated[Disposition, Doc("What becomes of a caller whom nobody takes.")]
    timeout: Annotated[float, Doc("How long to let it ring, in seconds; 30 if left out.")]
    amd: Annotated[Amd, OtherLeg, Doc("Detect answering machines at the other end.")]
    on_hold_hook: Annotated[Hook, HookKind.WAIT, Doc("Asked what the caller hears meanwhile.")]
    event_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told how it gets on.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when it is over, with what became of it.")]


class SpokenBrief(TypedDict, total=False):
    """What the person is told before the caller is put through."""

    text: Required[Annotated[str, Doc("The text.")]]
    synthesizer: Annotated[Synthesizer, Doc("The voice that speaks it, if not the session's.")]


class TransferOptions(Transfer, total=False):
    """Pass the caller on to a person, blindly or with a word first."""

    brief: Annotated[SpokenBrief, Doc("What the person is told first, in a warm transfer.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
