"""The verb ``config``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .amd import Amd
from .bargein import BargeIn
from .delay_action import ActionHookDelayAction
from .filler_noise import FillerNoise
from .hook import Hook
from .listen import ListenInBackground, named_once
from .markers import Doc, Ignored
from .recognizer import Recognizer
from .record import Recording
from .rules import Run, rule
from .synthesizer import Synthesizer
from .transcribe import TranscribeInBackground
from .vad import Vad

__all__ = ["ConfigOptions", "NoiseIsolation", "TtsStream", "TurnTaking"]


class TtsStream(TypedDict, total=False):
    """Speech from text that is streamed in, for the rest of the call."""

    enable: Required[Annotated[bool, Doc("Open the stream, or close it.")]]
    synthesizer: Annotated[Synthesizer, Ignored("set the session's `synthesizer`"), Doc("Which voice speaks.")]


class NoiseIsolation(TypedDict, total=False):
    """Background noise taken out of the caller's audio."""

    enable: Annotated[bool, Doc("Begin, or end.")]
    vendor: Annotated[str, Doc("Who does it.")]
    level: Annotated[float, Doc("How much.")]
    model: Annotated[str, Doc("With which of the vendor's models.")]


class TurnTaking(TypedDict, total=False):
    """Telling the end of a turn from a pause for thought."""

    enable: Annotated[bool, Doc("Begin, or end.")]
    vendor: Annotated[str, Doc("Who does it.")]
    threshold: Annotated[float, Doc("How sure it must be.")]
    model: Annotated[str, Doc("With which of the vendor's models.")]


class ConfigOptions(TypedDict, total=False):
    """Set defaults for the session, and begin or end what runs beside the verbs."""

    synthesizer: Annotated[Synthesizer, Doc("The voice, from now on.")]
    recognizer: Annotated[Recognizer, Doc("How speech is recognized, from now on.")]
    barge_in: Annotated[BargeIn, Doc("Input that interrupts whatever runs.")]
    tts_stream: Annotated[TtsStream, Doc("Speech from text that is streamed in.")]
    auto_stream_tts: Annotated[bool, Doc("Stream what `say` speaks from the vendor, where the vendor can.")]
    disable_tts_cache: Annotated[bool, Doc("Synthesize anew, even if a text was spoken before.")]
    listen: Annotated[ListenInBackground, Doc("Send the audio to a websocket.")]
    stream: Annotated[ListenInBackground, Ignored("use `listen`"), Doc("Another name for `listen`.")]
    transcribe: Annotated[TranscribeInBackground, Doc("Write down what is said.")]
    record: Annotated[Recording, Doc("Record the call.")]
    amd: Annotated[Amd, Doc("Detect an answering machine at the other end of an outbound call.")]
    vad: Annotated[Vad, Doc("Connect the recognizer only when somebody speaks, from now on.")]
    action_hook_delay_action: Annotated[ActionHookDelayAction, Doc("What is heard while the application is slow.")]
    filler_noise: Annotated[FillerNoise, Doc("Audio that covers the wait for an action hook's answer.")]
    notify_events: Annotated[bool, Doc("Send `verb:status` messages; cannot be taken back.")]
    notify_stt_latency: Annotated[bool, Doc("Add the recognizer's delay to what hooks receive.")]
    refer_hook: Annotated[Hook, HookKind.ENTER, Doc("Asked when the caller transfers the call by SIP REFER.")]
    sip_request_within_dialog_hook: Annotated[
        Hook, HookKind.NOTIFY, Doc("Told of SIP requests during the call, such as INFO; `dial` then reports no keys.")
    ]
    on_hold_music: Annotated[str, Doc("URL of audio for a party on hold.")]
    boost_audio_signal: Annotated[float | str, Doc('How much louder, in dB: a number, or a string such as "-6 dB".')]
    reset: Annotated[str | Sequence[str], Doc("Settings to put back as they were: `synthesizer`, `recognizer`.")]
    noise_isolation: Annotated[
        NoiseIsolation, Ignored("only newer servers have it"), Doc("Take noise out of the caller's audio.")
    ]
    turn_taking: Annotated[
        TurnTaking, Ignored("only newer servers have it"), Doc("Tell the end of a turn from a pause for thought.")
    ]
    track_tts_playout: Annotated[
        bool, Ignored("only newer servers have it"), Doc("Report which streamed words were really heard.")
    ]
    early_media: Annotated[
        bool, Ignored("each verb has its own `early_media`"), Doc("Let verbs run before the call is answered.")
    ]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


rule(ConfigOptions)(named_once)


@rule(ConfigOptions)
def _events_are_not_taken_back(given: Mapping[str, Any], run: Run) -> None:
    if given.get("notifyEvents") is False and run.may_lack("10"):
        run.warn("cannot be taken back on jambonz 0.9: False has no effect", "notify_events")
