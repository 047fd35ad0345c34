"""Our description of the verbs against the two public specifications of them, as facts that need no npm.

``tests/data/spec.json`` holds the facts of ``@jambonz/schema`` (``s``) and of the strict validator that runs inside
the server (``v``). Whatever either knows of a verb must be described here, under its name on the wire and with its
type, unless the difference is on purpose; ``tools/follow_upstream.py`` compares, and has the list.
"""

from __future__ import annotations

import json
import pathlib

from jambonz_sync.verbs.describe import options_of
from jambonz_sync.verbs.hook import HookObject
from jambonz_sync.verbs.registry import NOT_FOR_APPLICATIONS, VERBS
from tools.follow_upstream import DELIBERATE, report

SPEC = json.loads((pathlib.Path(__file__).parents[1] / "data" / "spec.json").read_text(encoding="utf-8"))


def test_whatever_the_specifications_have_is_described() -> None:
    """Nothing is missing, misnamed or of another type, but for what is on purpose, and that is still so."""
    assert report(SPEC) == []


def test_every_difference_has_its_reason() -> None:
    """In a phrase."""
    assert all(len(reason) > 20 for reason in DELIBERATE.values())


def test_every_verb_is_described_or_refused() -> None:
    """A verb of the specifications is there, or has a reason not to be."""
    known = SPEC["verbs"].keys() | SPEC["synonyms"].keys()
    assert known == VERBS.keys() | NOT_FOR_APPLICATIONS.keys() - {"rest_dial"}


def test_a_hook_object_has_what_the_specifications_have() -> None:
    """Besides ``url`` and ``method`` a hook object takes the two spellings of credentials."""
    (schema,) = (one for one in SPEC["components"]["actionHook"]["rules"]["oneOf"] if one["type"] == "object")
    ours = {option.wire: option for option in options_of(HookObject)}
    assert ours.keys() == schema["properties"].keys() | {"username", "password"}
    assert ours["basicAuth"].since is not None
