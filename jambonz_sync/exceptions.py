"""Everything this library raises.

.. code-block:: text

    Exception
    └── JambonzError
        ├── InvalidVerb          also a ValueError: a verb, option or value that jambonz would refuse
        ├── InvalidCommand       also a ValueError: a command that jambonz would refuse or ignore
        ├── MessageTooBig        also a ValueError: over the 24,576 bytes jambonz accepts
        ├── NoInput              a menu was not answered, and has no default
        ├── WaitTimeout          also a TimeoutError: a wait ran out of time; the call goes on
        ├── HookLost             what was waited for was lost with the connection; the call goes on
        ├── CallNotActive        the call is over (on threads other than the call's own)
        ├── TtsStreamFailed      jambonz cannot speak the text that is streamed; the call goes on
        └── EndpointError        the server cannot be started or stopped as asked
    BaseException
    └── CallEnded                the call is over: unwinds the call's handler
        └── CallRejected         jambonz refused the first verbs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "CallEnded",
    "CallNotActive",
    "CallRejected",
    "EndpointError",
    "HookLost",
    "InvalidCommand",
    "InvalidVerb",
    "JambonzError",
    "MessageTooBig",
    "NoInput",
    "TtsStreamFailed",
    "WaitTimeout",
]


class JambonzError(Exception):
    """Base of the ordinary errors."""


class InvalidVerb(JambonzError, ValueError):
    """A verb, option or value that jambonz would refuse, with the path to the fault.

    ``path`` says where, as the caller spelled it: ``gather.say.text``.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class InvalidCommand(JambonzError, ValueError):
    """A command that jambonz would refuse, or drop without a word, with the path to the fault where there is one.

    ``path`` says where, as the caller spelled it: ``inject_mute.mute_status``.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class MessageTooBig(JambonzError, ValueError):
    """A message over the size jambonz accepts: it would close the socket with 1009 instead of reading it.

    ``size`` and ``limit`` are bytes of compact UTF-8 JSON.
    """

    def __init__(self, message: str, size: int = 0, limit: int = 24_576) -> None:
        super().__init__(message)
        self.size = size
        self.limit = limit


class WaitTimeout(JambonzError, TimeoutError):
    """Nothing that was waited for came in time. The call goes on."""


class NoInput(JambonzError):
    """The caller has chosen nothing from a menu that has no default, as often as it was asked.

    ``prompt`` is what was asked, ``answers`` what came instead: an :class:`~jambonz_sync.Answer` for each attempt.
    """

    def __init__(self, message: str, *, prompt: str = "", answers: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.prompt = prompt
        self.answers = tuple(answers)


class HookLost(JambonzError):
    """What a wait was for will not come: the verb ended while the connection was lost. The call goes on.

    A ``gather`` is asked again, without this; of a ``dial``, say, it is not known what became of it. ``verb`` is the
    verb's name, ``hook`` that of its hook.
    """

    def __init__(self, message: str, *, verb: str, hook: str) -> None:
        super().__init__(message)
        self.verb = verb
        self.hook = hook


class CallNotActive(JambonzError):
    """The call is over, said to a thread other than the call's own.

    ``call_sid`` names the call; ``code`` and ``reason`` say how its connection ended.
    """

    def __init__(self, message: str, *, call_sid: str | None = None, code: int = 1006, reason: str = "") -> None:
        super().__init__(message)
        self.call_sid = call_sid
        self.code = code
        self.reason = reason


class TtsStreamFailed(JambonzError):
    """jambonz cannot speak the text that is streamed, mostly because the vendor of the voice cannot be reached.

    ``reason`` is jambonz's own. The call goes on, and the next text that is streamed makes jambonz connect anew.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class EndpointError(JambonzError, OSError):
    """The endpoint cannot listen, or is used in a state in which it cannot do what is asked."""


class CallEnded(BaseException):
    """The call is over. Raised by every blocking method on the call's own thread, and meant to be let through.

    It does not derive from :class:`Exception`, so that ``except Exception`` around a turn of the conversation does
    not keep a handler running whose caller has gone. ``finally`` and ``with`` work as always.

    ``session`` is the session, ``call_sid`` its call, ``code`` the websocket close code (1000 when jambonz ended
    the call, 1006 when the connection was lost), ``reason`` a sentence.
    """

    def __init__(
        self,
        message: str,
        *,
        session: Any = None,
        call_sid: str | None = None,
        code: int = 1000,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.session = session
        self.call_sid = call_sid
        self.code = code
        self.reason = reason


class CallRejected(CallEnded):
    """jambonz refused the first verbs and rejected the call with SIP 480. Final: there is no call any more.

    ``verbs`` are the verbs it was given.
    """

    def __init__(self, message: str, *, verbs: Sequence[dict[str, Any]] = (), **facts: Any) -> None:
        super().__init__(message, **facts)
        self.verbs = list(verbs)
