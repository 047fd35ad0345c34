"""Recording what a caller says, in one call that blocks like a verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from .call_thread import CallThread

if TYPE_CHECKING:
    from .audio.recording import Recording
    from .session import Session

__all__ = ["RecordedSpeech"]


class RecordedSpeech(CallThread):
    """What a session records."""

    def record(
        self,
        *,
        beep: bool = True,
        finish_on_key: str | None = "#",
        max_length: float | None = None,
        silence: float | None = None,
        sample_rate: int = 8000,
        mix_type: Literal["mono", "stereo", "mixed"] = "mono",
        url: str | None = None,
    ) -> Recording:
        """Record the caller, and return when that is over. Verbs that are queued come first.

        ::

            session.say("Leave a message after the beep, and press pound.")
            recording = session.record(max_length=60, silence=3)
            recording.save("message.wav")

        jambonz has no verb for it: it is a ``listen``, for which jambonz opens a second connection, to the path that
        the call came by.

        * ``beep``: whether a beep is played first
        * ``finish_on_key``: the key that ends it, one; ``None`` for none
        * ``max_length``: the longest recording, in seconds; ``None`` for no end
        * ``silence``: end after so many seconds in which nothing is to be heard; ``None`` waits on
        * ``sample_rate``: samples per second, a multiple of 8000
        * ``mix_type``: ``mono`` is the caller alone, ``mixed`` both parties in one channel, ``stereo`` in two
        * ``url``: where jambonz reaches this service, if something in front of it changes paths; a path will do

        Returns a :class:`~jambonz_sync.audio.Recording`, also when the caller has hung up: then whatever waits next
        raises :exc:`~jambonz_sync.CallEnded`.

        Raises :exc:`~jambonz_sync.RecordingFailed` if jambonz cannot bring the audio,
        :exc:`~jambonz_sync.InvalidVerb`, and :exc:`~jambonz_sync.CallEnded` if the call is over before it begins.
        """
        self._require_own_thread("record")
        return self.service.endpoint.recording_desk.record(
            cast("Session", self),
            url=self._asked_path if url is None else url,
            beep=beep,
            finish_on_key=finish_on_key,
            max_length=max_length,
            silence=silence,
            sample_rate=sample_rate,
            mix_type=mix_type,
        )
