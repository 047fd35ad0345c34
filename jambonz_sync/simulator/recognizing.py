"""What a speech recogniser makes of what a party says.

::

    recognized(Says("hello"), {"vendor": "google", "language": "en-GB"})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .caller import Says

__all__ = ["is_sure_enough", "recognized"]


def recognized(
    speech: Says, recognizer: Mapping[str, Any], *, channel: int = 1, is_final: bool = True
) -> dict[str, Any]:
    """Return the ``speech`` of a hook: ``channel`` is 1 for the own leg and 2 for the other one.

    ``is_final``: whether nothing comes after it any more.
    """
    alternatives = [{"transcript": speech.text, "confidence": speech.confidence}]
    return {
        "language_code": recognizer.get("language"),
        "channel_tag": channel,
        "is_final": is_final,
        "alternatives": alternatives,
        "vendor": {
            "name": recognizer.get("vendor"),
            "evt": {"is_final": is_final, "stability": 0, "alternatives": alternatives},
        },
    }


def is_sure_enough(speech: Says, recognizer: Mapping[str, Any]) -> bool:
    """Tell whether the recogniser's ``minConfidence`` is reached, where there is one."""
    least = recognizer.get("minConfidence")
    return not isinstance(least, (int, float)) or speech.confidence >= least
