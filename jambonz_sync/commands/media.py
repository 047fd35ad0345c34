"""Commands to what runs beside the verbs: audio, transcription, recording, recognition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict

from ..verbs.fault import Fault, shown
from ..verbs.headers import Headers
from ..verbs.markers import Doc, Needed, SameOnWire, Wire
from ..verbs.record import RecordAction
from ..verbs.rules import Run, rule

__all__ = [
    "BoostOptions",
    "ListenStatus",
    "MediaPath",
    "MediaWay",
    "NoiseIsolationStatus",
    "Pausing",
    "RecordCommand",
    "StreamStatus",
    "SttReconfigure",
    "Switching",
    "TranscribeStatus",
    "decibels",
]

Pausing: TypeAlias = Literal["pause", "resume"]
Switching: TypeAlias = Literal["enable", "disable"]
MediaWay: TypeAlias = Literal["no-media", "partial-media", "full-media"]


class ListenStatus(TypedDict, total=False):
    """Stop and restart the audio of the `listen` that runs, or of the one in `dial`; not of that in `config`."""

    listen_status: Annotated[Pausing, Needed(), SameOnWire, Doc("Whether audio is sent.")]


class StreamStatus(TypedDict, total=False):
    """Another name for `listen:status`."""

    stream_status: Annotated[Pausing, Needed(), SameOnWire, Doc("Whether audio is sent.")]


class TranscribeStatus(TypedDict, total=False):
    """Stop and restart transcription, be it a verb or that in `config`."""

    transcribe_status: Annotated[Pausing, Needed(), SameOnWire, Doc("Whether what is said is written down.")]


class RecordCommand(TypedDict, total=False):
    """Begin, end or interrupt the recording of the call. One begun before the call is answered begins then."""

    # Not those of `config`: there the action must be named, which a type checker would then demand here too.
    action: Annotated[RecordAction, Needed(), Doc("What to do.")]
    type: Annotated[Literal["cloud", "siprec"], Doc("By jambonz, or by a SIPREC server; siprec if left out.")]
    recording_id: Annotated[str, Wire("recordingID"), Doc("Your own name for the recording.")]
    siprec_server_url: Annotated[
        str | Sequence[str], Wire("siprecServerURL"), Doc("SIP address of the recorder, or several to try.")
    ]
    headers: Annotated[Headers, Doc("SIP headers for the recorder.")]
    silence: Annotated[bool, Doc("Record silence while it is interrupted, instead of nothing.")]


class BoostOptions(TypedDict, total=False):
    """Make what one party says louder or quieter."""

    gain: Annotated[float | str, Needed(), Doc('How much louder, in dB: a number, or a string such as "-6 dB".')]


_DECIBELS = re.compile(r"[+-]?\d+(\.\d+)?( ?dB)?", re.ASCII | re.IGNORECASE)


@rule(BoostOptions)
def _a_gain_in_decibels(given: Mapping[str, Any], run: Run) -> None:
    gain = given["gain"]
    if isinstance(gain, str) and not _DECIBELS.fullmatch(gain):
        raise Fault(f'takes a gain in dB, such as 6 or "-6 dB"; not {shown(gain)}', "gain")


def decibels(given: Mapping[str, Any]) -> list[Any]:
    """Return the gain as jambonz reads it: it refuses a 0, and takes a string without the unit for one."""
    gain = given["gain"]
    if isinstance(gain, str) and not gain.lower().endswith("db"):
        gain += " dB"
    return [gain or "0 dB"]


class MediaPath(TypedDict, total=False):
    """Choose which way the audio of a `dial` takes."""

    media_path: Annotated[
        MediaWay,
        Needed(),
        SameOnWire,
        Doc("no-media: from party to party; partial-media: by way of the SBC; full-media: by way of jambonz."),
    ]


class NoiseIsolationStatus(TypedDict, total=False):
    """Begin or end the removal of background noise."""

    noise_isolation_status: Annotated[Switching, Needed(), SameOnWire, Doc("Whether it is removed.")]
    vendor: Annotated[str, Doc("Who does it, such as krisp.")]
    level: Annotated[float, Doc("How much, 0 to 100.")]
    model: Annotated[str, Doc("Which of the vendor's models.")]


class SttReconfigure(TypedDict, total=False):
    """Tell the recognizer, while it runs, which languages to expect."""

    language_hints: Annotated[
        Sequence[str], Needed(), Doc("Language codes, such as `en-US`; an empty list leaves it to the recognizer.")
    ]
