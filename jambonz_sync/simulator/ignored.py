"""What jambonz takes in a verb, and does nothing about.

::

    remarks("gather", {"input": ["speech"], "speechTimeout": 2})  # ["gather.speechTimeout has no effect"]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["remarks"]

#: By the verb, the path to each option, and what to use in its place.
_IGNORED: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "conference": {("listen",): ""},
    "config": {
        ("bargeIn", "partialResultHook"): "",
        ("earlyMedia",): "",
        ("noiseIsolation",): "",
        ("stream",): "use listen",
        ("trackTtsPlayout",): "",
        ("ttsStream", "synthesizer"): "",
        ("turnTaking",): "",
    },
    "dial": {("dtmfCapture", "parentCall"): "list the patterns, which serves both parties"},
    "gather": {("speechTimeout",): ""},
    "listen": {("auth",): "use wsAuth"},
    "say": {("closeStreamOnEmpty",): ""},
}


def remarks(verb: str, options: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each option of a verb, by its canonical name, that has no effect."""
    found = []
    for path, instead in _IGNORED.get(verb, {}).items():
        value: Any = options
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found.append(f"{verb}.{'.'.join(path)} has no effect{instead and '; '}{instead}")
    if verb == "config" and options.get("notifyEvents") is False:
        found.append("config.notifyEvents cannot be switched off again")
    return found
