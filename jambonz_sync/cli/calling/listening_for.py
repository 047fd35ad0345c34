"""What the application listens for, told from the verbs it has sent.

::

    listening_for([{"verb": "gather", "input": ["speech"], "timeout": 8}])  # "listens for speech, for 8 s"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...simulator.verb import BadVerbs, Verb, parse_verbs

__all__ = ["listening_for", "verbs_of"]

_INPUTS = {"digits": "keys", "speech": "speech"}


def verbs_of(message: dict[str, Any]) -> list[Verb]:
    """Return the verbs that a message of the application brings."""
    data = message.get("data")
    try:
        return parse_verbs(data) if isinstance(data, list) else []
    except BadVerbs:
        return []


def listening_for(verbs: Sequence[Verb]) -> str:
    """Return what the caller is waited for, as far as that is clear from the verbs that were sent last."""
    gathers = [verb for verb in verbs if verb.name == "gather"]
    if len(gathers) != 1:
        return "listens"
    options = gathers[0].options
    inputs = options.get("input", ["digits"])
    what = " or ".join(_INPUTS.get(str(name), str(name)) for name in (inputs if isinstance(inputs, list) else [inputs]))
    timeout = options.get("timeout", 15)
    return f"listens for {what}" + (f", for {timeout:g} s" if isinstance(timeout, (int, float)) and timeout else "")
