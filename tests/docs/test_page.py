"""How a page is read."""

from __future__ import annotations

import pytest

from tests.docs.page import Block


def test_a_block_stands_in_a_text():
    """Line by line, in order; what is left out is marked."""
    block = Block("x.md", "one\n\n  two … four\n", 0)
    assert block.stands_in("zero\none\nelse\n  two three four\nfive")
    assert not block.stands_in("  two three four\none")
    assert not block.stands_in("one\n  two")


def test_errors_of_a_block():
    """They are what its comments announce."""
    assert Block("x.md", "f()  # a remark\ng()\n# ValueError: no\n", 0).errors == ["ValueError: no"]


def test_lines_of_a_block():
    """An error names the line of the page."""
    with pytest.raises(ZeroDivisionError) as raised:
        Block("x.md", "a = 1\na / 0\n", 40).run()
    frame = raised.traceback[-1]
    assert (frame.path if isinstance(frame.path, str) else frame.path.name, frame.lineno + 1) == ("x.md", 42)
