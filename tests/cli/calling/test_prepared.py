"""What a prepared caller does."""

from __future__ import annotations

import pytest

from jambonz_sync.cli.calling.lines import Order
from jambonz_sync.cli.calling.prepared import prepared
from jambonz_sync.simulator import Presses, Says


def test_lines(tmp_path):
    """Each line that means something is a turn."""
    path = tmp_path / "caller.txt"
    path.write_text("// the menu\n\n#1\nhello there\n  /silence\n")
    assert prepared(path) == [Presses("1"), Says("hello there"), Order("silence")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hello\n\n/dance\n", "line 3 of .*caller.txt: there is no /dance"),
        (b"\xff\xfe", "cannot read .*caller.txt: "),
        (None, "cannot read .*caller.txt: No such file"),
    ],
)
def test_faults(tmp_path, content, why):
    """A file that cannot be read or understood is told by its name, and by the line."""
    path = tmp_path / "caller.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=why):
        prepared(path)
