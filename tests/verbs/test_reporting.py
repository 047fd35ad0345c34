from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.verb import Verb
from jambonz_sync.verbs.build import build
from jambonz_sync.verbs.registry import VERBS
from jambonz_sync.verbs.reporting import with_action_hook


def test_a_verb_gets_an_action_hook() -> None:
    """Behind what it has, and known as one."""
    verb = build("gather", {"num_digits": 1, "partial_result_hook": "/partial"})
    reporting = with_action_hook(verb, "/run")
    assert reporting.wire() == {"verb": "gather", "numDigits": 1, "partialResultHook": "/partial", "actionHook": "/run"}
    assert reporting.hooks == (*verb.hooks, HookUse("/run", HookKind.ACTION))
    assert reporting.action_hook == "/run"


def test_the_verb_given_stays_as_it_is() -> None:
    """It may be sent without reporting too."""
    verb = build("play", positional="a.mp3")
    with_action_hook(verb, "/run")
    assert verb == Verb("play", {"url": "a.mp3"})


@pytest.mark.parametrize("hook", ["/mine", {"url": "/mine"}])
def test_an_action_hook_of_its_own_stays(hook: Any) -> None:
    """Whether a name or a dict."""
    verb = build("dequeue", {"name": "support", "action_hook": hook})
    assert with_action_hook(verb, "/run") is verb


def test_a_kind_without_one_stays_as_it_is() -> None:
    """So does a verb that is unknown here; a redirect's hook asks, and does not report."""
    for verb in (build("say", positional="Hello."), build("redirect", positional="/menu"), Verb("newverb", {"a": 1})):
        assert with_action_hook(verb, "/run") is verb


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_that_reports_its_end_can_be_made_to(name: str) -> None:
    """Under either name of it."""
    described = VERBS[name]
    reports = any(field.name == "action_hook" and field.hook is HookKind.ACTION for field in described.fields)
    assert (with_action_hook(Verb(described.sent_as), "/run").action_hook == "/run") is reports
