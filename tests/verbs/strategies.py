"""Valid options, made up from the descriptions, in any spelling and nesting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from hypothesis import strategies as st
from typing_extensions import is_typeddict

from jambonz_sync.verbs.agent import LanguageModelSettings, ToolFiller
from jambonz_sync.verbs.bargein import BargeIn
from jambonz_sync.verbs.bots import DialogflowOptions
from jambonz_sync.verbs.conference import ConferenceOptions
from jambonz_sync.verbs.config import ConfigOptions
from jambonz_sync.verbs.delay_action import ActionHookDelayAction
from jambonz_sync.verbs.describe import Option, options_of
from jambonz_sync.verbs.dial import DialOptions
from jambonz_sync.verbs.dub import DubOptions
from jambonz_sync.verbs.gather import GatherOptions
from jambonz_sync.verbs.listen import ListenInBackground, ListenOptions
from jambonz_sync.verbs.llm import LlmOptions
from jambonz_sync.verbs.markers import AtLeastOne, Between, Free, VerbList
from jambonz_sync.verbs.registry import VERBS
from jambonz_sync.verbs.target import Target
from jambonz_sync.verbs.transfer import Disposition

__all__ = ["Place", "any_verb", "everything", "inside", "mended", "objects", "places", "values", "whole_verbs"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
NUMBERS = st.one_of(st.integers(-1000, 1000), st.floats(-1000, 1000))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXT, inner, max_size=2)),
    max_leaves=4,
)
#: How deep objects are nested before only what is needed is given.
DEPTH = 3


def values(tp: Any, markers: tuple[Any, ...], newer: bool, depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of an option of this type."""
    origin, args = get_origin(tp), get_args(tp)
    if origin is Annotated:
        return values(args[0], (*args[1:], *markers), newer, depth)
    if origin in (Union, UnionType):
        return st.one_of([values(arg, (), newer, depth) for arg in args])
    if origin is Literal:
        return st.sampled_from(args)
    if is_typeddict(tp):
        return objects(tp, newer, depth + 1)
    if tp in (int, float):
        between = next((marker for marker in markers if isinstance(marker, Between)), Between(-math.inf, math.inf))
        low, high = max(between.low, -1000), min(between.high, 3000)
        whole = st.integers(math.ceil(low), math.floor(high))
        return whole if tp is int else st.one_of(whole, st.floats(low, high))
    if tp in (str, bool, Any):
        return {str: TEXT, bool: st.booleans(), Any: JSON}[tp]
    verbs = next((marker for marker in markers if isinstance(marker, VerbList)), None)
    if verbs is not None:
        names = verbs.only or ("say", "pause", "hangup")
        return st.lists(st.one_of([whole_verbs(name, newer, depth + 1) for name in names]), max_size=2)
    if Free in markers or args[-1] is Any:
        several = st.dictionaries(TEXT, JSON, max_size=2)
        return several if issubclass(origin, Mapping) else st.lists(JSON, max_size=2)
    inner = values(args[-1], (), newer, depth)
    if issubclass(origin, Mapping):
        return st.dictionaries(TEXT, inner, max_size=2)
    lists = st.lists(inner, min_size=1 if AtLeastOne in markers else 0, max_size=2)
    return st.one_of(lists, lists.map(tuple))


def one(option: Option, newer: bool, depth: int) -> st.SearchStrategy[tuple[str, Any]]:
    """Return a strategy for an option with its value, under either of its names."""
    filled = values(option.annotation, option.markers, newer, depth)
    if not option.needed:
        filled = st.one_of(filled, filled, filled, st.none())
    return st.tuples(st.sampled_from([option.name, option.wire]), filled)


@cache
def objects(typed: type, newer: bool, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the objects that a description allows, on newer servers or on every one."""
    allowed = [option for option in options_of(typed) if newer or option.since is None]
    needed = [option for option in allowed if option.needed]
    others = [option for option in allowed if not option.needed]

    def some(chosen: list[Option]) -> st.SearchStrategy[dict[str, Any]]:
        pairs = st.tuples(*[one(option, newer, depth) for option in needed + chosen])
        return pairs.map(lambda given: mended(typed, dict(given)))

    if depth >= DEPTH or not others:
        return st.deferred(lambda: some([]))
    return st.lists(st.sampled_from(others), unique_by=lambda option: option.wire, max_size=4).flatmap(some)


def whole_verbs(name: str, newer: bool = True, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for verbs of this name, with the ``verb`` key."""
    preset = VERBS[name].preset

    def whole(options: dict[str, Any]) -> dict[str, Any]:
        return {"verb": name, **{key: value for key, value in options.items() if key not in preset}}

    return objects(VERBS[name].options, newer, depth).map(whole)


any_verb = st.sampled_from(sorted(VERBS)).flatmap(whole_verbs)


# Every object that a verb may hold, and what it takes to get there.


class Place(NamedTuple):
    """An object in a verb: the options that lead to it, each with the object that has it, and its description."""

    verb: str
    steps: tuple[tuple[type, Option], ...]
    typed: type
    newer: bool

    @property
    def path(self) -> str:
        """The names on the wire that lead there."""
        return ".".join([self.verb, *(option.wire for _, option in self.steps)])


def places() -> list[Place]:
    """Return a place for each verb, and one for each other object, on older servers wherever that is possible."""
    found = [Place(name, (), verb.options, verb.since is not None) for name, verb in VERBS.items()]
    for newer in (False, True):
        seen = {place.typed for place in found if place.newer <= newer}
        queue = [place for place in found if place.newer <= newer]
        while queue:
            place = queue.pop(0)
            for option in options_of(place.typed):
                since = place.newer or option.since is not None
                for typed in objects_in(option.annotation):
                    if typed not in seen and since <= newer:
                        seen.add(typed)
                        queue.append(Place(place.verb, (*place.steps, (place.typed, option)), typed, since))
                        if all(typed is not other.typed for other in found):
                            found.append(queue[-1])
    return found


def objects_in(tp: Any) -> list[type]:
    """Return the objects that a type is, offers as one form, or lists."""
    return [tp] if is_typeddict(tp) else [typed for arg in get_args(tp) for typed in objects_in(arg)]


@cache
def everything(typed: type, newer: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for an object with every option that it has, on newer servers or on every one."""
    allowed = [option for option in options_of(typed) if newer or option.since is None]
    pairs = [
        st.tuples(st.sampled_from([option.name, option.wire]), values(option.annotation, option.markers, newer, DEPTH))
        for option in allowed
    ]
    return st.tuples(*pairs).map(lambda given: mended(typed, dict(given)))


def inside(place: Place, filled: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for a verb that has nothing but what is needed, and this object in its place."""
    for typed, option in reversed(place.steps):
        parents = objects(typed, place.newer, DEPTH)
        filled = st.tuples(parents, filled).map(
            lambda both, typed=typed, option=option: with_option(typed, option, *both)  # type: ignore[misc]
        )
    preset = VERBS[place.verb].preset
    return filled.map(lambda given: {"verb": place.verb, **{k: v for k, v in given.items() if k not in preset}})


def with_option(typed: type, option: Option, parent: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return an object with this as the value of an option that holds objects."""
    given = {key: old for key, old in parent.items() if key not in (option.name, option.wire)}
    return mended(typed, {**given, option.wire: placed(option.annotation, value)})


def placed(tp: Any, value: Any) -> Any:
    """Return an object as a type wants it: by itself, in a list, or by a name."""
    origin, args = get_origin(tp), get_args(tp)
    if origin in (Union, UnionType):
        return placed(next(arg for arg in args if objects_in(arg)), value)
    if is_typeddict(tp):
        return value
    if issubclass(origin, Mapping):
        return {"en-US": placed(args[1], value)}
    return [placed(args[0], value)]


# What the rules across options ask for, which no description of a single option says.


def mended(typed: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of an object so changed that none contradicts another."""
    mend = MENDS.get(typed)
    if mend is not None:
        mend(Given(typed, given))
    return given


class Given:
    """Options that may be spelled either way, by their Python names."""

    def __init__(self, typed: type, options: dict[str, Any]) -> None:
        self.options = options
        self.wires = {option.name: option.wire for option in options_of(typed)}

    def _key(self, name: str) -> str:
        return name if name in self.options else self.wires[name]

    def __getitem__(self, name: str) -> Any:
        return self.options.get(self._key(name))

    def __setitem__(self, name: str, value: Any) -> None:
        self.options[self._key(name)] = value

    def default(self, name: str, value: Any) -> None:
        """Set an option that is not there, or is ``None``."""
        if self[name] is None:
            self[name] = value


def counts(given: Given) -> None:
    """Put the numbers of keys into their order."""
    names = [name for name in ("min_digits", "num_digits", "max_digits") if given[name] is not None]
    for name, value in zip(names, sorted(given[name] for name in names), strict=True):
        given[name] = value


def address(given: Given) -> None:
    """Give a target its address."""
    for name in ("number", "sip_uri", "name"):
        given.default(name, "1")


def voicemail(given: Given) -> None:
    """Say where voicemail is taken."""
    given.default("voicemail_url", "sip:voicemail@example.com")


def fillers(given: Given) -> None:
    """Give a time for fillers its fillers."""
    if not given["actions"]:
        given["actions"] = [{"verb": "play", "url": "a.mp3"}]


def tracks(given: Given) -> None:
    """Give a track something to hear."""
    given.default("play", "a.mp3")
    given.default("say", "Hello.")


def rate(given: Given) -> None:
    """Choose a rate that the media server knows, and somewhere to send the audio."""
    if given["sample_rate"] is not None:
        given["sample_rate"] = 16000
    given.default("url", "/audio")


def one_name(given: Given) -> None:
    """Keep one of two names for the same thing: now this, now that."""
    if given["listen"] is not None and given["stream"] is not None:
        given["stream" if len(given.options) % 2 else "listen"] = None


def messages(given: Given) -> None:
    """Give every message its role and content."""
    for name in ("messages", "initial_messages"):
        if given[name] is not None:
            given[name] = [{**message, "role": "user", "content": "Hello."} for message in given[name]]


def filler(given: Given) -> None:
    """Give an audio filler its audio."""
    given.default("url", "https://example.com/a.mp3")


def bot(given: Given) -> None:
    """Give a bot its id and a conversation a plain name."""
    given.default("agent", "4711")
    if given["session_id"] is not None:
        given["session_id"] = "my-conversation_1"


def vendor(given: Given) -> None:
    """Choose a vendor that every server knows, and give it all that any of them wants."""
    vendors = ("openai", "microsoft", "deepgram", "voiceagent", "ultravox", "elevenlabs", "google")
    given["vendor"] = vendors[len(given["vendor"]) % len(vendors)]
    given["auth"] = {**(given["auth"] or {}), "apiKey": "k", "agent_id": "a"}
    provider = {"provider": {"type": "open_ai", "model": "m"}}
    given["llm_options"] = {
        **given["llm_options"],
        "response_create": {},
        "setup": {},
        "session_update": {},
        "Settings": {"agent": {"think": provider}},
    }
    given["connect_options"] = {**(given["connect_options"] or {}), "host": "h"}


MENDS: dict[type, Callable[[Given], None]] = {
    ActionHookDelayAction: fillers,
    BargeIn: counts,
    ConferenceOptions: one_name,
    ConfigOptions: one_name,
    DialOptions: one_name,
    DialogflowOptions: bot,
    Disposition: voicemail,
    DubOptions: tracks,
    GatherOptions: counts,
    LanguageModelSettings: messages,
    ListenInBackground: rate,
    ListenOptions: rate,
    LlmOptions: vendor,
    Target: address,
    ToolFiller: filler,
}
