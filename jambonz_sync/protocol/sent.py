"""What jambonz has been given to do, and what its hooks therefore mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .hooks import HookKind, HookUse
from .newest import remember
from .verb import Verb

__all__ = ["Found", "SentVerbs"]

# Hook names are few and fixed in most applications, but some make one up for every turn of a call that lasts for hours.
_MOST_NAMES = 2_000
# A verb that has been replaced reports within seconds, or never.
_MOST_REPORTING = 200

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


def _model_of(verb: Verb) -> str | None:
    """Return the vendor of the language model that a verb brings into the call."""
    if verb.name == "llm":
        vendor = verb.options.get("vendor")
        return vendor if isinstance(vendor, str) else None
    if verb.name == "agent":
        return "agent"
    return verb.name[: -len("_s2s")] if verb.name.endswith("_s2s") else None


class SentVerbs:
    """The list last sent, less what is known to be over, and the kind of every hook name sent so far."""

    def __init__(self) -> None:
        self.queue: tuple[Verb, ...] = ()
        self._kinds: dict[str, HookKind] = {}
        # The verbs of the call's own lists that report their end, by id: how they do.
        self._reporting: dict[str, HookUse] = {}
        self._models: dict[str, str] = {}
        #: The vendor of the language model the call was given last, ``agent`` for the verb of that name.
        self.model: str | None = None
        #: The id of a verb that was sent again with those behind it, until it is seen to begin, or is gone.
        self.repeated: str | None = None
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
            self.know(verb.hooks)
            model = _model_of(verb)
            if model is not None:
                self.model = model
                hook = verb.options.get("toolHook")
                name = hook.get("url") if isinstance(hook, dict) else hook
                if isinstance(name, str):
                    remember(self._models, name, model, _MOST_NAMES)

    def know(self, uses: Iterable[HookUse]) -> None:
        """Know hooks that are about to be named, by a verb or by a command."""
        for use in uses:
            remember(self._kinds, use.name, use.kind, _MOST_NAMES)

    def replace(self, verbs: tuple[Verb, ...]) -> None:
        """The verbs take the place of what was queued."""
        self.learn(verbs)
        self._expect_reports(verbs)
        self.queue = verbs
        self.repeated = None

    def repeat(self, verb_id: str | None) -> bool:
        """The verb of this id, and those behind it, have been sent before. Returns whether it is in the list.

        What those behind it report before it has begun is their end as they were sent the first time: jambonz was at
        them when the list reached it, or it never has.
        """
        self.repeated = next((verb.id for verb in self.queue if verb.id is not None and verb.id == verb_id), None)
        return self.repeated is not None

    def extend(self, verbs: tuple[Verb, ...]) -> None:
        """The verbs go behind what was queued."""
        self.learn(verbs)
        self._expect_reports(verbs)
        self.queue += verbs

    def _expect_reports(self, verbs: Iterable[Verb]) -> None:
        for verb in verbs:
            end = next((use for use in verb.hooks if use.kind in _ENDS), None)
            if verb.id is not None and end is not None:
                remember(self._reporting, verb.id, end, _MOST_REPORTING)

    def aside(self, verbs: Iterable[Verb]) -> None:
        """The verbs run elsewhere: on a leg being screened, or to a caller on hold. The queue stays as it is.

        Their action hooks are answered on that leg, so a redirect can never stand in for a reply.
        """
        for verb in verbs:
            self._reporting.pop(verb.id or "", None)
            for use in verb.hooks:
                remember(self._kinds, use.name, HookKind.LEG_REPORT if use.kind in _ENDS else use.kind, _MOST_NAMES)

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
                        if self._is_behind_repeated(index):
                            return Found(use.kind, stale=True)
                        return Found(use.kind, index)
        end = self._reporting.get(verb_id or "")
        kind = end.kind if end is not None and end.name == name else self._kinds.get(name)
        if kind is None:
            return Found(HookKind.ACTION)
        return Found(kind, stale=kind in _ENDS)

    def _is_behind_repeated(self, index: int) -> bool:
        return self.repeated is not None and any(verb.id == self.repeated for verb in self.queue[:index])

    def model_behind(self, tool_hook: str | None) -> str | None:
        """Return the vendor of the model that calls its tools under this name; of the last one, if no verb names it."""
        return self._models.get(tool_hook or "", self.model)

    def reached(self, index: int) -> tuple[Verb, ...]:
        """The verb at ``index`` has ended: return those behind it, which are the queue from now on."""
        self.queue = self.queue[index + 1 :]
        self.repeated = None
        return self.queue
