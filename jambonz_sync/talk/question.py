"""How a question is put to the caller: as the prompt and the options of a ``gather``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..verbs.spelling import wire_name

__all__ = ["Prompt", "completed", "keys_of_any_number", "prompt_of", "with_lead"]

#: Seconds after a key until no further one is waited for.
KEY_PAUSE = 3


class Prompt(NamedTuple):
    """What the caller hears, and how: the options of that verb."""

    verb: Literal["say", "play"]
    options: Mapping[str, Any]

    @property
    def heard(self) -> list[Any]:
        """The texts or URLs."""
        value = self.options.get("text" if self.verb == "say" else "url", ())
        return [value] if isinstance(value, str) else [*value]


def prompt_of(prompt: str | Mapping[str, Any]) -> Prompt:
    """Return what a prompt is: a URL is played, any other text said; a dict is the options of ``play`` or ``say``."""
    if isinstance(prompt, Mapping):
        return Prompt("play" if "url" in prompt else "say", prompt)
    if not isinstance(prompt, str):
        raise TypeError(f"a prompt is a text, a URL, or a dict of options of say or play, not {prompt!r}")
    if prompt.lower().startswith(("http://", "https://")):
        return Prompt("play", {"url": prompt})
    return Prompt("say", {"text": prompt})


def with_lead(lead: Prompt, prompt: Prompt) -> Prompt | None:
    """Return a prompt that begins with another, as one that the caller may interrupt; ``None`` if that cannot be."""
    if lead.verb != prompt.verb:
        return None
    key = "text" if prompt.verb == "say" else "url"
    return Prompt(prompt.verb, {**prompt.options, key: [*lead.heard, *prompt.heard]})


def completed(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with defaults for those that are not given, in whichever spelling."""
    given = {name: value for name, value in options.items() if value is not None}
    wires = {wire_name(name) for name in given}
    return {**{name: value for name, value in defaults.items() if wire_name(name) not in wires}, **given}


def keys_of_any_number(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ends the keys where the options name no number of them: ``#``, or a pause behind the last one."""
    if options.get("num_digits", options.get("numDigits")) is not None:
        return {}
    return {"min_digits": 1, "inter_digit_timeout": KEY_PAUSE, "finish_on_key": "#"}
