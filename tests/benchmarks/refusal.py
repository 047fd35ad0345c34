"""A command line that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

__all__ = ["refused"]


def refused(
    main: Callable[[Sequence[str]], object], arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> str:
    """Give a command a wrong command line, and return what it says; it must end with 2, before anything is done."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err
