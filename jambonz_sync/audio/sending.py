"""What a stream sends as a stream: audio that goes to the caller as it comes, with marks in it."""

from __future__ import annotations

import logging
import os
import wave
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..exceptions import InvalidCommand
from . import commands, wording
from .core import AudioCore
from .file_kinds import ANY_HEAD, HEAD_BYTES, refuse_other_kinds
from .samples import FRAME_SECONDS, SAMPLE_BYTES, BytesLike, as_bytes
from .thread import AudioThread
from .wav import Sound, is_wav, read_wav

__all__ = ["AudioSource", "StreamsAudio"]

#: What can be streamed.
AudioSource = str | os.PathLike[str] | BytesLike | wave.Wave_read | Iterable[Any] | Any

#: How far a paced stream is ahead of what is heard: more than jambonz wants to have before it begins.
_LEAD = 0.2

#: In bytes. What is not paced is sent in messages of this size, while no more than that much waits to be read.
_PIECE = 32_000
_MOST_PENDING = 1024 * 1024

#: So much later than it should have come, in seconds, a mark is waited for no longer.
_GRACE = 2.0


class _Pieces(NamedTuple):
    """Audio, piece by piece; ``whole`` if nothing that belongs to it comes later."""

    pieces: Iterator[bytes]
    whole: bool


class StreamsAudio(AudioThread):
    """The methods of a stream for audio that is streamed."""

    @property
    def playout_rate(self) -> int:
        """Samples per second of what is streamed to the caller: the ``sample_rate`` of the ``bidirectional_audio``.

        jambonz does not tell it, so it is that of the service, or else taken to be the same as of what the caller says.
        Set it if it is another: ``stream.playout_rate = 8000``.
        """
        return self._channel.core.outflow.rate

    @playout_rate.setter
    def playout_rate(self, rate: int) -> None:
        if not isinstance(rate, int) or rate <= 0:
            raise ValueError(f"playout_rate is a number of samples per second, not {rate!r}")
        with self._channel.turn() as core:
            core.outflow.rate = rate

    def send_audio(
        self,
        source: AudioSource,
        *,
        pace: bool = False,
        flush: bool | None = None,
        wait: bool = False,
        exact: bool = False,
    ) -> bool:
        """Stream audio to the caller. From any thread.

        ::

            for frame in stream:
                stream.send_audio(frame)
            stream.send_audio("music.wav", pace=True)
            stream.send_audio(speech_of(text), wait=True)

        It is for a ``listen`` with ``bidirectional_audio={"enabled": True, "streaming": True, "sample_rate": 8000}``.

        * ``source``: bytes or an array of samples, of one channel, at the :attr:`playout_rate`; the path of a WAV file
          or what ``wave.open`` returns; or an iterator of bytes, of any sizes. What ends within a sample is completed
          by what is sent next
        * ``pace``: send it no faster than it is heard, 0.2 s ahead, so that little is lost when it is killed. Handlers
          registered with :meth:`on` run meanwhile
        * ``flush``: whether it ends here, so that its last 80 ms are heard too, which jambonz would keep until more
          comes; by default that is so for files and iterators
        * ``wait``: return when it has been heard
        * ``exact``: send samples of the value -1 as they are. By default they become 0, which nobody hears: jambonz
          takes them for marks

        Returns whether all of it was sent, and heard if that is waited for: not if :meth:`kill_audio` was called
        meanwhile. Where jambonz does not tell that it was heard, the clock says when it must have been, and a warning
        that this is so.

        Raises :exc:`~jambonz_sync.InvalidCommand` for what the stream does not take, such as another rate,
        :exc:`OSError`, and, once the connection is over, :exc:`~jambonz_sync.AudioEnded`
        (:exc:`~jambonz_sync.AudioNotActive` on other threads).
        """
        channel = self._channel
        with channel.turn() as core:
            if not core.streams or core.over is not None or self._has_failed:
                self._use(core)
            outflow = core.outflow
            kills = outflow.kills
            if (
                isinstance(source, bytes)
                and len(source) <= _PIECE
                and not (pace or wait or flush or ANY_HEAD.match(source))
                and channel.unwritten <= _MOST_PENDING
            ):
                # Frames of a few samples are nearly all that is streamed: 50 a second on each stream.
                message = outflow.take(source, core.now, exact=exact)
                if message:
                    core.outbox.append(message)
                return True
        pieces, whole = _pieces(source, self.playout_rate)
        for piece in pieces:
            if not self._send_piece(piece, kills, pace=pace, exact=exact):
                return False
        if wait or (whole if flush is None else flush):
            self.flush_audio()
        return self._await_heard(kills) if wait else True

    def _send_piece(self, piece: bytes, kills: int, *, pace: bool, exact: bool) -> bool:
        outflow = self._channel.core.outflow
        size = round(FRAME_SECONDS * outflow.rate) * SAMPLE_BYTES if pace else _PIECE
        for start in range(0, len(piece), size):
            if pace:
                self._until(lambda core: core.outflow.kills != kills, outflow.heard_until - _LEAD)
            self._await_room(_MOST_PENDING)
            with self._channel.turn() as core:
                self._raise_if_over(core)
                if core.outflow.kills != kills:
                    return False
                message = core.outflow.take(piece[start : start + size], core.now, exact=exact)
                if message:
                    core.send(message)
        return True

    def flush_audio(self) -> None:
        """Have all that was streamed so far heard to its end: send the silence that jambonz wants behind it.

        ::

            for chunk in speech:
                stream.send_audio(chunk)
            stream.flush_audio()

        From any thread. Nothing is sent where that has been done.
        """
        with self._channel.turn() as core:
            self._use(core)
            silence = core.outflow.finish(core.now)
            if silence:
                core.send(silence)

    # Marks

    def send_mark(self, name: str) -> None:
        """Set a mark behind what was streamed so far. From any thread.

        ::

            stream.send_audio(first_sentence)
            stream.send_mark("first sentence")
            evt = stream.wait_for("mark:first sentence")

        It comes back as an event ``mark``, with ``evt.mark`` and ``evt.event``: ``"playout"`` when what was before it
        has been heard, ``"cleared"`` if that was killed. Behind the last words call :meth:`flush_audio` first. Where 30
        marks are outstanding, this blocks until there is room.

        jambonz loses marks when it resamples: the ``sample_rate`` of ``bidirectional_audio`` should be that of the
        call, which mostly is 8000.

        Raises :exc:`~jambonz_sync.InvalidCommand` for a name with quotation marks, backslashes or line breaks, and
        :exc:`~jambonz_sync.AudioEnded` once the connection is over (:exc:`~jambonz_sync.AudioNotActive` on other
        threads).
        """
        commands.mark(name)
        while True:
            until = max(self._channel.now(), self._channel.core.outflow.heard_until) + _GRACE
            if self._until(lambda core: core.marks.has_room, until) is None:
                with self._channel.turn() as core:
                    core.lose_marks()
            with self._channel.turn() as core:
                self._use(core)
                # Another thread may have been faster.
                if core.marks.has_room:
                    core.send(core.marks.add(name))
                    return

    def clear_marks(self) -> None:
        """Forget the marks that have not come back; what was streamed is heard all the same. From any thread.

        Raises :exc:`~jambonz_sync.AudioEnded` once the connection is over (:exc:`~jambonz_sync.AudioNotActive` on other
        threads).
        """
        with self._channel.turn() as core:
            self._use(core)
            # Nothing comes back that tells of it.
            core.marks.forget()
            core.send(commands.CLEAR_MARKS)

    def _await_heard(self, kills: int) -> bool:
        with self._channel.turn() as core:
            self._raise_if_over(core)
            name = None
            if core.marks.has_room:
                name, message = core.marks.add_own()
                core.send(message)
        try:
            # By the clock, where the mark does not come back, or was cleared while the audio was not.
            until = self._channel.core.outflow.heard_until + (0.0 if name is None else _GRACE)
            self._until(lambda core: core.outflow.kills != kills or (name and core.marks.was_heard(name)), until)
            return self._channel.core.outflow.kills == kills
        finally:
            if name is not None:
                with self._channel.turn() as core:
                    came = core.marks.forget_own(name)
                    if not came and core.outflow.kills == kills and core.over is None:
                        core.complain("heard", logging.WARNING, wording.not_heard(core.outflow.rate))

    def _use(self, core: AudioCore) -> None:
        self._raise_if_over(core)
        fault = core.use("send_audio")
        if fault:
            raise InvalidCommand(fault)


def _pieces(source: AudioSource, rate: int) -> _Pieces:
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        with open(name, "rb") as file:
            begins = file.read(HEAD_BYTES)
            if not is_wav(begins):
                refuse_other_kinds(begins, name, rate, in_file=True)
                return _Pieces(iter((begins + file.read(),)), whole=True)
        return _Pieces(iter((_fitting(name, read_wav(name), rate),)), whole=True)
    if isinstance(source, wave.Wave_read):
        return _Pieces(iter((_fitting("this", read_wav(source), rate),)), whole=True)
    try:
        data = as_bytes(source)
    except InvalidCommand:
        # An array has a buffer, of which it was said why it cannot be had.
        if not isinstance(source, Iterable) or _has_buffer(source):
            raise
        return _Pieces((_bare(as_bytes(piece), rate) for piece in source), whole=True)
    if is_wav(data):
        return _Pieces(iter((_fitting("this", read_wav(data), rate),)), whole=True)
    return _Pieces(iter((_bare(data, rate),)), whole=False)


def _bare(data: bytes, rate: int) -> bytes:
    refuse_other_kinds(data, "this", rate, in_file=False)
    return data


def _has_buffer(source: object) -> bool:
    try:
        memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _fitting(name: str, sound: Sound, rate: int) -> bytes:
    if sound.sample_bytes != SAMPLE_BYTES:
        raise InvalidCommand(f"{name} has samples of {8 * sound.sample_bytes} bits, and the stream takes 16")
    if (sound.sample_rate, sound.channels) != (rate, 1):
        raise InvalidCommand(wording.other_rate(name, sound.sample_rate, sound.channels, rate))
    return sound.data
