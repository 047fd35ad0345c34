"""Recording of the call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from .headers import Headers
from .markers import Doc, Wire

__all__ = ["RecordAction", "Recording"]

RecordAction: TypeAlias = Literal[
    "startCallRecording", "stopCallRecording", "pauseCallRecording", "resumeCallRecording"
]


class Recording(TypedDict, total=False):
    """Begin, end or interrupt the recording of the call."""

    action: Required[
        Annotated[
            RecordAction,
            Doc("What to do."),
        ]
    ]
    type: Annotated[Literal["cloud", "siprec"], Doc("By jambonz, or by a SIPREC server; siprec if left out.")]
    recording_id: Annotated[str, Wire("recordingID"), Doc("Your own name for the recording.")]
    siprec_server_url: Annotated[
        str | Sequence[str], Wire("siprecServerURL"), Doc("SIP address of the recorder, or several to try.")
    ]
    headers: Annotated[Headers, Doc("SIP headers for the recorder.")]
