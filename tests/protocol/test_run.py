"""Watching one list of verbs until the last of them is over."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.protocol.event import Event
from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.protocol.run import Run
from jambonz_sync.protocol.verb import Verb

from .conversation import event_of, gather, say


def run_of(*verbs: Verb) -> Run:
    return Run(verbs, "sentinel")


def plain() -> Run:
    """Two verbs without hooks."""
    return run_of(say("a", id="v1"), say("b", id="v2"))


def hooked() -> Run:
    """The last verb reports its end by a hook."""
    return run_of(say("a", id="v1"), gather("/menu", id="v2"))


def sees(run: Run, what: str, verb_id: str | None = None, **data: Any) -> None:
    run.see_status({"event": what, **({"id": verb_id} if verb_id is not None else {}), **data})


def state(run: Run) -> str | None:
    return run.outcome.state if run.outcome is not None else None


def menu(**data: Any) -> Event:
    return event_of(hook="/menu", data=data)


# A list whose last verb has no hook


def test_not_over_before_the_last_verb():
    """Starts and ends of verbs before the last decide nothing."""
    run = plain()
    for what, verb_id in [("starting", "v1"), ("finished", "v1"), ("starting", "v2"), ("start-playback", "v2")]:
        sees(run, what, verb_id)
    assert run.outcome is None


def test_completed_when_the_last_verb_finished():
    """The end of the last verb is the end."""
    run = plain()
    sees(run, "starting", "v2")
    sees(run, "finished", "v2")
    assert state(run) == "completed"


def test_interrupted_when_the_last_playback_was_killed():
    """A verb that finishes after its playback was killed was interrupted."""
    run = plain()
    sees(run, "starting", "v2")
    sees(run, "kill-playback", "v2")
    sees(run, "finished", "v2")
    assert state(run) == "interrupted"


def test_kill_of_an_earlier_playback():
    """Only the last verb's playback counts."""
    run = plain()
    sees(run, "starting", "v1")
    sees(run, "kill-playback", "v1")
    sees(run, "starting", "v2")
    sees(run, "finished", "v2")
    assert state(run) == "completed"


def test_failed_when_the_sentinel_starts():
    """Where the last verb failed there is no end of it: the verb behind it starts."""
    run = plain()
    sees(run, "starting", "v2")
    sees(run, "starting", "sentinel")
    assert state(run) == "failed"


def test_sentinel_alone_decides():
    """Every verb may have failed before it began."""
    run = plain()
    sees(run, "starting", "sentinel")
    assert state(run) == "failed"


def test_failed_without_its_hook():
    """A verb that should report by a hook fails without one, too; a hook that comes all the same is not the end."""
    run = hooked()
    sees(run, "starting", "v1")
    sees(run, "starting", "v2")
    sees(run, "starting", "sentinel")
    assert state(run) == "failed"
    assert not run.see_hook(menu(verb_id="v2"), HookKind.ACTION)


def test_interrupted_when_another_verb_starts():
    """A verb of another list that starts after this one has begun has taken its place."""
    run = plain()
    sees(run, "starting", "v1")
    sees(run, "starting", "other")
    assert state(run) == "interrupted"


def test_interrupted_by_a_verb_without_id():
    """The other verb may have no id."""
    run = plain()
    sees(run, "starting", "v1")
    sees(run, "starting")
    assert state(run) == "interrupted"


def test_other_verbs_before_the_list_has_begun():
    """What it replaces may still report before the list has begun."""
    run = plain()
    sees(run, "starting", "other")
    sees(run, "finished", "other")
    sees(run, "kill-playback", "other")
    assert run.outcome is None


def test_ends_of_other_verbs():
    """The end of a foreign verb decides nothing, even after the list has begun."""
    run = plain()
    sees(run, "starting", "v1")
    sees(run, "finished", "other")
    sees(run, "finished")
    assert run.outcome is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": None},
        {"event": [], "id": "v1"},
        {"event": "starting", "id": ["v1"]},
        {"event": "finished", "id": {}},
    ],
)
def test_statuses_out_of_shape(data):
    """A status that is not what it should be is looked at without harm."""
    run = plain()
    run.see_status(data)
    assert run.outcome is None


def test_end_of_a_verb_of_the_same_id_that_was_replaced():
    """A verb that the list replaced may have had the same id; its end comes before the list's own start."""
    run = run_of(say("b", id="mine"))
    sees(run, "finished", "mine")
    assert run.outcome is None
    sees(run, "starting", "mine")
    sees(run, "finished", "mine")
    assert state(run) == "completed"


def test_run_of_the_notify_config():
    """A config that asks for these reports is only heard from when it is done; that does not end the run."""
    run = run_of(Verb("config", {"id": Run.CONFIG_ID, "notifyEvents": True}), say("a", id="v1"))
    sees(run, "finished", Run.CONFIG_ID)
    sees(run, "starting", "v1")
    assert run.outcome is None


# A list whose last verb has a hook


def test_hook_of_the_last_verb():
    """The hook that reports the end of the last verb is the end, and the outcome's event."""
    run, event = hooked(), menu(verb_id="v2", reason="dtmfDetected")
    assert run.see_hook(event, HookKind.ACTION)
    assert state(run) == "completed"
    assert run.outcome.event is event


def test_hook_without_verb_id():
    """Where jambonz repeats no id, the name decides."""
    run = hooked()
    assert run.see_hook(menu(), HookKind.ACTION)


def test_hook_of_another_verb_of_the_same_name():
    """The same hook under another id is not the one."""
    run = hooked()
    assert not run.see_hook(menu(verb_id="v1"), HookKind.ACTION)
    assert run.outcome is None


def test_hook_of_another_name():
    """Another hook is not the one."""
    run = hooked()
    assert not run.see_hook(event_of(hook="/other"), HookKind.ACTION)
    assert not plain().see_hook(menu(), HookKind.ACTION)


@pytest.mark.parametrize(
    "kind", [kind for kind in HookKind if kind not in (HookKind.ACTION, HookKind.SESSION, HookKind.BARGE_IN)]
)
def test_hook_of_another_kind(kind):
    """A hook of another kind is not the one, whatever its name."""
    run = hooked()
    assert not run.see_hook(menu(), kind)
    assert run.outcome is None


def test_failed_play():
    """A play that says it failed has failed."""
    run = run_of(Verb("play", {"id": "v1"}, gather("/menu").hooks))
    assert run.see_hook(menu(reason="playFailed"), HookKind.ACTION)
    assert state(run) == "failed"
    assert run.outcome["reason"] == "playFailed"


def test_finished_without_its_hook():
    """A verb that should report by a hook and finishes without one was killed."""
    run = hooked()
    sees(run, "starting", "v2")
    sees(run, "finished", "v2")
    assert state(run) == "interrupted"


def test_barge_in():
    """A barge-in in the background interrupts the list, and its hook goes to the application."""
    run = plain()
    assert not run.see_hook(event_of(hook="/barge"), HookKind.BARGE_IN)
    assert state(run) == "interrupted"


# After the end


def test_first_outcome_stays():
    """Nothing that comes later changes the outcome."""
    run = hooked()
    run.interrupt()
    outcome = run.outcome
    sees(run, "finished", "v2")
    sees(run, "starting", "sentinel")
    assert not run.see_hook(menu(), HookKind.ACTION)
    run.interrupt()
    assert run.outcome is outcome


def test_interrupt():
    """Other verbs or the end of the call interrupt the list."""
    run = plain()
    run.interrupt()
    assert state(run) == "interrupted"


# A connection that is lost meanwhile


def resumed(run: Run) -> Run:
    run.resume("again")
    return run


def test_nothing_is_over_because_the_connection_was_lost():
    """The list goes on at jambonz, and its verbs report as before."""
    run = resumed(plain())
    sees(run, "starting", "v1")
    sees(run, "starting", "v2")
    assert run.outcome is None
    sees(run, "finished", "v2")
    assert state(run) == "completed"


@pytest.mark.parametrize("sentinel", ["sentinel", "again"])
def test_an_end_that_was_told_to_nobody(sentinel):
    """Either sentinel tells that the list is over; nothing says that its last verb has failed."""
    run = plain()
    sees(run, "starting", "v1")
    resumed(run)
    sees(run, "starting", sentinel)
    assert state(run) == "completed"


def test_an_end_that_was_told_to_nobody_and_had_more_to_report():
    """The hook is lost with all it said. A question can be asked again; of anything else it is not known what came."""
    run = hooked()
    sees(run, "starting", "v2")
    resumed(run)
    sees(run, "starting", "again")
    assert state(run) is None
    assert run.hook_is_lost
    run.give_up()
    assert state(run) == "failed"
    assert run.outcome.event is None


def test_a_question_that_is_asked_again():
    """The run watches it as it did the first time, and nothing that was before."""
    run = hooked()
    sees(run, "starting", "v2")
    resumed(run)
    sees(run, "starting", "again")
    verb, sentinel = run.repeat("s2")
    assert (verb, sentinel.options) == (run.last, {"id": "s2"})
    assert not run.hook_is_lost
    sees(run, "starting", "again")
    sees(run, "finished", "v2")
    assert state(run) is None
    sees(run, "starting", "v2")
    sees(run, "starting", "s2")
    assert state(run) == "failed"


def test_the_whole_list_was_told_to_nobody():
    """Not even its beginning has arrived: the sentinel is enough."""
    run = resumed(plain())
    sees(run, "starting", "again")
    assert state(run) == "completed"


def test_a_last_verb_that_fails_after_the_connection_is_back():
    """It is seen to begin, so its end would be seen too: the verb behind it starts because it has failed."""
    run = resumed(plain())
    sees(run, "starting", "v2")
    sees(run, "starting", "sentinel")
    assert state(run) == "failed"


def test_an_earlier_verb_that_is_seen_to_begin():
    """That says nothing of the end of the last one."""
    run = resumed(plain())
    sees(run, "starting", "v1")
    sees(run, "starting", "again")
    assert state(run) == "completed"


def test_the_sentinel_of_the_return_is_no_other_verb():
    """It belongs to the list: its start is not that of one which takes the list's place."""
    run = plain()
    sees(run, "starting", "v1")
    resumed(run)
    sees(run, "starting", "v2")
    sees(run, "starting", "again")
    assert state(run) == "failed"


def test_another_verb_after_the_connection_is_back():
    """A list that has begun and is replaced was interrupted."""
    run = plain()
    sees(run, "starting", "v1")
    resumed(run)
    sees(run, "starting", "other")
    assert state(run) == "interrupted"


def test_the_hook_comes_after_the_connection_is_back():
    """It ends the run as ever."""
    run, event = resumed(hooked()), menu(verb_id="v2")
    assert run.see_hook(event, HookKind.ACTION)
    assert run.outcome.event is event


def test_a_connection_that_is_lost_again_and_again():
    """Each return has a sentinel of its own, and any of them will do."""
    run = plain()
    for number in range(3):
        run.resume(f"again {number}")
    sees(run, "starting", "again 1")
    assert state(run) == "completed"


def test_a_connection_that_is_lost_behind_the_end():
    """The outcome stays."""
    run = plain()
    run.interrupt()
    resumed(run)
    sees(run, "starting", "again")
    assert state(run) == "interrupted"
