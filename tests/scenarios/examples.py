"""The example programs: where they are, and how tests get at them."""

from __future__ import annotations

import importlib.util
import pathlib
from types import ModuleType

__all__ = ["ALL", "EXAMPLES", "load_example"]

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"

#: Their names.
ALL = sorted(path.stem for path in EXAMPLES.glob("*.py"))


def load_example(name: str) -> ModuleType:
    """Import an example under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
