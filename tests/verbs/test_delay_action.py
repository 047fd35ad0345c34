from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_fillers_are_whole_verbs() -> None:
    """With their verb key, and of two kinds only."""
    actions = [{"verb": "say", "text": "One moment."}, {"verb": "play", "url": "a.mp3", "action_hook": "/x"}]
    verb = build("gather", {"action_hook_delay_action": {"no_response_timeout": 2, "actions": actions}})
    assert verb.options["actionHookDelayAction"]["actions"][1]["actionHook"] == "/x"
    assert verb.hooks == (HookUse("/x", HookKind.REPORT),)
    with pytest.raises(InvalidVerb, match=r"actions\[0\] must be say or play; not 'pause'"):
        build("config", {"action_hook_delay_action": {"actions": [{"verb": "pause", "length": 1}]}})


def test_giving_up_takes_any_verbs() -> None:
    """Each checked like any other."""
    give_up = {"give_up_actions": [{"verb": "say", "text": "Sorry."}, {"verb": "hangup"}]}
    assert build("config", {"action_hook_delay_action": give_up}).options["actionHookDelayAction"] == {
        "giveUpActions": [{"verb": "say", "text": "Sorry."}, {"verb": "hangup"}]
    }
    with pytest.raises(InvalidVerb, match=r"give_up_actions\[0\]\.lenght|give_up_actions\[0\] has no option 'lenght'"):
        build("config", {"action_hook_delay_action": {"give_up_actions": [{"verb": "pause", "lenght": 1}]}})


def test_a_time_for_fillers_needs_fillers(warned: Callable[[], list[str]]) -> None:
    """And the other way round; jambonz would do without any."""
    for actions in ({}, {"actions": []}):
        with pytest.raises(InvalidVerb, match="delay_action needs actions, since no_response_timeout is given"):
            build("config", {"action_hook_delay_action": {"no_response_timeout": 2, **actions}})
    assert warned() == []
    build("config", {"action_hook_delay_action": {"actions": [{"verb": "say", "text": "One moment."}]}})
    build("gather", {"action_hook_delay_action": {"give_up_actions": [{"verb": "hangup"}]}})
    assert warned() == [
        "config.action_hook_delay_action.actions are never played without no_response_timeout beside them",
        "gather.action_hook_delay_action.give_up_actions never run without no_response_give_up_timeout beside them",
    ]


def test_switching_off_is_not_setting_up(warned: Callable[[], list[str]]) -> None:
    """The times would run."""
    build("config", {"action_hook_delay_action": {"enabled": False}})
    assert warned() == []
    build("config", {"action_hook_delay_action": {"enabled": False, "no_response_give_up_timeout": 9}})
    (line,) = warned()
    assert line.startswith("config.action_hook_delay_action.enabled is False, but the times beside it run all the same")
