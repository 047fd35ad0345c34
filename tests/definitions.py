"""Definitions of application variables, and files of them."""

from __future__ import annotations

import json
import pathlib
from typing import Any

__all__ = ["NO_NAME", "SECRET", "boolean", "number", "string", "written"]

NO_NAME = "is no name of a variable, which has letters from A to Z, digits and _ only"
SECRET = "hunter2"


def string(**more: Any) -> dict[str, Any]:
    """The definition of a text."""
    return {"type": "string", "description": "a text", **more}


def number(**more: Any) -> dict[str, Any]:
    """That of a number."""
    return {"type": "number", "description": "a number", **more}


def boolean(**more: Any) -> dict[str, Any]:
    """That of a yes or no."""
    return {"type": "boolean", "description": "yes or no", **more}


def written(folder: pathlib.Path, config: object, name: str = "app.json") -> pathlib.Path:
    """Write an app.json; return its path."""
    file = folder / name
    file.write_text(json.dumps(config), encoding="utf-8")
    return file
