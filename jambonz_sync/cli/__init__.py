"""The command ``jambonz-sync``.

::

    jambonz-sync demo --wire

Each command is an entry of ``COMMANDS``, from a module of its own. What it needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import os
import sys
from collections.abc import Sequence

from . import call, demo, new, run, verbs
from .command import Command

__all__ = ["COMMANDS", "main"]

_INTERRUPTED = 128 + 2  # SIGINT
_PIPE_CLOSED = 128 + 13  # SIGPIPE

COMMANDS: tuple[Command, ...] = (call.COMMAND, demo.COMMAND, new.COMMAND, run.COMMAND, verbs.COMMAND)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return the exit status.

    0: it went well. 1: it ran and failed; why is on stderr. 2: the command line is wrong. 130: Ctrl-C.
    """
    try:
        status = _run(argv)
        # Here, not at exit, where Python would complain of a reader who has left.
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. What is left of it must not be tried again at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED


def _run(argv: Sequence[str] | None) -> int:
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as done:
        # argparse has said what there is to say: help, the version, or what is wrong.
        return done.code if isinstance(done.code, int) else 2
    if arguments.run is None:
        parser.print_help()
        return 0
    status: int = arguments.run(arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jambonz-sync",
        description="Phone applications for jambonz in plain, blocking Python.",
        epilog="Try `jambonz-sync demo`: it needs no phone, no account and no network.\n"
        "`jambonz-sync COMMAND --help` tells more of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"jambonz-sync {_version()}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        subparser = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            epilog=f"examples:\n{command.examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("jambonz-sync")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
