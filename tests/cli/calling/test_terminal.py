"""Lines from a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.process import ROOT, environ
from tests.cli.typing import typing

pytest.importorskip("pty")
pytest.importorskip("readline")

#: Reads lines, prints them, and ends the call at the word `over`; says how the terminal is set before and after.
PROGRAM = """
import sys, termios, threading
from jambonz_sync.cli.calling.interrupts import Interrupts
from jambonz_sync.cli.calling.terminal import has_line_editing, read_lines

def main(arguments):
    assert has_line_editing()
    before = termios.tcgetattr(0)
    over = threading.Event()
    interrupts = Interrupts(over, lambda: print("hung up", flush=True))

    def end():
        over.set()
        interrupts.call_is_over()

    def take(line):
        print(f"read {line!r}", flush=True)
        if line == "over":
            threading.Timer(0.01, end).start()

    with interrupts:
        read_lines(interrupts, over, take)
    print(f"\\nended, as before: {termios.tcgetattr(0) == before}", flush=True)
    return 0
"""


def test_lines_until_the_call_is_over():
    """Lines are read, with the older ones at hand, until the call is over; the terminal is left as it was."""
    with typing(code=PROGRAM) as typist:
        typist.sees("> ")
        typist.types("hello")
        typist.sees("read 'hello'")
        # The line before, and a letter more.
        typist.types("\x1b[A!")
        typist.sees("read 'hello!'")
        typist.types("over")
        typist.sees("read 'over'")
        typist.sees("ended, as before: True")
        assert typist.ends() == 0


def test_end_of_the_input():
    """Ctrl-D ends the reading."""
    with typing(code=PROGRAM) as typist:
        typist.sees("> ")
        typist.presses("D")
        typist.sees("ended, as before: True")
        assert typist.ends() == 0


def test_interrupt_in_a_line():
    """Ctrl-C takes nothing away from the line, and reading goes on."""
    with typing(code=PROGRAM) as typist:
        typist.sees("> ")
        typist.types("hel", enter=False)
        typist.presses("C")
        typist.sees("hung up")
        typist.types("lo")
        typist.sees("read 'hello'")
        typist.presses("D")
        assert typist.ends() == 0


def test_long_lines():
    """A line that is longer than the terminal is wide stays in its row."""
    with typing(code=PROGRAM) as typist:
        typist.sees("> ")
        typist.types("x" * 150, enter=False)
        typist.sees("x" * 20)
        typist.types("y")
        typist.sees(f"read '{'x' * 150}y'")
        typist.presses("D")
        assert typist.ends() == 0
    rows = [line for line in typist.display.lines if "xxx" in line and "read" not in line]
    # Its echo wraps in no second row; what was read is printed as it is.
    assert len([row for row in rows if row.startswith((">", "<"))]) == 1


def test_no_line_editing():
    """Where Python has no readline, there is none."""
    check = (
        "import sys; sys.modules['readline'] = None\n"
        "from jambonz_sync.cli.calling.terminal import has_line_editing\n"
        "assert not has_line_editing()"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60, cwd=ROOT, env=environ())
