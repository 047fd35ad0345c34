"""Whom to call, as one writes it down: a number, a SIP address, a registered user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..exceptions import InvalidVerb
from ..verbs.target import Target

__all__ = ["Party", "targets_of"]

#: One party: a telephone number, a ``sip:`` address, ``user@realm``, or a target of ``dial``.
Party = str | Target

_NUMBER = re.compile(r"\+?[0-9*#]+")
_BETWEEN_DIGITS = re.compile(r"[\s()./-]")


def targets_of(to: Party | Sequence[Party]) -> list[Target]:
    """Return the targets of a ``dial``.

    Raises :exc:`~jambonz_sync.InvalidVerb` for what is none of these.
    """
    parties = [to] if isinstance(to, (str, Mapping)) else to
    return [_target_of(party) for party in parties]


def _target_of(party: Party) -> Target:
    if isinstance(party, Mapping):
        return party
    # What a caller of the library writes is not bound by the annotation.
    address: Any = party
    if isinstance(address, str):
        address = address.strip()
        if address.lower().startswith(("sip:", "sips:")):
            return {"type": "sip", "sip_uri": address}
        if "@" in address:
            return {"type": "user", "name": address}
        number = _BETWEEN_DIGITS.sub("", address)
        if _NUMBER.fullmatch(number):
            return {"type": "phone", "number": number}
    raise InvalidVerb(
        f"put_through cannot call {party!r}: it takes a telephone number, a sip: address, user@realm, "
        "or a target of dial as a dict",
        "put_through.to",
    )
