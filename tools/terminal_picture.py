"""Make ``docs/images/call.svg``: a call in a terminal, as it went.

::

    python -m tools.terminal_picture

The application is the first one in the README. It is called by ``jambonz-sync call`` in a terminal, somebody types, and
what is on the screen at the end is drawn, in its colours. It takes as long as the call.
"""

from __future__ import annotations

import html
import pathlib
import re
import tempfile
from collections.abc import Mapping, Sequence

from tests.cli.typing import typing

__all__ = ["PICTURE", "TYPED", "application", "drawn", "main", "taken"]

_ROOT = pathlib.Path(__file__).resolve().parents[1]

PICTURE = _ROOT / "docs" / "images" / "call.svg"

#: What is typed, line by line, each time when the application listens.
TYPED = ("Grace", "#2")

#: The colours of a line, by those of the terminal: dim, green, cyan.
_COLOURS = {"2": "#8b949e", "32": "#7ee787", "36": "#79c0ff"}
_PLAIN = "#e6edf3"

_FONT, _LEADING, _WIDTH, _MARGIN, _BAR = 14, 21, 8.43, 18, 34

_CONTROL = re.compile(r"\x1b\[(2|32|36)m(.*?)\x1b\[0m")


def application() -> str:
    """Return the application that the README shows."""
    found = re.search(r"```python\n(.*?)```", (_ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def taken() -> tuple[list[str], dict[str, str]]:
    """Hold the call in a terminal, and return its lines, and the colour of each that has one."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "app.py").write_text(application(), encoding="utf-8")
        with typing("call", "app.py", cwd=pathlib.Path(folder)) as typist:
            for line in TYPED:
                typist.sees("listens for")
                typist.types(line)
            if typist.ends():
                raise RuntimeError(f"the call has failed:\n{typist.written}")
    # Which port was free is of no interest.
    shown = [re.sub(r":\d{4,5}/", ":3000/", line) for line in typist.display.lines]
    return [*shown], {text: colour for colour, text in _CONTROL.findall(typist.written)}


def drawn(lines: Sequence[str], colours: Mapping[str, str]) -> str:
    """Return the picture of a terminal with these lines."""
    shown = ["$ jambonz-sync call app.py", *lines]
    while not shown[-1]:
        shown = shown[:-1]
    width = round(max(map(len, shown)) * _WIDTH) + 2 * _MARGIN
    height = _BAR + len(shown) * _LEADING + 2 * _MARGIN - 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
        *(f'<circle cx="{20 + 18 * at}" cy="18" r="5" fill="#30363d"/>' for at in range(3)),
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{_FONT}" '
        'xml:space="preserve">',
    ]
    for number, line in enumerate(shown):
        colour = next((_COLOURS[code] for text, code in colours.items() if line.endswith(text)), _PLAIN)
        text = line.lstrip()
        if text:
            x, y = _MARGIN + (len(line) - len(text)) * _WIDTH, _BAR + _MARGIN + number * _LEADING
            # Each line is as wide as its characters are in a terminal, whatever the font.
            size = f'textLength="{len(text) * _WIDTH:.2f}" lengthAdjust="spacingAndGlyphs"'
            parts.append(f'<text x="{x:.2f}" y="{y}" {size} fill="{colour}">{html.escape(text)}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def main() -> int:
    """Hold the call, write the picture, and return the exit status."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn(*taken()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
