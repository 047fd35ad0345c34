"""What is raised when an audio connection is over.

.. code-block:: text

    Exception
    └── JambonzError
        ├── AudioNotActive   the connection is over (on threads other than the stream's own)
        └── RecordingFailed  nothing could be recorded; the call goes on
    BaseException
    └── AudioEnded           the connection is over: unwinds the function that holds it
"""

from __future__ import annotations

from typing import Any

from ..exceptions import JambonzError

__all__ = ["AudioEnded", "AudioNotActive", "RecordingFailed"]


class AudioEnded(BaseException):
    """The audio connection is over. Raised by what sends and waits on the stream's own thread, to be let through.

    Reading does not raise it: that comes to an end, as with a file. Like :exc:`~jambonz_sync.CallEnded` it does not
    derive from :class:`Exception`, so that ``except Exception`` in a loop does not keep a handler running that nobody
    hears.

    ``stream`` is the stream, ``code`` the websocket close code (1000 when the listening has ended), ``reason`` a
    sentence.
    """

    def __init__(self, message: str, *, stream: Any = None, code: int = 1000, reason: str = "") -> None:
        super().__init__(message)
        self.stream = stream
        self.code = code
        self.reason = reason


class AudioNotActive(JambonzError):
    """The audio connection is over, said to a thread other than the stream's own.

    ``code`` and ``reason`` say how it ended.
    """

    def __init__(self, message: str, *, code: int = 1006, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class RecordingFailed(JambonzError):
    """Nothing could be recorded, mostly because jambonz cannot reach the address for audio. The call goes on."""
