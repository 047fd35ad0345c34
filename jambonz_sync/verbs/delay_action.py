"""What the caller hears while the application is slow to answer a hook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typing_extensions import TypedDict

from .fault import Fault
from .markers import Doc, VerbList
from .rules import Run, rule

__all__ = ["ActionHookDelayAction"]


class ActionHookDelayAction(TypedDict, total=False):
    """Fillers for the time the application takes to answer, and an end to it."""

    enabled: Annotated[bool, Doc("Whether fillers are used; true if left out.")]
    no_response_timeout: Annotated[float, Doc("Wait this many seconds for verbs, then play a filler.")]
    actions: Annotated[
        Sequence[Mapping[str, Any]],
        VerbList(only=("say", "play")),
        Doc("The fillers, taken in turn: `say` and `play` verbs, each with its `verb` key."),
    ]
    retries: Annotated[int, Doc("How many fillers at most; 0 and 1 both mean one.")]
    no_response_give_up_timeout: Annotated[float, Doc("Give up after this many seconds without verbs.")]
    give_up_actions: Annotated[
        Sequence[Mapping[str, Any]],
        VerbList(),
        Doc("Verbs to run then, each with its `verb` key; without them the call is hung up."),
    ]


@rule(ActionHookDelayAction)
def _times_and_fillers_go_together(given: Mapping[str, Any], run: Run) -> None:
    # jambonz only logs these mistakes, and then does without any filler.
    if "noResponseTimeout" in given:
        if not given.get("actions"):
            raise Fault("needs actions, since no_response_timeout is given", "actions")
    elif "actions" in given:
        run.warn("are never played without no_response_timeout beside them", "actions")
    if "giveUpActions" in given and "noResponseGiveUpTimeout" not in given:
        run.warn("never run without no_response_give_up_timeout beside them", "give_up_actions")


@rule(ActionHookDelayAction)
def _off_is_off_only_later(given: Mapping[str, Any], run: Run) -> None:
    if given.get("enabled") is False and ("noResponseTimeout" in given or "noResponseGiveUpTimeout" in given):
        run.warn("is False, but the times beside it run all the same if none ran before; leave them out", "enabled")
