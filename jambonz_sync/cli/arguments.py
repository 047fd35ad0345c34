"""What arguments of the command line are made of."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
from typing import Any

__all__ = ["header", "speed", "variable"]


def speed(text: str) -> float:
    """How many times faster than real time. Raises :exc:`argparse.ArgumentTypeError`."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if value > 0 and math.isfinite(value):
            return value
    raise argparse.ArgumentTypeError(f"a number above 0, such as 1 or 15, not {text!r}")


def header(text: str) -> tuple[str, str]:
    """A header and its value. Raises :exc:`argparse.ArgumentTypeError`."""
    return _pair(text, "X-Account=42")


def variable(text: str) -> tuple[str, Any]:
    """A variable and its value: what JSON makes of it, or else the text. Raises :exc:`argparse.ArgumentTypeError`."""
    name, value = _pair(text, "GREETING=hello")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _pair(text: str, example: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"NAME=VALUE, such as {example}, not {text!r}")
    return name.strip(), value
