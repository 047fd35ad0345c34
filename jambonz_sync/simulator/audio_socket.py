"""What the media server does on an audio connection: plays what the application sends, and sends the caller's sound.

::

    socket = AudioSocket(execution, {"bidirectionalAudio": {"streaming": True, "sampleRate": 8000}}, connection)
    socket.begin(now)
    socket.take(bytes(3200))

Nothing sounds. How long something is heard is told by its size, and no two frames are mixed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .audio_frames import CALL_RATE, FRAMES_PER_SECOND
from .caller_sound import CallerSound, CarriesSound
from .clips import LARGEST_QUEUE, BadClip, Clips, clip_from
from .playout import Playout
from .sound_track import KeepsSound, SoundTrack
from .timers import Timer
from .verb import number
from .wire import Connection

if TYPE_CHECKING:
    from .execution import Execution

__all__ = ["AudioSocket"]

#: The media server understands these, and nothing in jambonz minds them.
_UNHEEDED = frozenset({"json", "transcription", "transfer"})


class AudioSocket:
    """One connection, once it is open, for as long as jambonz listens.

    * ``options``: those of the ``listen``
    * ``is_paused``: whether the caller's sound is held back
    """

    def __init__(
        self,
        execution: Execution,
        options: Mapping[str, Any],
        connection: Connection,
        *,
        is_paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._execution = execution
        self._connection = connection
        self._noted: set[str] = set()
        #: Whether something is to be heard.
        self.is_heard = False
        self._silent: Timer | None = None
        # What the caller hears of it, where the connection wants it kept.
        self._heard: SoundTrack | None = connection.heard if isinstance(connection, KeepsSound) else None
        self._clips: Clips | None = None
        self._playout: Playout | None = None
        # Why there is no use in the one, or in the other.
        self._no_clips = self._no_stream = ""
        self._see_to_mode(options)
        self._sound: CallerSound | None = None
        if isinstance(connection, CarriesSound):
            channels = 2 if options.get("mixType") == "stereo" else 1
            rate = int(number(options, "sampleRate", CALL_RATE))
            if rate < FRAMES_PER_SECOND:
                self._fault(f"nothing is heard of the caller: with the sampleRate {rate} no sample fits into 20 ms")
            else:
                self._sound = CallerSound(execution.timers, connection, rate, channels, is_paused)

    def _see_to_mode(self, options: Mapping[str, Any]) -> None:
        given = options.get("bidirectionalAudio")
        both_ways = given if isinstance(given, dict) else {}
        rate = number(both_ways, "sampleRate", 0)
        if both_ways.get("enabled") is False or options.get("disableBidirectionalAudio") is True:
            self._no_clips = self._no_stream = "bidirectionalAudio is not enabled"
        elif both_ways.get("streaming") is not True:
            self._no_stream = "bidirectionalAudio.streaming is not set"
            self._clips = Clips(self._execution, report=self._report, heard_until=self._heard_until, heard=self._heard)
        elif rate < 1:
            self._no_clips = self._no_stream = "bidirectionalAudio is streaming without a sampleRate"
        else:
            self._no_clips = "bidirectionalAudio is streaming"
            self._playout = Playout(
                self._execution,
                rate,
                report_mark=self._report_mark,
                fault=self._fault,
                heard_until=self._heard_until,
                heard=self._heard,
            )

    def begin(self, now: float) -> None:
        """Let the caller be heard, if the connection carries sound."""
        if self._sound is not None:
            self._sound.begin(now)

    def end(self) -> None:
        """Fall silent, in both directions."""
        for part in (self._clips, self._playout):
            if part is not None:
                part.stop()
        if self._sound is not None:
            self._sound.end()
        now = self._execution.clock.now()
        if self._heard is not None:
            self._heard.cut(now)
        self._heard_until(now)

    # What the application sends

    def take_audio(self, data: bytes) -> None:
        """The application has sent a binary message."""
        if self._playout is None:
            self._fault_once(f"audio is discarded: {self._no_stream}")
        else:
            self._playout.receive(data, self._execution.clock.now())

    def take(self, message: dict[str, Any]) -> bool:
        """The application has sent a message in words; return ``False`` if nobody understands it."""
        now = self._execution.clock.now()
        kind = str(message.get("type"))
        if kind == "playAudio":
            self._play(message, now)
        elif kind == "killAudio":
            # Often there is nothing to kill any more, which nobody can know.
            for part in (self._clips, self._playout):
                if part is not None:
                    part.kill(now)
        elif kind in ("mark", "clearMarks"):
            if self._playout is None:
                self._fault_once(f"{kind} is ignored: {self._no_stream}")
            elif kind == "clearMarks":
                self._playout.clear_marks()
            else:
                self._mark(self._playout, message, now)
        elif kind in _UNHEEDED:
            self._fault_once(f"nothing in jambonz minds the message {kind}")
        else:
            return False
        return True

    def _play(self, message: dict[str, Any], now: float) -> None:
        if self._clips is None:
            self._fault_once(f"playAudio is ignored: {self._no_clips}")
            return
        try:
            clip = clip_from(message.get("data"))
        except BadClip as bad:
            self._fault(str(bad))
            return
        if clip.remark is not None:
            self._fault(clip.remark)
        if not self._clips.add(clip, now):
            self._fault(f"{clip} is dropped: {LARGEST_QUEUE} wait to be played")

    def _mark(self, playout: Playout, message: dict[str, Any], now: float) -> None:
        data = message.get("data")
        name = data.get("name") if isinstance(data, dict) else None
        if not isinstance(name, str):
            self._fault("a mark is ignored that has no name in its data")
            return
        if '"' in name or "\\" in name:
            self._fault(f"the mark {name!r} comes back as what is no JSON: its name has a quotation mark or backslash")
        playout.mark(name, now)

    # What it is told

    def _report(self, message: dict[str, Any]) -> None:
        self._connection.send(json.dumps(message, separators=(",", ":")))

    def _report_mark(self, name: str, event: str) -> None:
        # The media server puts it together like this, whatever is in the name.
        self._connection.send(f'{{"type": "mark", "data": {{"name":"{name}", "event": "{event}"}}}}')

    def _fault(self, what: str) -> None:
        self._execution.transcript.add("fault", f"listen: {what}")

    def _fault_once(self, what: str) -> None:
        # There may be fifty a second of it.
        if what not in self._noted:
            self._noted.add(what)
            self._fault(what)

    # What the caller hears

    def _heard_until(self, end: float) -> None:
        """Something is heard until a time, which may be over; then the caller may speak."""
        if self._silent is not None:
            self._silent.cancel()
        if end > self._execution.clock.now():
            self._silent = self._execution.timers.at(end, self._fall_silent)
            self._change(True)
        else:
            self._fall_silent()

    def _fall_silent(self) -> None:
        self._change(False)

    def _change(self, is_heard: bool) -> None:
        if is_heard != self.is_heard:
            self.is_heard = is_heard
            execution = self._execution
            execution.background.hearing.stream_changes(is_heard or execution.stream.is_heard)
