"""Commands in a conference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict

from ..protocol.hooks import HookKind
from ..verbs.fault import Fault
from ..verbs.markers import Doc, Needed, SameOnWire
from ..verbs.rules import Run, rule
from ..verbs.synthesizer import Synthesizer
from .legs import Muting

__all__ = ["ConferenceHold", "ConferenceMute", "Holding", "MemberAction", "ParticipantAction", "RoomPlay", "RoomSay"]

Holding: TypeAlias = Literal["hold", "unhold"]
MemberAction: TypeAlias = Literal["tag", "untag", "coach", "uncoach", "hold", "unhold", "mute", "unmute", "kick"]


class ConferenceMute(TypedDict, total=False):
    """Silence all members of the conference but the moderators."""

    conf_mute_status: Annotated[Muting, Needed(), SameOnWire, Doc("Whether they are no longer heard.")]


class ConferenceHold(TypedDict, total=False):
    """Put this member of the conference on hold: it hears and is heard by nobody."""

    conf_hold_status: Annotated[Holding, Needed(), SameOnWire, Doc("Whether it is on hold.")]
    wait_hook: Annotated[str, SameOnWire, HookKind.WAIT, Doc("Asked what it hears meanwhile: say, play and pause.")]


class ParticipantAction(TypedDict, total=False):
    """Do something with this member of the conference."""

    action: Annotated[
        MemberAction,
        Needed(),
        Doc("What to do: name it, let it be heard by those of one name only, put it on hold, mute it, or remove it."),
    ]
    tag: Annotated[str, Doc("The name to give (tag), or the name of those who hear it (coach).")]
    wait_hook: Annotated[
        str, SameOnWire, HookKind.WAIT, Doc("Asked what it hears while on hold: say, play and pause (hold).")
    ]


@rule(ParticipantAction)
def _a_tag_has_a_name(given: Mapping[str, Any], run: Run) -> None:
    if given["action"] == "tag" and "tag" not in given:
        raise Fault("needs tag, since action is tag", "tag")


class RoomSay(TypedDict, total=False):
    """Speak a text to the whole conference."""

    text: Annotated[str | Sequence[str], Needed(), Doc("What to say, plain or as SSML.")]
    synthesizer: Annotated[Synthesizer, Doc("Which voice speaks, if not the session's.")]
    loop: Annotated[float | str, Doc("How many times to say it.")]
    stream: Annotated[bool, Doc("Begin to speak before all of it is synthesized.")]
    id: Annotated[str, Doc("Your own name for it, which the conference's status hook repeats.")]
    replace: Annotated[bool, Doc("Break off what the conference hears now.")]


class RoomPlay(TypedDict, total=False):
    """Play recorded audio to the whole conference."""

    url: Annotated[str, Needed(), Doc("URL of a wav or mp3 file.")]
    id: Annotated[str, Doc("Your own name for it, which the conference's status hook repeats.")]
    replace: Annotated[bool, Doc("Break off what the conference hears now.")]
