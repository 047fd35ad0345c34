"""What jambonz has been given to do, and what its hooks therefore mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .hooks import HookKind
from .verb import Verb

__all__ = ["Found", "SentVerbs"]

# Hook names are few and fixed in most applications, but some make one up for every turn of a call that lasts for hours.
_MOST_NAMES = 2_000

# The hooks by which a verb reports its end.
_ENDS = frozenset({HookKind.ACTION, HookKind.SESSION})


@dataclass(frozen=True)
class Found:
    """What is known of a hook that arrived."""

    kind: HookKind
    #: The place of its verb in the list last sent; ``None`` for a hook that is not the end of a verb of that list.
    index: int | None = None
    #: Whether it reports the end of a verb that has been replaced since.
    stale: bool = False


class SentVerbs:
    """The list last sent, less what is known to be over, and the kind of every hook name sent so far."""

    def __init__(self) -> None:
        self.queue: tuple[Verb, ...] = ()
        self._kinds: dict[str, HookKind] = {}
        self._number = 0

    @property
    def names(self) -> Iterable[str]:
        """Every hook name sent so far, of the newest 2,000."""
        return self._kinds.keys()

    def numbered(self, verbs: Sequence[Verb]) -> tuple[Verb, ...]:
        """Return the verbs, each that reports its end by a hook under an ``id``: its own or a new one."""
        return tuple(self._with_id(verb) if verb.action_hook and verb.id is None else verb for verb in verbs)

    def new_id(self) -> str:
        """Return an id no other verb of the call has."""
        self._number += 1
        return f"v{self._number}"

    def _with_id(self, verb: Verb) -> Verb:
        return verb.with_id(self.new_id())

    def learn(self, verbs: Iterable[Verb]) -> None:
        """Know the hooks of verbs that are about to be sent."""
        for verb in verbs:
            for use in verb.hooks:
                self._know(use.name, use.kind)

    def replace(self, verbs: tuple[Verb, ...]) -> None:
        """The verbs take the place of what was queued."""
        self.learn(verbs)
        self.queue = verbs

    def extend(self, verbs: tuple[Verb, ...]) -> None:
        """The verbs go behind what was queued."""
        self.learn(verbs)
        self.queue += verbs

    def aside(self, verbs: Iterable[Verb]) -> None:
        """The verbs run elsewhere: on a leg being screened, or to a caller on hold. The queue stays as it is.

        Their action hooks are answered on that leg, so a redirect can never stand in for a reply.
        """
        for verb in verbs:
            for use in verb.hooks:
                self._know(use.name, HookKind.LEG_REPORT if use.kind in _ENDS else use.kind)

    def find(self, name: str, verb_id: str | None) -> Found:
        """Tell what the hook ``name`` of the verb ``verb_id`` is for.

        Without a ``verb_id`` (jambonz has none to repeat for a verb that had no ``id``) the name alone decides.
        A name that was never sent counts as an action hook: it gets its ack, and nothing is assumed to stand behind it.
        """
        for index, verb in enumerate(self.queue):
            for use in verb.hooks:
                if use.name == name:
                    if use.kind not in _ENDS:
                        return Found(use.kind)
                    if verb_id is None or verb.id == verb_id:
                        return Found(use.kind, index)
        kind = self._kinds.get(name)
        if kind is None:
            return Found(HookKind.ACTION)
        return Found(kind, stale=kind in _ENDS)

    def reached(self, index: int) -> tuple[Verb, ...]:
        """The verb at ``index`` has ended: return those behind it, which are the queue from now on."""
        self.queue = self.queue[index + 1 :]
        return self.queue

    def _know(self, name: str, kind: HookKind) -> None:
        self._kinds.pop(name, None)
        self._kinds[name] = kind
        while len(self._kinds) > _MOST_NAMES:
            del self._kinds[next(iter(self._kinds))]
