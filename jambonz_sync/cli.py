"""The command ``jambonz-sync``.

::

    jambonz-sync demo --wire

Each command is an entry of ``COMMANDS``: its name, what it says of itself, and two functions, one that adds its
arguments and one that runs it and returns the exit status. What a command needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import logging
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .simulator.printing import Screen
    from .simulator.transcript import Transcript

__all__ = ["main"]

_INTERRUPTED = 128 + 2  # SIGINT
_PIPE_CLOSED = 128 + 13  # SIGPIPE


class Command(NamedTuple):
    """One command of the command line."""

    name: str
    summary: str
    description: str
    examples: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return the exit status.

    0: it went well. 1: it ran and failed; why is on stderr. 2: the command line is wrong. 130: Ctrl-C.
    """
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as done:
        # argparse has said what there is to say: help, the version, or what is wrong.
        return done.code if isinstance(done.code, int) else 2
    if arguments.run is None:
        parser.print_help()
        return 0
    try:
        status: int = arguments.run(arguments)
        return status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain when it flushes stdout at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED


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


# Arguments


def _speed(text: str) -> float:
    with contextlib.suppress(ValueError):
        speed = float(text)
        if speed > 0 and math.isfinite(speed):
            return speed
    raise argparse.ArgumentTypeError(f"a number above 0, such as 1 or 15, not {text!r}")


def _turns(text: str) -> int:
    with contextlib.suppress(ValueError):
        turns = int(text)
        if 0 <= turns <= 100:
            return turns
    raise argparse.ArgumentTypeError(f"a number from 0 to 100, not {text!r}")


def _words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("something to say, not an empty text")
    return text


# demo

_PHRASES = ("hello", "is anybody there", "thank you that is all")

#: So that the call, which takes half a minute on a telephone, takes two seconds.
_DEMO_SPEED = 15.0


def _add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--say",
        action="append",
        type=_words,
        metavar="TEXT",
        help="what the caller says; once for each turn of the conversation",
    )
    what.add_argument(
        "--turns",
        type=_turns,
        default=len(_PHRASES),
        metavar="N",
        help=f"how many times the caller says something of its own, by default {len(_PHRASES)}",
    )
    parser.add_argument("--wire", action="store_true", help="print each message on the websocket too, cut to the line")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=_DEMO_SPEED,
        metavar="X",
        help=f"how many times faster than real time the call goes, by default {_DEMO_SPEED:g}; "
        "1 is the pace of a real call",
    )


def _demo(arguments: argparse.Namespace) -> int:
    from .endpoint import create_endpoint
    from .exceptions import JambonzError
    from .simulator import Says, SimulatedCall, echo_app
    from .simulator.printing import Screen

    phrases = arguments.say or [_PHRASES[turn % len(_PHRASES)] for turn in range(arguments.turns)]
    screen = Screen(sys.stdout, wire=arguments.wire)
    errors: list[Exception] = []
    began = time.monotonic()
    try:
        with _log_on(screen) as logger:
            endpoint = create_endpoint(host="127.0.0.1", port=0, logger=logger)
            service = echo_app.make_echo(endpoint)
            service.on("error", lambda session, error: errors.append(error))
            with endpoint:
                url = endpoint.url + service.path
                screen.say(f"Calling {url}, {_pace(arguments.speed)}.")
                screen.say()
                call = SimulatedCall(
                    url,
                    [Says(phrase) for phrase in phrases],
                    speed=arguments.speed,
                    # Room for everything the caller was told to say.
                    limit=600.0 + 60.0 * sum(1 + len(phrase.split()) for phrase in phrases),
                    watch=screen.show,
                )
                transcript = call.run()
    except JambonzError as error:
        return _fail(str(error))
    screen.say()
    if errors:
        traceback.print_exception(errors[0])
        return _fail(f"the application raised {type(errors[0]).__name__}: {errors[0]}")
    trouble = _trouble(transcript)
    if trouble is not None:
        return _fail(trouble)
    seconds = transcript.entries[-1].time
    screen.say(f"A call of {seconds:.0f} s, in {time.monotonic() - began:.1f} s.")
    screen.say(f"The application is in {echo_app.__file__}")
    if not arguments.wire:
        screen.say("To see what goes over the websocket: jambonz-sync demo --wire")
    return 0


def _pace(speed: float) -> str:
    return "in real time" if speed == 1 else f"{speed:g} times as fast as a real call"


def _trouble(transcript: Transcript) -> str | None:
    for message in transcript.messages("in", "jambonz:error"):
        return f"jambonz reported an error: {message['data'].get('msg')}"
    assert transcript.ending is not None
    if transcript.ending.code != 1000:
        return f"the call failed: {transcript.ending.reason}"
    return None


class _ScreenHandler(logging.Handler):
    """Prints log lines among those of the call."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        # Nobody reads any more: the thread that runs the call will notice.
        with contextlib.suppress(BrokenPipeError):
            self._screen.log(record.getMessage())


@contextlib.contextmanager
def _log_on(screen: Screen) -> Iterator[logging.Logger]:
    """Give an endpoint a logger whose lines appear on the screen."""
    logger = logging.getLogger("jambonz_sync.demo")
    handler = _ScreenHandler(screen)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)


def _fail(why: str) -> int:
    print(f"jambonz-sync: {why}", file=sys.stderr)
    return 1


COMMANDS = (
    Command(
        name="demo",
        summary="place a simulated call to the echo application, and print the conversation",
        description=(
            "Starts the echo application on a free port of this machine, calls it as jambonz would, over a real\n"
            "websocket, and prints who says what. The first column is the time of the call in seconds. At the end the\n"
            "caller is silent, until the application says goodbye."
        ),
        examples=(
            "  jambonz-sync demo\n"
            "  jambonz-sync demo --wire\n"
            '  jambonz-sync demo --say "one two three" --say "goodbye"\n'
            "  jambonz-sync demo --turns 1 --speed 1"
        ),
        add_arguments=_add_demo_arguments,
        run=_demo,
    ),
)
