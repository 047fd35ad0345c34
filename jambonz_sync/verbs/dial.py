"""The verb ``dial``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from .amd import Amd
from .dub import DubOptions
from .fault import Fault
from .headers import Headers
from .hook import Hook
from .listen import ListenOptions, named_once
from .markers import AtLeastOne, Doc, FreeForm, Ignored, Needed, OtherLeg, Since, Wire
from .rules import Run, rule
from .target import Target
from .transcribe import TranscribeOptions

__all__ = ["DialOptions", "DtmfCapture"]


class DtmfCapture(TypedDict, total=False):
    """Patterns of keys, apart for each side."""

    child_call: Annotated[Sequence[str], Doc("Patterns the called party may press.")]
    parent_call: Annotated[
        Sequence[str],
        Ignored("its patterns are attached to the called party; a plain list serves both sides"),
        Doc("Patterns the caller may press."),
    ]


class DialOptions(TypedDict, total=False):
    """Call others, and connect the first who answers."""

    target: Annotated[Sequence[Target], Needed(), AtLeastOne, Doc("Whom to call, all at once; at most ten.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when it is over, with what became of it.")]
    answer_on_bridge: Annotated[bool, Doc("Answer the caller only when the called party does.")]
    timeout: Annotated[float, Doc("How long to let it ring, in seconds; 60 if left out.")]
    time_limit: Annotated[float, Doc("How long the parties may talk, in seconds.")]
    caller_id: Annotated[str, Doc("Number to show to the called party.")]
    caller_name: Annotated[str, Doc("Name to show to the called party.")]
    confirm_hook: Annotated[Hook, HookKind.CONFIRM, Doc("Asked when a party answers, before it is connected.")]
    on_hold_hook: Annotated[Hook, HookKind.WAIT, Doc("Asked what a party on hold shall hear: say, play and pause.")]
    refer_hook: Annotated[
        Hook,
        HookKind.ENTER,
        Doc("Asked when a party transfers the call by SIP REFER; its verbs are for the other party."),
    ]
    dtmf_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told of key patterns; needs `dtmf_capture`.")]
    dtmf_capture: Annotated[Sequence[str] | DtmfCapture, Doc("Key patterns to look out for, such as `*2`.")]
    dial_music: Annotated[str, Doc("URL of audio for the caller while it rings.")]
    headers: Annotated[Headers, Doc("SIP headers for every INVITE.")]
    proxy: Annotated[str, Doc("SIP address of a proxy to send the call through.")]
    forward_pai: Annotated[bool, Wire("forwardPAI"), Doc("Pass the caller's P-Asserted-Identity on; true if left out.")]
    srtp_encryption: Annotated[Literal["sdes", "dtls"], Doc("Encrypt the media of the called leg, and how.")]
    codecs: Annotated[Sequence[str], Since("10"), AtLeastOne, Doc("Codecs to offer, best first.")]
    amd: Annotated[Amd, OtherLeg, Doc("Detect answering machines on the called side.")]
    listen: Annotated[ListenOptions, OtherLeg, Doc("Send the audio to a websocket; without a `verb` key.")]
    stream: Annotated[ListenOptions, OtherLeg, Doc("Another name for `listen`.")]
    transcribe: Annotated[TranscribeOptions, OtherLeg, Doc("Transcribe what both say; without a `verb` key.")]
    dub: Annotated[Sequence[DubOptions], OtherLeg, Doc("Audio tracks to mix in; each without a `verb` key.")]
    boost_audio_signal: Annotated[float | str, Doc('How much louder, in dB: a number, or a string such as "-6 dB".')]
    anchor_media: Annotated[bool, Doc("Keep the audio on the media server.")]
    exit_media_path: Annotated[bool, Doc("Let the audio flow between the parties directly.")]
    tag: Annotated[FreeForm, Doc("Your own data for the called leg, repeated as `customerData`.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


rule(DialOptions)(named_once)


@rule(DialOptions)
def _ten_targets_at_most(given: Mapping[str, Any], run: Run) -> None:
    count = len(given["target"])
    if count > 10:
        raise Fault(f"has {count} targets, and jambonz calls ten at most", "target")


@rule(DialOptions)
def _captured_keys_need_a_hook(given: Mapping[str, Any], run: Run) -> None:
    if "dtmfHook" in given and "dtmfCapture" not in given:
        run.warn("is never told of keys without dtmf_capture beside it", "dtmf_hook")
    if "dtmfCapture" in given and "dtmfHook" not in given:
        run.warn("has no effect without dtmf_hook beside it", "dtmf_capture")
