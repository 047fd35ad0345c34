"""Make ``jambonz_sync/simulator/verb_specifications.json``, by which the simulator refuses verbs as jambonz does.

::

    python -m tools.make_verb_specifications

It is taken from ``tests/data/spec.json``: what the validator inside jambonz knows of each verb, and nothing else. With
``--check`` nothing is written, and the exit status is 1 if the file is not what would be.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["MADE", "SOURCE", "main", "specifications"]

_ROOT = pathlib.Path(__file__).resolve().parents[1]

SOURCE = _ROOT / "tests" / "data" / "spec.json"
MADE = _ROOT / "jambonz_sync" / "simulator" / "verb_specifications.json"

_COMMAND = "python -m tools.make_verb_specifications"

#: What the validator is called among the sources.
_VALIDATOR = "v"


def specifications(spec: Mapping[str, Any]) -> str:
    """Return the content of the file: a line for each verb, each other object, and each other name of a verb."""
    sections = {
        "aliases": {
            alias: [known[_VALIDATOR]["verb"], known[_VALIDATOR].get("set", {})]
            for alias, known in spec["synonyms"].items()
            if _VALIDATOR in known
        },
        "objects": _known(spec["components"]) | _known(spec["vtypes"]),
        "verbs": _known(spec["verbs"]),
    }
    parts = [f'"version":{_json(spec["versions"]["verb-specifications"])}']
    for section, content in sections.items():
        lines = ",\n".join(f"{_json(name)}:{_json(content[name])}" for name in sorted(content))
        parts.append(f'"{section}":{{\n{lines}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _known(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return, by the validator's own names, the properties of each definition and which of them it needs."""
    known = {}
    for name, definition in definitions.items():
        if _VALIDATOR in definition["src"]:
            properties = {key: one[_VALIDATOR] for key, one in definition["props"].items() if _VALIDATOR in one}
            known[definition.get("v_name", name)] = [properties, definition.get("req", {}).get(_VALIDATOR, [])]
    return known


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, or check it, and return the exit status."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__.replace("``", "").replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing, only tell whether the file is up to date")
    options = parser.parse_args(arguments)
    text = specifications(json.loads(SOURCE.read_text(encoding="utf-8")))
    if options.check:
        if MADE.is_file() and MADE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{MADE.name} is not up to date; {_COMMAND} writes it", file=sys.stderr)
        return 1
    MADE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
