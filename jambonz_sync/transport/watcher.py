"""The one thread of a process that looks after all links nobody is looking after.

While the thread of a call waits, it reads its own socket. When it has been away in user code for some 10 ms, the
watcher reads for it, so that acks, statuses and hang-ups are handled. Deadlines, pings and bytes that a socket would
not take at once are the watcher's always.

Who touches what:

* ``_links`` and ``attention`` are dicts that other threads add to and remove from by single operations, which the
  interpreter makes atomic; the watcher iterates over copies.
* ``_selector`` is touched by the watcher's thread alone. A link says under its own lock what it wants to be watched
  for; only the watcher acts on it, so a descriptor is never registered behind the back of the one who closes it.
* ``_lock`` guards the decision to start and to end the thread, and nothing else is done under it: in particular no
  link's lock is taken, so the two cannot deadlock.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import threading
import time
from typing import TYPE_CHECKING

from .switch_interval import SwitchInterval

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Watcher", "watcher"]

_log = logging.getLogger("jambonz_sync")

#: The longest the watcher sleeps while there are links: it needs no wake-up, it looks again.
_REST = 0.05
#: How long it sleeps while the thread of some link is away, or has bytes to write.
_SHORT_REST = 0.01


class Watcher:
    """Watches links from a thread that lives as long as there are any."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._links: dict[Link, None] = {}
        #: Those that are to be asked soon what they want to be watched for. A link puts itself in under its lock, and
        #: takes itself out under it when it has all it wants, so that no wish made meanwhile is lost.
        self.attention: dict[Link, None] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._selector: selectors.BaseSelector | None = None

    def add(self, link: Link) -> None:
        """Look after ``link`` until :meth:`remove`."""
        with self._lock:
            if self._thread is None:
                # Both may fail where the system has no more to give; then the next link tries again.
                selector = selectors.DefaultSelector()
                thread = threading.Thread(target=self._run, args=(selector,), name="jambonz_sync watcher", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    selector.close()
                    raise
                self._thread = thread
            self._links[link] = None

    def remove(self, link: Link) -> None:
        """Forget ``link``. It must not be registered any more: see ``Link.let_go``."""
        self.attention.pop(link, None)
        self._links.pop(link, None)

    def watch(self, link: Link, events: int, before: int) -> None:
        """Register ``link`` for ``events`` (0: for none). Called on the watcher's thread only, by the link."""
        assert self._selector is not None
        if before == 0:
            self._selector.register(link.sock, events, link)
        elif events == 0:
            self._selector.unregister(link.sock)
        else:
            self._selector.modify(link.sock, events, link)

    def _run(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        try:
            while self._keep_going():
                _interval.suit(len(self._links))
                self._look(selector)
        finally:
            selector.close()

    def _keep_going(self) -> bool:
        with self._lock:
            if not self._links:
                # Before anybody starts the next thread, which will do so too.
                _interval.suit(0)
                # Under the lock: whoever adds a link after this finds no thread and starts one.
                self._thread = None
            return bool(self._links)

    def _look(self, selector: selectors.BaseSelector) -> None:
        for key, events in selector.select(_SHORT_REST if self.attention else _REST):
            self._guarded(key.data, key.data.serve, events)
        for link in list(self.attention):
            self._guarded(link, link.attend)
        now = time.monotonic()
        for link in list(self._links):
            if link.due <= now:
                self._guarded(link, link.tick)

    @staticmethod
    def _guarded(link: Link, step: object, *arguments: int) -> None:
        # One link's fault must not cost the others their watcher.
        try:
            step(*arguments)  # type: ignore[operator]
        except Exception:  # noqa: BLE001 - as above
            # Neither what it says of its end nor the log may end the watcher.
            with contextlib.suppress(Exception):
                link.abandon()
            with contextlib.suppress(Exception):
                _log.exception("a connection failed while it was watched; it is closed")


# Touched by the thread of the watcher alone. A forked child goes on with what its parent had found and made.
_interval = SwitchInterval()
_the_watcher: Watcher | None = None
_choosing = threading.Lock()


def watcher() -> Watcher:
    """Return the watcher of this process. A forked child gets its own: threads do not survive a fork."""
    global _the_watcher
    chosen = _the_watcher
    if chosen is None or chosen.pid != os.getpid():
        with _choosing:
            chosen = _the_watcher
            if chosen is None or chosen.pid != os.getpid():
                chosen = _the_watcher = Watcher()
    return chosen


def _after_fork_in_child() -> None:
    global _choosing
    # The lock may have been held by a thread of the parent that does not exist here.
    _choosing = threading.Lock()


os.register_at_fork(after_in_child=_after_fork_in_child)
