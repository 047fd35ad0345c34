"""How Sphinx makes a site of these pages: ``tox -e docs``.

The pages are read as they stand too, so links between them are relative, and nothing in them is known to Sphinx alone
but the lists of pages at the end of each ``index.md``.
"""

from __future__ import annotations

import pathlib
import re
import sys
from typing import Any

__all__ = ["setup"]

DOCS = pathlib.Path(__file__).resolve().parent

sys.path.insert(0, str(DOCS.parent))

project = "jambonz_sync"
author = "jambonz_sync contributors"
copyright = "jambonz_sync contributors"

extensions = ["myst_parser", "sphinx_copybutton"]
nitpicky = True
exclude_patterns = ["_build"]

# As deep as anything links to, with the addresses that a repository's own pages have.
myst_heading_anchors = 4

html_theme = "furo"
html_title = "jambonz_sync"
html_copy_source = False

# What is copied is what is typed.
copybutton_prompt_text = "$ "

linkcheck_timeout = 20
linkcheck_ignore = [r"wss?://.*", r"https?://(your-machine|example\.com|localhost|127\.0\.0\.1).*"]


def setup(app: Any) -> None:
    """Have links to folders of the project, of which a site has no page, shown as text."""
    app.connect("source-read", _without_links_to_folders)


def _without_links_to_folders(app: Any, name: str, source: list[str]) -> None:
    here = (DOCS / name).parent

    def shown(link: re.Match[str]) -> str:
        return link[1] if (here / link[2]).is_dir() else link[0]

    source[0] = re.sub(r"\[([^\]]+)\]\(([^)#:]+)\)", shown, source[0])
