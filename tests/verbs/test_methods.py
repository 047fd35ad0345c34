from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from typing_extensions import Self, get_type_hints

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.verb import Verb
from jambonz_sync.verbs.build import build
from jambonz_sync.verbs.methods import VerbMethods
from jambonz_sync.verbs.registry import VERBS


class Queue(VerbMethods):
    """Queues verbs, as a session does."""

    def __init__(self) -> None:
        self.verbs: list[Verb] = []

    def _queue_verb(
        self, name: str, options: Mapping[str, Any], positional: object = None, *, allow_unknown: bool = False
    ) -> Self:
        self.verbs.append(build(name, options, positional=positional, allow_unknown=allow_unknown))
        return self


def test_verbs_can_be_chained() -> None:
    """Each method queues one and returns the object."""
    queue = Queue().answer().say("Hello.").pause(1).gather(num_digits=1).sip_decline(603)
    assert [verb.name for verb in queue.verbs] == ["answer", "say", "pause", "gather", "sip:decline"]


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_has_its_method(name: str) -> None:
    """Typed with the verb's options, and queueing that verb."""
    verb = VERBS[name]
    method = getattr(VerbMethods, verb.method)
    (unpacked,) = get_args(get_type_hints(method)["options"])
    assert unpacked is verb.options
    example = re.match(r"``(session\..*)``$", (inspect.getdoc(method) or "").splitlines()[0])
    assert example, "the docstring begins with an example"
    queue = Queue()
    # Words in capitals stand for what an application keeps elsewhere.
    elsewhere: dict[str, Any] = {word: {"apiKey": "4711"} for word in re.findall(r"\b[A-Z_]{3,}\b", example[1])}
    eval(example[1], {**elsewhere, "session": queue})
    assert queue.verbs[-1].name == verb.sent_as or name == "answer"


def test_there_is_no_method_without_a_verb() -> None:
    """Apart from the one that takes any."""
    methods = {name for name in vars(VerbMethods) if not name.startswith("_")}
    assert methods == {verb.method for verb in VERBS.values()} | {"verb"}


def test_any_verb_by_name() -> None:
    """A known one is checked, an unknown one goes out as it stands."""
    queue = Queue().verb("say", {"text": "Hello."}, early_media=True).verb("newverb", some_thing=1)
    assert [verb.wire() for verb in queue.verbs] == [
        {"verb": "say", "text": "Hello.", "earlyMedia": True},
        {"verb": "newverb", "some_thing": 1},
    ]
    with pytest.raises(InvalidVerb):
        queue.verb("say", txt="Hello.")


def test_a_session_without_a_queue_is_no_session() -> None:
    """The queue is the session's own affair."""
    with pytest.raises(TypeError):
        VerbMethods()  # type: ignore[abstract]
