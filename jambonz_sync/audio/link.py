"""The link of an audio connection, which can stop reading, and the connection before there is one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import Protocol

from ..transport.arrival import Arrival, LockedUser
from ..transport.framing import Framing
from ..transport.link import Link

__all__ = ["AudioArrival", "AudioLink", "AudioUser"]

#: In bytes. There must be room for some of the largest clips, in base64.
_MOST_UNWRITTEN = 64 * 1024 * 1024


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
    """An audio connection on which nothing has been said yet."""

    def connect(self, user: AudioUser, /, *, ping: bool = True) -> AudioLink:  # type: ignore[override]
        """Make the link. ``ping``: whether a peer is dropped that does not answer, also while nobody reads."""
        ping_interval = 25.0 if ping else None
        return AudioLink(self.sock, self.framing, user, ping_interval=ping_interval, messages=self.taken())
