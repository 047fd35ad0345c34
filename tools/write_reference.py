"""Write the reference in ``docs/reference`` from the descriptions in ``jambonz_sync``: verbs, commands, events.

::

    python -m tools.write_reference

With ``--check`` nothing is written, and the exit status is 1 if a page is not what would be. What is said of each thing
is made by ``jambonz_sync.manual``; the modules beside this one lay it out as Markdown.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from .events_page import events_page
from .options_pages import commands_page, verbs_page

__all__ = ["DOCS", "PAGES", "main", "written"]

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs" / "reference"

#: What yields the lines of each page, by its name in :data:`DOCS`.
PAGES: Mapping[str, Callable[[], Iterable[str]]] = {
    "verbs.md": verbs_page,
    "commands.md": commands_page,
    "events.md": events_page,
}


def written(name: str) -> str:
    """Return a page."""
    return "\n".join(PAGES[name]())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them, and return the exit status."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__.replace("``", "").replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, only tell whether the pages are up to date"
    )
    options = parser.parse_args(arguments)
    status = 0
    for name in PAGES:
        path, text = DOCS / name, written(name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{name} is not up to date; python -m tools.write_reference writes it", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
