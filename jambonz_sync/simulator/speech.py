"""How long it takes to speak.

::

    speaking_time("Say something.")  # 0.8
"""

from __future__ import annotations

import re

__all__ = ["speaking_time", "spoken"]

_SECONDS_PER_WORD = 0.4
_MARKUP = re.compile(r"<[^<>]*>")


def spoken(text: object) -> list[str]:
    """Return the texts of a ``say``, which has one or a list of them."""
    return [item for item in (text if isinstance(text, list) else [text]) if isinstance(item, str)]


def speaking_time(text: str) -> float:
    """Return the seconds a text takes: 0.4 for each word, at least one word's; markup is not spoken."""
    return _SECONDS_PER_WORD * max(1, len(_MARKUP.sub(" ", text).split()))
