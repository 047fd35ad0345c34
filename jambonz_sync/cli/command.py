"""What a command of the command line is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Command", "fail"]


class Command(NamedTuple):
    """One command of the command line.

    ``summary`` is a line for the list of commands; ``description`` and ``examples`` are what ``--help`` adds to it.
    ``add_arguments`` adds its arguments to a parser, ``run`` runs it with them and returns the exit status.
    """

    name: str
    summary: str
    description: str
    examples: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def fail(why: str) -> int:
    """Say on stderr why a command failed, and return the exit status for that."""
    print(f"jambonz-sync: {why}", file=sys.stderr)
    return 1
