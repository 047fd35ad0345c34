"""Whom ``dial`` calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .auth import Auth
from .fault import Fault
from .hook import Hook
from .markers import Doc, Secret
from .rules import Run, rule

__all__ = ["CallerAddress", "Target"]


class CallerAddress(TypedDict, total=False):
    """The From address shown to a SIP target."""

    user: Annotated[str, Doc("User part.")]
    host: Annotated[str, Doc("Host part.")]


class Target(TypedDict, total=False):
    """One party to call."""

    type: Required[Annotated[Literal["phone", "sip", "user", "teams"], Doc("What kind of address the target has.")]]
    number: Annotated[str, Doc("Telephone number, for phone and teams.")]
    sip_uri: Annotated[str, Doc("SIP address, for sip.")]
    name: Annotated[str, Doc("Registered user, with its domain, for user.")]
    tenant: Annotated[str, Doc("Microsoft tenant, for teams.")]
    vmail: Annotated[bool, Doc("Go straight to voicemail, for teams.")]
    trunk: Annotated[str, Doc("Carrier to call through, for phone.")]
    auth: Annotated[Auth, Secret, Doc("Credentials if the target asks for them, for sip.")]
    from_: Annotated[CallerAddress, Doc("From address to show, for sip.")]
    override_to: Annotated[str, Doc("To header to send instead of the target's address.")]
    proxy: Annotated[str, Doc("SIP address of a proxy to send the call through.")]
    headers: Annotated[Mapping[str, str], Doc("SIP headers for this INVITE.")]
    confirm_hook: Annotated[Hook, HookKind.CONFIRM, Doc("Asked when this party answers, before it is connected.")]
    method: Annotated[
        Literal["GET", "POST"], Doc("HTTP method for the confirm hook, where that is an http URL; POST if left out.")
    ]


#: The option without which jambonz gives up on a target of that type. It knows the account's Teams tenant by itself.
_ADDRESS = {
    "phone": ("number", "number"),
    "teams": ("number", "number"),
    "sip": ("sip_uri", "sipUri"),
    "user": ("name", "name"),
}


@rule(Target)
def _a_target_has_an_address(given: Mapping[str, Any], run: Run) -> None:
    kind = given["type"]
    name, wire = _ADDRESS[kind]
    if wire not in given:
        raise Fault(f"needs {name}, since type is {kind}", name)
