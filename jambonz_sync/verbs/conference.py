"""The verb ``conference``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .hook import Hook
from .listen import ListenOptions, named_once
from .markers import Doc, Ignored, Needed, Since
from .rules import Run, rule

__all__ = ["ConferenceOptions", "ConferenceRecording"]


class ConferenceRecording(TypedDict, total=False):
    """Recording of a conference."""

    path: Required[Annotated[str, Doc("File on the media server to write to.")]]


class ConferenceOptions(TypedDict, total=False):
    """Join a conference, and create it if it is not there yet."""

    name: Annotated[str, Needed(), Doc("Name of the conference.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the caller has left it.")]
    wait_hook: Annotated[Hook, HookKind.WAIT, Doc("Asked what the caller hears until it begins: say, play and pause.")]
    enter_hook: Annotated[Hook, HookKind.ENTER, Doc("Asked what the caller hears before joining: say, play and pause.")]
    status_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told of the events in `status_events`.")]
    status_events: Annotated[
        Sequence[str],
        Doc(
            "start, end, join, leave, start-talking, stop-talking; on v10 say-start, say-done, play-start, "
            "play-done too."
        ),
    ]
    start_conference_on_enter: Annotated[bool, Doc("False waits until somebody has started it; true if left out.")]
    end_conference_on_exit: Annotated[bool, Doc("End it for all when this caller leaves.")]
    end_conference_duration: Annotated[float, Doc("End it after this many seconds.")]
    max_participants: Annotated[int, Doc("How many may be in it.")]
    join_muted: Annotated[bool, Doc("Join without being heard.")]
    beep: Annotated[bool, Doc("Beep to all when this caller joins.")]
    member_tag: Annotated[str, Doc("Your own name for this member.")]
    speak_only_to: Annotated[str, Doc("Be heard only by members with this tag.")]
    distribute_dtmf: Annotated[bool, Doc("Let the others hear this member's keys.")]
    record: Annotated[ConferenceRecording, Doc("Record it.")]
    listen: Annotated[ListenOptions, Ignored("set `listen` in `config`"), Doc("Send the audio to a websocket.")]
    stream: Annotated[ListenOptions, Since("10"), Doc("Another name for `listen`.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


rule(ConferenceOptions)(named_once)


@rule(ConferenceOptions)
def _events_are_chosen(given: Mapping[str, Any], run: Run) -> None:
    if "statusHook" in given and not given.get("statusEvents"):
        run.warn("is told of nothing without status_events beside it", "status_hook")
    if given.get("statusEvents") and "statusHook" not in given:
        run.warn("has no effect without status_hook beside it", "status_events")
