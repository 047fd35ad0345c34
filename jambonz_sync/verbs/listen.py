"""The verb ``listen``, and the same inside other verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .auth import Auth
from .fault import Fault
from .hook import Hook
from .markers import Doc, FreeForm, Ignored, Needed, Secret
from .rules import Run, rule
from .transcribe import TranscribeOptions

__all__ = ["BidirectionalAudio", "ListenInBackground", "ListenOptions", "named_once"]


class BidirectionalAudio(TypedDict, total=False):
    """Audio from the application's side of a `listen`."""

    enabled: Annotated[bool, Doc("Whether audio may be sent back; true if left out.")]
    streaming: Annotated[bool, Doc("Send a stream of raw audio, instead of clips.")]
    sample_rate: Annotated[int, Doc("Samples per second of that stream; needed when streaming, 8000 is the safe one.")]


@rule(BidirectionalAudio)
def _a_stream_has_a_rate(given: Mapping[str, Any], run: Run) -> None:
    if given.get("streaming") is True and "sampleRate" not in given:
        run.warn("is never heard without sample_rate beside it", "streaming")


class ListenOptions(TypedDict, total=False):
    """Send the call's audio to a websocket."""

    url: Annotated[str, Needed(), Doc("Where to: a ws URL, or a path at the host of this application.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the listening is over.")]
    mix_type: Annotated[
        Literal["mono", "stereo", "mixed"],
        Doc("mono is the caller alone, mixed both in one channel, stereo both in two; mono if left out."),
    ]
    sample_rate: Annotated[int, Doc("Samples per second, a multiple of 8000; 8000 if left out.")]
    channel: Annotated[int, Doc("Which channel to send.")]
    max_length: Annotated[float, Doc("End after this many seconds.")]
    timeout: Annotated[float, Doc("End after this many seconds of silence; not every jambonz minds it.")]
    finish_on_key: Annotated[str, Doc("The key that ends it: one.")]
    play_beep: Annotated[bool, Doc("Play a beep first.")]
    pass_dtmf: Annotated[bool, Doc("Report keys over the audio socket.")]
    bidirectional_audio: Annotated[BidirectionalAudio, Doc("Audio from the application to the caller.")]
    disable_bidirectional_audio: Annotated[bool, Doc("Take no audio from the application.")]
    metadata: Annotated[FreeForm, Doc("Your own data for the first frame; it may overwrite the call's facts there.")]
    transcribe: Annotated[TranscribeOptions, Doc("Transcribe at the same time.")]
    ws_auth: Annotated[Auth, Secret, Doc("Credentials for the audio socket.")]
    auth: Annotated[Auth, Secret, Ignored("use `ws_auth`"), Doc("Credentials for the audio socket, once.")]
    early_media: Annotated[bool, Doc("Begin before the call is answered, instead of answering it.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class ListenInBackground(TypedDict, total=False):
    """Audio sent to a websocket beside the verbs, for the rest of the call (in `config`)."""

    enable: Required[Annotated[bool, Doc("Begin, or end.")]]
    url: Annotated[str, Doc("Where to: a ws URL, or a path at the host of this application.")]
    mix_type: Annotated[
        Literal["mono", "stereo", "mixed"],
        Doc("mono is the caller alone, mixed both in one channel, stereo both in two; mono if left out."),
    ]
    sample_rate: Annotated[int, Doc("Samples per second, a multiple of 8000; 8000 if left out.")]
    max_length: Annotated[float, Doc("End after this many seconds.")]
    timeout: Annotated[float, Doc("End after this many seconds of silence.")]
    play_beep: Annotated[bool, Doc("Play a beep first.")]
    pass_dtmf: Annotated[bool, Doc("Report keys over the audio socket.")]
    bidirectional_audio: Annotated[BidirectionalAudio, Doc("Audio from the application to the caller.")]
    disable_bidirectional_audio: Annotated[bool, Doc("Take no audio from the application.")]
    metadata: Annotated[FreeForm, Doc("Your own data for the first frame; it may overwrite the call's facts there.")]
    ws_auth: Annotated[Auth, Secret, Doc("Credentials for the audio socket.")]


@rule(ListenOptions, ListenInBackground)
def _the_media_server_knows_the_rate(given: Mapping[str, Any], run: Run) -> None:
    rate = given.get("sampleRate")
    if rate is not None and (rate <= 0 or rate % 8000):
        raise Fault(f"must have a sample_rate that is a multiple of 8000, not {rate}", "sample_rate")


@rule(ListenInBackground)
def _listening_goes_somewhere(given: Mapping[str, Any], run: Run) -> None:
    if given["enable"] and "url" not in given:
        raise Fault("needs url, since enable is True", "url")


def named_once(given: Mapping[str, Any], run: Run) -> None:
    """Refuse ``listen`` and ``stream`` in one object: they are two names for one thing."""
    if "listen" in given and "stream" in given:
        raise Fault("has listen and stream, which are two names for one thing; keep listen", "stream")
