"""What an application receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .asking import Asking
    from .message import Message

__all__ = ["Event", "path_of"]


class Event(Mapping[str, Any]):
    """One thing jambonz said: a hook, a status, an error.

    ::

        evt = session.wait_for("/menu")
        if evt.digits == "1":
            session.say(f"You called from {evt['from']}.").reply()

    An event is a read-only mapping of its data: ``evt["key"]``, ``evt.get("key")``, ``"key" in evt``. What the data
    holds can be read as an attribute too, so ``evt.call_status`` is ``evt["call_status"]``; ``from`` is ``from_``.

    * ``name``: what to wait for to get such an event: the hook as the verb named it, ``tts:stream_open`` and the like
      for streaming speech, else the message's type
    * ``type``: the message's type, such as ``verb:hook`` or ``call:status``
    * ``hook``: the hook's name, or ``None`` for what is no hook
    * ``data``: the data as a dict
    """

    def __init__(self, message: Message) -> None:
        self.type = message.type
        self.hook = message.hook
        self.data = message.data
        self.b3 = message.b3
        self.name = message.hook or message.type
        if message.type == "tts:streaming-event":
            self.name = f"tts:{message.data.get('event_type')}"
        #: Every name by which this event can be waited for.
        self.names: frozenset[str] = frozenset(_names(self.name, message.type, message.hook))
        #: The question this event asks, if jambonz waits for an answer. For the session, not for applications.
        self.asking: Asking | None = None
        self._answer: Callable[[Event], Any] | None = None

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __bool__(self) -> bool:
        # Not the truth of its data: an event that says nothing more is an event.
        return True

    # An event is told from another by what it is, not by what it says: two equal statuses are two events.
    def __hash__(self) -> int:
        return object.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getattr__(self, name: str) -> Any:
        data = self.__dict__.get("data", {})
        if name == "from_":
            name = "from"  # a keyword of Python
        if name in data:
            return data[name]
        if name.startswith("__"):
            raise AttributeError(name)
        known = ", ".join(sorted(data))
        raise AttributeError(f"this {self.__dict__.get('name')} event has no {name!r}; its data has {known}")

    def __repr__(self) -> str:
        return f"<Event {self.name} {self.data!r:.200}>"

    @property
    def transcript(self) -> str:
        """What was said, as the best alternative of the recogniser; ``""`` when nothing was."""
        return str(self._best().get("transcript") or "")

    @property
    def confidence(self) -> float | None:
        """How sure the recogniser is of :attr:`transcript`, 0 to 1; ``None`` when nothing was said."""
        confidence = self._best().get("confidence")
        return float(confidence) if isinstance(confidence, (int, float)) else None

    @property
    def digits(self) -> str:
        """The keys pressed; ``""`` when none were."""
        return str(self.data.get("digits") or "")

    @property
    def reason(self) -> str | None:
        """Why a gather or a play ended: ``speechDetected``, ``dtmfDetected``, ``timeout``, ``playCompleted`` …"""
        return self.data.get("reason")

    def _best(self) -> dict[str, Any]:
        speech = self.data.get("speech")
        alternatives = speech.get("alternatives") if isinstance(speech, dict) else None
        best = alternatives[0] if isinstance(alternatives, list) and alternatives else None
        return best if isinstance(best, dict) else {}

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


def _names(name: str, kind: str, hook: str | None) -> Iterator[str]:
    yield name
    yield kind
    yield "*"
    if hook is not None:
        yield path_of(hook)


def path_of(hook: str) -> str:
    """Return the path of a hook that is an absolute URL, else the hook: what one would write to wait for it."""
    if "://" not in hook:
        return hook
    try:
        return urlsplit(hook).path or "/"
    except ValueError:
        return hook
