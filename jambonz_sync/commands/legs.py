"""Commands to the parties of a call: mute, whisper, keys, a SIP request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Annotated, Any, Literal, TypeAlias

from typing_extensions import TypedDict

from ..verbs.fault import Fault, shown
from ..verbs.headers import Headers
from ..verbs.markers import AtLeastOne, Between, Doc, Needed, SameOnWire, VerbList
from ..verbs.rules import Run, rule

__all__ = ["DtmfKeys", "InDialogRequest", "MuteOptions", "Muting", "WhisperOptions", "as_verbs", "key_by_key"]


Muting: TypeAlias = Literal["mute", "unmute"]


class MuteOptions(TypedDict, total=False):
    """Silence one party of a `dial`, or this member of a conference."""

    mute_status: Annotated[Muting, Needed(), SameOnWire, Doc("Whether the others no longer hear it.")]


class WhisperOptions(TypedDict, total=False):
    """Let one party of a `dial`, or the caller during a `listen`, hear something that the others do not."""

    whisper: Annotated[
        Sequence[Mapping[str, Any]],
        Needed(),
        AtLeastOne,
        VerbList(only=("say", "play")),
        Doc("A text, or verbs: say and play, each heard once."),
    ]


def as_verbs(whisper: Any) -> Any:
    """Return what is to be whispered, a text, a verb or several, as a list of verbs."""
    if isinstance(whisper, str):
        return [{"verb": "say", "text": whisper}]
    if not isinstance(whisper, Mapping):
        return whisper
    return {**whisper, "whisper": as_verbs(whisper["whisper"])} if "whisper" in whisper else [whisper]


@rule(WhisperOptions)
def _whispered_once(given: Mapping[str, Any], run: Run) -> None:
    if any("loop" in verb for verb in given["whisper"]):
        run.warn("is overlooked in a whisper, where each verb is heard once", "loop")


class DtmfKeys(TypedDict, total=False):
    """Send keys to one party of an answered call."""

    digit: Annotated[str, Needed(), Doc("A key, or several, each of which becomes a command: 0-9, *, #, A-D.")]
    duration: Annotated[int, Between(1, inf), Doc("How long each tone lasts, in milliseconds; 250 if left out.")]


_KEYS = frozenset("0123456789*#ABCD")


@rule(DtmfKeys)
def _keys_of_a_telephone(given: Mapping[str, Any], run: Run) -> None:
    digits = given["digit"]
    if not digits:
        raise Fault("needs at least one key", "digit")
    if not _KEYS.issuperset(digits.upper()):
        raise Fault(f"takes the keys 0-9, *, # and A-D; not {shown(digits)}", "digit")


def key_by_key(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the same for each key alone: jambonz sends one at a time."""
    return [{**given, "digit": digit} for digit in given["digit"].upper()]


class InDialogRequest(TypedDict, total=False):
    """Send a SIP request within an answered call, beside its verbs."""

    method: Annotated[str, Needed(), Doc("SIP method, such as INFO or MESSAGE.")]
    content_type: Annotated[str, SameOnWire, Doc("What the content is, such as text/plain.")]
    content: Annotated[str, Doc("Body of the request.")]
    headers: Annotated[Headers, Doc("SIP headers for the request.")]


@rule(InDialogRequest)
def _content_says_what_it_is(given: Mapping[str, Any], run: Run) -> None:
    if "content" in given and "content_type" not in given:
        raise Fault("needs content_type beside content", "content_type")
