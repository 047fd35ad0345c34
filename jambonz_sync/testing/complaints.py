"""What went wrong in a call without stopping it: what the library warned of, and what jambonz could not make use of."""

from __future__ import annotations

import logging
import re
import traceback
from re import Pattern

from ..simulator.transcript import Transcript

__all__ = ["Complaints"]


class Complaints(logging.Handler):
    """Collects the warnings and errors of loggers, and finds in transcripts what should not happen.

    A handler of log records may be called on any thread; ``logging`` calls it on one at a time.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._logged: list[str] = []
        self._tolerated: list[Pattern[str]] = []
        self._loggers: list[logging.Logger] = []

    def listen_to(self, logger: logging.Logger) -> None:
        """Collect what this logger, or one below it, has to say."""
        if logger not in self._loggers:
            self._loggers.append(logger)
            logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info is not None and record.exc_info[1] is not None:
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        self._logged.append(text)

    def tolerate(self, pattern: str) -> None:
        """Do not mind complaints in which a pattern occurs."""
        self._tolerated.append(re.compile(pattern))

    def close(self) -> None:
        """Listen no more."""
        for logger in self._loggers:
            logger.removeHandler(self)
        super().close()

    def all(self, transcripts: list[Transcript]) -> list[str]:
        """Return the complaints of the log, and those of these calls, but for those that are tolerated."""
        faults = [fault for transcript in transcripts for fault in transcript.of("fault")]
        found = [*self._logged, *faults]
        return [text for text in found if not any(pattern.search(text) for pattern in self._tolerated)]
