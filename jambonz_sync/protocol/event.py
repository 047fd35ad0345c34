"""What an application receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from typing_extensions import Self

from .facts import EventFacts
from .tool_call import TOOL_CALL_TYPES, tool_calls

if TYPE_CHECKING:
    from .asking import Asking
    from .message import Message

__all__ = ["Event", "path_of"]


class Event(EventFacts):
    """One thing jambonz said: a hook, a status, an error.

    ::

        evt = session.wait_for("/menu")
        if evt.digits == "1":
            session.say(f"You called from {evt.from_}.").reply()

    An event is a read-only mapping of its data: ``evt["key"]``, ``evt.get("key")``, ``"key" in evt``. What the data
    holds can be read as an attribute too, so ``evt.call_status`` is ``evt["call_status"]``; ``from`` is ``from_``.
    An attribute that this event does not carry raises :exc:`AttributeError`. Type checkers know the attributes that
    jambonz is known to send; whatever else a message holds, events of speech vendors above all, is ``evt["key"]``.
    So is a key that is spelled like one of these:

    * ``name``: what to wait for to get such an event: the hook as the verb named it, ``tts:stream_open`` and the like
      for streaming speech, else the message's type
    * ``type``: the message's type, such as ``verb:hook`` or ``call:status``
    * ``hook``: the hook's name, or ``None`` for what is no hook
    * ``data``: the data as a dict
    * ``b3``: the trace context of the message, where tracing is on
    * ``leg``: the sid of the dialled leg that it is about, which ``session.legs`` knows; ``None`` if it is about the
      call itself

    An event can be pickled. What comes out of it is a record, which cannot be replied to.
    """

    def __init__(self, message: Message, leg: str | None = None) -> None:
        self.type = message.type
        self.hook = message.hook
        self.data = message.data
        self.b3 = message.b3
        self.leg = leg
        self.name = message.hook or message.type
        if message.type == "tts:streaming-event":
            self.name = f"tts:{message.data.get('event_type')}"
        #: Every name by which this event can be waited for.
        self.names: frozenset[str] = frozenset(_names(self.name, message.type, message.hook, message.data))
        #: The question this event asks, if jambonz waits for an answer. For the session, not for applications.
        self.asking: Asking | None = None
        self._answer: Callable[[Event], Any] | None = None

    def __bool__(self) -> bool:
        # Not the truth of its data: an event that says nothing more is an event.
        return True

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __getstate__(self) -> dict[str, Any]:
        # A question belongs to a live call, with its socket and its threads.
        return {**self.__dict__, "asking": None, "_answer": None}

    def __repr__(self) -> str:
        return f"<Event {self.name} {self.data!r:.200}>"

    @property
    def _title(self) -> str:
        return f"{self.name} event"

    @property
    def tool_name(self) -> str:
        """The tool that the model calls, with ``llm:tool-call`` and ``agent:tool-call``; ``""`` with all else.

        The first one where a message calls several, as those of google may; ``evt.function_calls`` has them all.
        """
        return next((call.name for call in tool_calls(self.type, self.data)), "")

    @property
    def arguments(self) -> dict[str, Any]:
        """What the model calls the tool with, by name; empty if there are none."""
        return next((call.arguments for call in tool_calls(self.type, self.data)), {})

    def reply(self) -> None:
        """Answer this hook with the verbs queued on the session, as ``session.reply(to=evt)`` does.

        ::

            first = session.wait_for("/first")
            second = session.wait_for("/second")
            session.say("This answers the first.")
            first.reply()
        """
        if self._answer is None:
            raise RuntimeError("this event belongs to no session")
        self._answer(self)


def _names(name: str, kind: str, hook: str | None, data: dict[str, Any]) -> Iterator[str]:
    yield name
    yield kind
    yield "*"
    if hook is not None:
        yield path_of(hook)
    # Few messages are, and this is asked of all.
    if kind in TOOL_CALL_TYPES:
        for call in tool_calls(kind, data):
            if call.name:
                yield f"tool:{call.name}"


def path_of(hook: str) -> str:
    """Return the path of a hook that is an absolute URL, else the hook: what one would write to wait for it."""
    if "://" not in hook:
        return hook
    try:
        return urlsplit(hook).path or "/"
    except ValueError:
        return hook
