"""What a caller may choose from in a menu, and which choice was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .question import KEY_PAUSE

__all__ = ["Choices"]

_KEYS = re.compile(r"[0-9*#]+")


class Choices:
    """The choices of one menu, by name: the keys to press, or words to say.

    ::

        choices = Choices({"1": "sales", "2": "support", "operator": "front desk"})
        choices.meant("Operator, please.")  # "operator"
    """

    def __init__(self, choices: Mapping[str, Any]) -> None:
        if not choices:
            raise ValueError("a menu needs choices, such as {'1': 'sales', '2': 'support'}")
        for name in choices:
            if not isinstance(name, str):
                raise TypeError(f"a choice is named by a text, the keys to press or words to say, not by {name!r}")
            if not name.strip():
                raise ValueError("a choice is named by the keys to press or by words to say, and one has no name")
        self._names = list(choices)
        self._keys = [name for name in choices if _KEYS.fullmatch(name)]
        # The longest first: of "sales" and "sales abroad" the second is meant by who says it.
        by_length = sorted(self._names, key=lambda name: len(_words(name)), reverse=True)
        self._phrases = [(name, _pattern_of(name)) for name in by_length]

    @property
    def options(self) -> dict[str, Any]:
        """The options of the gather that listens for them."""
        if not self._keys:
            return {"input": ["speech"]}
        speech = ["speech"] if len(self._keys) < len(self._names) else []
        return {"input": [*speech, "digits"], **_ends_of(self._keys)}

    def meant(self, text: str) -> str | None:
        """Return the name of the choice that these keys or words mean; ``None`` if there is none.

        Words may stand anywhere in what was said, whole and in whichever case. Of several, the longest is meant.
        """
        if text in self._keys:
            return text
        if _KEYS.fullmatch(text):
            return None
        said = _words(text)
        return next((name for name, pattern in self._phrases if pattern.search(said)), None)


def _ends_of(keys: Iterable[str]) -> dict[str, Any]:
    lengths = {len(key) for key in keys}
    longest = max(lengths)
    if longest == 1:
        return {"num_digits": 1}
    # Too few keys are told, too, and count as a wrong choice rather than as silence.
    ends: dict[str, Any] = {"min_digits": 1, "inter_digit_timeout": KEY_PAUSE}
    if len(lengths) == 1:
        return {**ends, "num_digits": longest}
    ends["max_digits"] = longest
    return ends if any("#" in key for key in keys) else {**ends, "finish_on_key": "#"}


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _pattern_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_words(name))}(?!\w)")
