"""Write the pages that are made: the reference, the lists of pages in each folder of ``docs``, and ``llms.txt``.

::

    python -m tools.write_reference

Verbs, commands and events are told by ``jambonz_sync.manual`` from their descriptions, public names from their
docstrings; the modules beside this one lay it out as Markdown. With ``--check`` nothing is written, and the exit status
is 1 if a page is not what would be.
"""

from __future__ import annotations

import argparse
import functools
import pathlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from .contents import FOLDERS, folder_page, llms_page
from .events_page import events_page
from .names_page import names_page
from .options_pages import commands_page, verbs_page
from .subjects import SUBJECTS

__all__ = ["LISTS", "PAGES", "ROOT", "main", "written"]

ROOT = pathlib.Path(__file__).resolve().parents[1]

#: What yields the lines of each page of the reference, by its name in ``docs/reference``.
PAGES: Mapping[str, Callable[[], Iterable[str]]] = {
    "verbs.md": verbs_page,
    "commands.md": commands_page,
    "events.md": events_page,
    **{subject.page: functools.partial(names_page, subject) for subject in SUBJECTS},
}

#: The same of lists of pages, by their paths. They read what is there, so they come last.
LISTS: Mapping[str, Callable[[], Iterable[str]]] = {
    **{f"docs/{folder.name}/index.md": folder_page(folder) for folder in FOLDERS},
    "llms.txt": llms_page,
}


def written(name: str) -> str:
    """Return a page or a list."""
    return "\n".join({**PAGES, **LISTS}[name]())


def _path(name: str) -> str:
    return f"docs/reference/{name}" if name in PAGES else name


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
    for name in (*PAGES, *LISTS):
        path, text = ROOT / _path(name), written(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{_path(name)} is not up to date; python -m tools.write_reference writes it", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
