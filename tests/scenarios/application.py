"""The application's end of a call under test: an endpoint, its handlers, and what became of them."""

from __future__ import annotations

import functools
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync import Endpoint, Service, Session, create_endpoint

from .jambonz_side import JambonzSide

__all__ = ["Application", "LogLines", "no_thread_left"]

TIMEOUT = 10.0


class LogLines(logging.Handler):
    """Collects log lines. A warning or error that no test asked for is a fault, see :meth:`unexpected`."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._arrived = threading.Condition()
        self._records: list[logging.LogRecord] = []
        self._expected: set[int] = set()
        self._allowed: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        record.getMessage()
        with self._arrived:
            self._records.append(record)
            self._arrived.notify_all()

    def expect(self, *parts: str, level: int = logging.WARNING) -> str:
        """Wait for a line of this level that has all the parts in it, and return it. Each line is found once."""
        deadline = time.monotonic() + TIMEOUT
        with self._arrived:
            while True:
                for record in self._records:
                    text = record.getMessage()
                    if record.levelno == level and id(record) not in self._expected and all(p in text for p in parts):
                        self._expected.add(id(record))
                        return text
                if not self._arrived.wait(deadline - time.monotonic()):
                    lines = "\n".join(f"  {record.levelname} {record.getMessage()}" for record in self._records)
                    raise AssertionError(f"no line with {parts}; there are:\n{lines}")

    def allow(self, part: str) -> None:
        """Lines with this in them are no fault."""
        self._allowed.append(part)

    def lines(self, level: int = logging.WARNING) -> list[str]:
        """The lines of at least this level so far."""
        with self._arrived:
            return [record.getMessage() for record in self._records if record.levelno >= level]

    def unexpected(self) -> list[str]:
        """The warnings and errors that no test asked for."""
        with self._arrived:
            return [
                f"{record.levelname} {record.getMessage()}"
                for record in self._records
                if record.levelno >= logging.WARNING
                and id(record) not in self._expected
                and not any(part in record.getMessage() for part in self._allowed)
            ]


class Application:
    """An endpoint on a free port with one service at ``/app``.

    What its handlers return or raise can be asked for with :meth:`outcome`; a failed assertion in one of them fails
    the test, at the latest in :meth:`close`.
    """

    def __init__(self, log: LogLines, *, service: dict[str, Any] | None = None, **options: Any) -> None:
        self.log = log
        self.endpoint: Endpoint = create_endpoint(host="127.0.0.1", port=0, **options).start()
        self.service: Service = self.endpoint.make_service("/app", **(service or {}))
        #: The exceptions reported by ``service.on("error")``, in order.
        self.errors: queue.SimpleQueue[Exception] = queue.SimpleQueue()
        #: For handlers to hand something to their test.
        self.told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._failures: list[BaseException] = []
        self._calls: list[JambonzSide] = []
        self.service.on("error", self._note_error)

    def _note_error(self, session: Session, error: Exception) -> None:
        if isinstance(error, AssertionError):
            self._failures.append(error)
        self.errors.put(error)

    def answer(self, fn: Callable[[Session], Any], name: str = "session:new") -> Callable[[Session], Any]:
        """Answer calls with this function; a decorator."""

        @functools.wraps(fn)
        def observed(session: Session) -> None:
            try:
                result = fn(session)
            except BaseException as error:
                if isinstance(error, pytest.fail.Exception):
                    # What pytest.raises raises is no Exception.
                    self._failures.append(error)
                self._outcomes.put(error)
                raise
            self._outcomes.put(result)

        self.service.on(name, observed)
        return fn

    def outcome(self) -> Any:
        """What the next handler that ends has returned or raised."""
        self.check()
        outcome = self._outcomes.get(timeout=TIMEOUT)
        self.check()
        return outcome

    def hears(self) -> Any:
        """The next that a handler has put into ``told``."""
        self.check()
        return self.told.get(timeout=TIMEOUT)

    def error(self) -> Exception:
        """The next exception reported by ``service.on("error")``."""
        return self.errors.get(timeout=TIMEOUT)

    def connect(self, path: str = "/app", **options: Any) -> JambonzSide:
        """Open a socket as jambonz does; nothing is said on it yet."""
        jambonz = JambonzSide(self.endpoint.url + path, **options)
        self._calls.append(jambonz)
        return jambonz

    def call(self, path: str = "/app", **data: Any) -> JambonzSide:
        """Begin a call."""
        jambonz = self.connect(path)
        jambonz.session_new(**data)
        return jambonz

    def check(self) -> None:
        """Raise the first assertion that failed in a handler."""
        if self._failures:
            raise self._failures[0]

    def close(self) -> None:
        """End everything, and see that nothing is left over."""
        self.log.allow("connection lost")
        for jambonz in self._calls:
            jambonz.drop()
        self.endpoint.stop()
        self.check()
        no_thread_left()
        assert self.log.unexpected() == []


def no_thread_left() -> None:
    """Wait until none of the library's threads is left."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("jambonz_sync")]
        if not threads:
            return
        assert time.monotonic() < deadline, f"threads are left over: {threads}"
        time.sleep(0.01)
