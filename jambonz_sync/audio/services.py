"""All the audio of an endpoint: its services, and where it records calls.

::

    audio = AudioServices(find_session, logger)
    recorder = audio.make("/audio")
    audio.hold(recorder, "/audio", AudioArrival(sock, framing, rest))
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .link import AudioArrival
from .metadata import CALL_SIDS, Metadata
from .reception import hold
from .recording import RecordingDesk
from .service import AudioService

if TYPE_CHECKING:
    from ..session import Session

__all__ = ["AudioServices"]

#: Where jambonz brings what is recorded, unless an application has it elsewhere.
_RECORDING_PATH = "/jambonz_sync/recording"


class AudioServices:
    """The audio services of one endpoint.

    ``find_session`` returns the session of a call sid. ``desk`` is where calls are recorded, and ``recordings`` the
    service that brings it the audio; like any other it must be found by its path.

    Threads. ``_services`` is added to by a single operation, and copied to be gone through.
    """

    def __init__(
        self,
        find_session: Callable[[str], Session | None],
        logger: logging.Logger,
        *,
        recording_path: str = _RECORDING_PATH,
    ) -> None:
        self.desk = RecordingDesk(recording_path)
        self._find_session = find_session
        self._logger = logger
        self._services: list[AudioService] = []
        self.recordings = self.make(recording_path)
        self.recordings.on("connection", self.desk.take)

    def make(self, path: str, **options: Any) -> AudioService:
        """Make a service; ``options`` are those of :class:`~.service.AudioService`."""
        service = AudioService(path, **options)
        self._services.append(service)
        return service

    def hold(
        self, service: AudioService, path: str, arrival: AudioArrival, offer: Callable[[str], bool] = lambda sid: False
    ) -> None:
        """Hold a connection that may be opened, on the thread that calls this, until it is over.

        ``offer(call_sid)`` offers it to other processes, for a call that is not held here, and tells whether the one
        that holds it has taken it.
        """

        def hand_over(metadata: Metadata) -> bool:
            sids = [sid for key in CALL_SIDS if isinstance(sid := metadata.get(key), str)]
            return not any(self._find_session(sid) for sid in sids) and any(offer(sid) for sid in sids)

        hold(service, arrival, path, find_session=self._find_session, hand_over=hand_over, logger=self._logger)

    def open(self) -> None:
        """Take connections."""
        for service in list(self._services):
            service.open()

    def close(self, seconds: float) -> bool:
        """Take no more, and close those that are up with 1001; return whether all have ended in so many seconds."""
        services = list(self._services)
        for service in services:
            service.close()
        until = time.monotonic() + seconds
        # Each is waited for, also behind one that has not ended.
        ended = [service.wait_for_end(max(0.0, until - time.monotonic())) for service in services]
        return all(ended)
