"""Calls of the test kit to a single handler, which tells what comes of it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from jambonz_sync import Session, create_endpoint
from jambonz_sync.testing import Jambonz, PhoneCall

__all__ = ["Phone"]


class Phone:
    """A service of an endpoint that is never started, and what its handler has told."""

    def __init__(self, jambonz: Jambonz) -> None:
        self.jambonz = jambonz
        self.service = create_endpoint().make_service("/app")
        self.told: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def call(self, handler: Callable[[Session], Any], **options: Any) -> PhoneCall:
        """Call a handler, whose result is told; so is what it raises, but for the end of the call."""

        def answer(session: Session) -> None:
            try:
                self.told.put(handler(session))
            except Exception as error:  # noqa: BLE001 - the test decides what it should have been
                self.told.put(error)

        self.service.on("session:new", answer)
        return self.jambonz.call(self.service.endpoint, "/app", **options)

    def hears(self) -> Any:
        """What the handler has told."""
        return self.told.get(timeout=10)
