"""The audio of calls, both ways: what jambonz sends for ``listen``, and what it plays."""

from __future__ import annotations

from .clips import Clip
from .ended import AudioEnded, AudioNotActive, RecordingFailed
from .event import AudioEvent
from .metadata import Metadata
from .recording import Recording, RecordingDesk
from .service import AudioService
from .stream import AudioStream

__all__ = [
    "AudioEnded",
    "AudioEvent",
    "AudioNotActive",
    "AudioService",
    "AudioStream",
    "Clip",
    "Metadata",
    "Recording",
    "RecordingDesk",
    "RecordingFailed",
]
