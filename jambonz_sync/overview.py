"""What an endpoint tells of itself while it runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from .call_status import CallStatus, stacks, statuses
from .counters import Counters
from .reception import Reception
from .session import Session
from .settings import Settings
from .wire_recording import Recordings

__all__ = ["Overview"]


class Overview:
    """The calls of an endpoint, seen from outside: by its operator, and by other threads of the application."""

    _settings: Settings
    _reception: Reception

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The calls that are up, by call sid: a snapshot, from any thread."""
        return self._reception.calls.sessions

    def calls(self) -> list[CallStatus]:
        """Tell what each call that is up is doing, the oldest first. From any thread; no call is kept waiting for it.

        ::

            for call in endpoint.calls():
                print(call)

        Returns a :class:`~.call_status.CallStatus` for each: who calls, for how long, what its handler waits for, and
        at which line of the application.
        """
        return statuses(self.sessions.values())

    @property
    def counters(self) -> Counters:
        """What was counted since the endpoint was made: see :class:`~.counters.Counters`. From any thread.

        ::

            print(endpoint.counters.started, endpoint.counters.ended["lost"])
        """
        return self._reception.tally.now

    def record_calls(self, directory: str | os.PathLike[str] | None) -> None:
        """Write every message of the calls that begin from now on into files, for ``jambonz.replay`` in a test.

        ::

            endpoint.record_calls("calls")

        Each call has a file, named after its sid, with a line of JSON for each message. Secrets are masked by their
        names, as in the log; what is said is not. A call that cannot be recorded goes on, with a warning.

        ``directory``: where; it is made if it is not there. ``None`` records those that begin from now on no more.

        Raises :exc:`OSError` for a directory that cannot be made.
        """
        self._reception.recordings = None if directory is None else Recordings(directory)

    def _describe_calls(self) -> str:
        """Say what the calls are doing, and in the log at DEBUG where those are whose handlers wait for nothing."""
        if self._settings.logger.isEnabledFor(logging.DEBUG):
            for session, stack in stacks(self.sessions.values()):
                session.log.debug("its handler is busy at\n%s", stack)
        calls = self.calls()
        heading = f"{len(calls)} call{'' if len(calls) == 1 else 's'} up"
        return "\n".join([heading, *(f"  {call}" for call in calls)])
