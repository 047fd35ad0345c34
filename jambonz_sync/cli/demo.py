"""``jambonz-sync demo``: a call to an echo application, on this machine."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import arguments as kinds
from .command import Command, fail

if TYPE_CHECKING:
    from ..simulator.printing import Screen
    from ..simulator.transcript import Transcript

__all__ = ["COMMAND"]

_PHRASES = ("hello", "is anybody there", "thank you that is all")

#: So that the call, which takes half a minute on a telephone, takes two seconds.
_SPEED = 15.0


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


def _add_arguments(parser: argparse.ArgumentParser) -> None:
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
        type=kinds.speed,
        default=_SPEED,
        metavar="X",
        help=f"how many times faster than real time the call goes, by default {_SPEED:g}; 1 is the pace of a real call",
    )


def _run(arguments: argparse.Namespace) -> int:
    from ..endpoint import create_endpoint
    from ..exceptions import JambonzError
    from ..simulator import Says, SimulatedCall, echo_app
    from ..simulator.printing import Screen

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
        return fail(str(error))
    screen.say()
    if errors:
        traceback.print_exception(errors[0])
        return fail(f"the application raised {type(errors[0]).__name__}: {errors[0]}")
    trouble = _trouble(transcript)
    if trouble is not None:
        return fail(trouble)
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
    if transcript.connections > 1:
        return "the call failed: the application closed the connection, and jambonz had to connect again"
    return None


@contextlib.contextmanager
def _log_on(screen: Screen) -> Iterator[logging.Logger]:
    """Give an endpoint a logger whose lines appear on the screen."""
    logger = logging.getLogger("jambonz_sync.demo")
    from ..simulator.printing import ScreenLog

    handler = ScreenLog(screen)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)


COMMAND = Command(
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
    add_arguments=_add_arguments,
    run=_run,
)
