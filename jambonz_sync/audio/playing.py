"""What a stream plays in clips: the ordinary way to be heard, piece by piece."""

from __future__ import annotations

from collections.abc import Callable

from ..exceptions import InvalidCommand, WaitTimeout
from . import wording
from .clips import Clip, ClipSource, content_of
from .core import AudioCore
from .thread import AudioThread

__all__ = ["PlaysClips"]

#: So much later than it should have come, in seconds, the end of a clip is waited for no longer.
_GRACE = 10.0

#: In bytes. What jambonz has not read yet of clips that were sent before.
_MOST_PENDING = 32 * 1024 * 1024


class PlaysClips(AudioThread):
    """The methods of a stream for clips."""

    def play_audio(
        self,
        source: ClipSource,
        *,
        sample_rate: int | None = None,
        queue: bool = False,
        id: str | None = None,
        wait: bool = False,
    ) -> Clip:
        """Play a clip to the caller. From any thread.

        ::

            stream.play_audio("welcome.wav", wait=True)
            music = stream.play_audio("music.wav")

        It is for a ``listen`` without ``bidirectional_audio``, or with one that is not ``streaming``.

        * ``source``: the path of a WAV file or of bare samples, the bytes of either, what ``wave.open`` returns, or an
          array of samples. A WAV file may have any rate
        * ``sample_rate``: that of bare samples, a multiple of 8000; by default that of the stream
        * ``queue``: play it behind the clips that play and wait, and not instead of them. Where ten are waiting, this
          blocks until there is room
        * ``id``: your own name for it, which ``playDone`` repeats; by default it gets one
        * ``wait``: return when it has been played, and not at once. Handlers registered with :meth:`on` run meanwhile.
          Its ``playDone`` is not left to be waited for

        Returns a :class:`Clip`: ``id``, ``is_over``, ``completed``, ``played``.

        Raises :exc:`~jambonz_sync.InvalidCommand` for what jambonz would not play, :exc:`OSError`,
        :exc:`~jambonz_sync.WaitTimeout` if it waits for jambonz to report the end of a clip, and that has not come 10 s
        after all that was sent must have been heard, and, once the connection is over,
        :exc:`~jambonz_sync.AudioEnded` (:exc:`~jambonz_sync.AudioNotActive` on other threads).
        """
        content = content_of(source, self._channel.core.metadata.sample_rate if sample_rate is None else sample_rate)
        self._await_room(_MOST_PENDING)
        while True:
            with self._channel.turn() as core:
                self._raise_if_over(core)
                fault = core.use("play_audio")
                if fault:
                    raise InvalidCommand(fault)
                # Of several threads that have waited for room, the first may have taken it.
                if not queue or core.clips.has_room:
                    clip = Clip(core.next_clip_id() if id is None else id, content)
                    core.send(*core.clips.play(clip, queue=queue, now=core.now))
                    break
            self._await_turn()
        if wait:
            self._await_end(clip)
        return clip

    def kill_audio(self) -> None:
        """Stop what the caller hears, and forget what waits to be heard. From any thread.

        ::

            @stream.on("dtmf")
            def pressed(evt):
                stream.kill_audio()

        Of clips it drops those that wait too, and whoever waits for one goes on. Of a stream it drops all that was sent
        and is not heard yet: a :meth:`send_audio` that is going on returns, and marks come back as ``cleared``.

        Raises :exc:`~jambonz_sync.AudioEnded` once the connection is over (:exc:`~jambonz_sync.AudioNotActive` on other
        threads).
        """
        with self._channel.turn() as core:
            self._raise_if_over(core)
            core.kill_audio()

    def _await_turn(self) -> None:
        self._await_reports(lambda core: core.clips.has_room)

    def _await_end(self, clip: Clip) -> None:
        def over(core: AudioCore) -> bool:
            # The end of the connection is an end of everything, and raises.
            return clip.is_over and (clip.completed or core.ending is None)

        self._await_reports(over)
        with self._channel.turn() as core:
            core.take({f"playDone:{clip.id}"})

    def _await_reports(self, found: Callable[[AudioCore], bool]) -> None:
        """Block until something is found that comes of the ends of clips."""
        while not self._await_report(found):
            with self._channel.turn() as core:
                core.clips.go_on(core.now)

    def _await_report(self, found: Callable[[AudioCore], bool]) -> bool:
        """Block until a clip ends, or something else lets it be found; return whether it is."""
        with self._channel.turn() as core:
            reports, until = core.clips.reports, core.clips.quiet_from + _GRACE
        if self._until(lambda core: found(core) or core.clips.reports != reports, until) is None:
            raise WaitTimeout(wording.clip_not_reported(core.clips.oldest))
        with self._channel.turn() as core:
            return found(core)
