"""The link of an audio connection, which can stop reading, and the connection before there is one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import Protocol

from ..transport.arrival import Arrival, LockedUser
from ..transport.frames import extent
from ..transport.framing import Framing
from ..transport.link import Link

__all__ = ["AudioArrival", "AudioLink", "AudioUser"]

#: In bytes. There must be room for some of the largest clips, in base64.
_MOST_UNWRITTEN = 64 * 1024 * 1024
#: In bytes, for what is said first; jambonz cuts that off far below.
_LONGEST_FIRST = 65_536


class AudioUser(LockedUser, Protocol):
    """The user of such a link."""

    @property
    def has_enough(self) -> bool:
        """Whether nothing should be read while the owner is away. Asked under the lock."""
        ...


class AudioLink(Link):
    """A link that is not read from, while its owner is away, once its user has enough.

    jambonz then has to wait, and drops what it has no room for. While the owner waits, it reads in any case: for the
    end, if for nothing else.
    """

    # Nothing is ever due for an audio stream.
    _due_changes = False

    def __init__(
        self,
        sock: socket.socket,
        framing: Framing,
        user: AudioUser,
        *,
        ping_interval: float | None = 25.0,
        messages: Iterable[str | bytes] = (),
    ) -> None:
        super().__init__(
            sock,
            framing,
            user,
            user.lock,
            ping_interval=ping_interval,
            max_unwritten=_MOST_UNWRITTEN,
            messages=messages,
        )
        self._audio_user = user

    @property
    def unwritten(self) -> int:
        """How many bytes wait to be written. Under the lock."""
        return len(self.framing.out)

    def send(self, message: str | bytes) -> None:
        """Send a message; the lock is held. What has not arrived is not remembered: nobody would say it again."""
        self.framing.send(message)
        self._push()

    def attend(self) -> None:
        """Tell the watcher what to watch this link for: not for what is to be read if that is enough."""
        with self.lock:
            if self._audio_user.has_enough:
                # As if the owner had only just left. The watcher asks again soon.
                self._left_at = time.monotonic()
        super().attend()


class AudioArrival(Arrival):
    """An audio connection on which nothing has been said yet.

    What is said first may be no UTF-8: jambonz cuts it off, within a letter if it so happens. What is left of such a
    text is told all the same, if it is what comes first and has a frame to itself.
    """

    # Of the first frame what has come, as long as that is not all.
    _begun: bytes | None = b""

    def _take(self, data: bytes) -> None:
        if self._begun is not None:
            self._begun += data
            size = extent(self._begun)
            if size is None or len(self._begun) < size <= _LONGEST_FIRST:
                return
            first, data = self._begun[:size], self._begun[size:]
            self._begun = None
            self.framing.text_errors = "replace"
            super()._take(first)
            self.framing.text_errors = "strict"
        super()._take(data)

    def connect(self, user: AudioUser, /, *, ping: bool = True) -> AudioLink:  # type: ignore[override]
        """Make the link. ``ping``: whether a peer is dropped that does not answer, also while nobody reads."""
        ping_interval = 25.0 if ping else None
        return AudioLink(self.sock, self.framing, user, ping_interval=ping_interval, messages=self.taken())
