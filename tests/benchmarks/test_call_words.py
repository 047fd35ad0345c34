from __future__ import annotations

import re

from benchmarks.call_servers import NPM
from benchmarks.call_words import TEXT, WORDS


def test_the_same_words_on_node() -> None:
    """The application for Node streams as many of the same words, which is what makes the servers comparable."""
    program = (NPM / "calls.cjs").read_text(encoding="utf-8")
    ((number, word),) = re.findall(r"Array\((\d+)\)\.fill\('(.*)'\)", program)
    assert [word] * int(number) == WORDS
    assert "".join(WORDS) == TEXT
