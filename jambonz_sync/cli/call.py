"""``jambonz-sync call``: be the caller, in the terminal."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from typing import TYPE_CHECKING, Any

from . import arguments as kinds
from .command import Command, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..simulator.connection import CannotConnect
    from ..simulator.printing import Screen
    from ..simulator.sound_file import PlaysSound
    from .calling.lines import Line
    from .calling.placed import PlacedCall
    from .calling.target import Called

__all__ = ["COMMAND"]

_USAGE = 2


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="URL|SCRIPT[:SERVICE]",
        help="the ws:// or wss:// address of an application; or a script, which is served for this call, and where it "
        "has several services, the path or the variable of one",
    )
    parser.add_argument("--from", dest="from_", metavar="NUMBER", help="the number of the caller")
    parser.add_argument("--to", metavar="NUMBER", help="the number that is called")
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        type=kinds.header,
        metavar="NAME=VALUE",
        help="a SIP header of the call; may be repeated",
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        type=kinds.variable,
        metavar="NAME=VALUE",
        help="an application variable, as an operator would set it; 3, true and [1, 2] are what they are in JSON, "
        "anything else is a text; may be repeated",
    )
    parser.add_argument(
        "--script",
        type=pathlib.Path,
        metavar="FILE",
        help="a prepared caller: what it says and does, a line for each turn, written as it would be typed",
    )
    parser.add_argument(
        "--speed",
        type=kinds.speed,
        metavar="X",
        help="how many times faster than real time a prepared caller's call goes, by default 1",
    )
    parser.add_argument(
        "--sound",
        metavar="FILE",
        help="a WAV file with the caller's voice, for an application that listens to it: played when it begins to "
        "listen, and silence behind it",
    )
    parser.add_argument(
        "--save",
        type=pathlib.Path,
        metavar="FILE",
        help="write what was heard while the application listened to a WAV file: the caller on the left, the "
        "application's clips and streams on the right",
    )
    parser.add_argument(
        "--record",
        type=pathlib.Path,
        metavar="FILE",
        help="write every message to a file, for jambonz.replay in a test",
    )
    parser.add_argument("--wire", action="store_true", help="print each message on the websocket too, cut to the line")
    parser.add_argument(
        "--insecure", action="store_true", help="do not verify the certificate of a wss:// address, such as your own"
    )


def _run(arguments: argparse.Namespace) -> int:
    from ..exceptions import JambonzError
    from ..simulator.printing import Screen, ScreenLog
    from ..simulator.sound_file import BadSound, sound_file
    from .calling.prepared import prepared
    from .calling.saving import check_writable
    from .calling.target import NothingToCall, is_address, target
    from .calling.terminal import has_line_editing

    # Whoever starts it without a stdin has nothing to say.
    has_stdin = sys.stdin is not None
    typed = arguments.script is None and has_stdin and sys.stdin.isatty()
    if arguments.insecure and not is_address(arguments.target):
        return _misused("--insecure is for a wss:// address; a script is served on this machine, and trusted")
    if typed and arguments.speed is not None:
        return _misused("--speed is for a prepared caller, from --script or from a pipe")
    lines: Sequence[Line] | None = None if has_stdin else ()
    if arguments.script is not None:
        try:
            lines = prepared(arguments.script)
        except ValueError as error:
            return _misused(str(error))
    sound: PlaysSound | None = None
    if arguments.sound is not None:
        try:
            sound = sound_file(arguments.sound)
        except BadSound as error:
            return _misused(str(error))
    try:
        if arguments.record is not None:
            arguments.record.write_text("")
        if arguments.save is not None:
            check_writable(arguments.save)
    except OSError as error:
        return fail(f"cannot write {error.filename}: {error.strerror or error}")
    editing = typed and sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and has_line_editing()
    screen = Screen(sys.stdout, wire=arguments.wire, typed_below=editing)
    try:
        with target(arguments.target, insecure=arguments.insecure, logged=ScreenLog(screen)) as called:
            call = _placed(called, screen, arguments, sound, typed=typed)
            try:
                _hold(call, lines, screen, editing=editing)
            finally:
                _record(call, arguments.record)
                unsaved = _save(call, arguments.save, screen)
            return _outcome(call, screen, typed=typed) or unsaved
    except (NothingToCall, JambonzError) as error:
        return fail(str(error))
    finally:
        screen.close()


def _misused(why: str) -> int:
    fail(why)
    return _USAGE


def _placed(
    called: Called, screen: Screen, arguments: argparse.Namespace, sound: PlaysSound | None, *, typed: bool
) -> PlacedCall:
    from .calling.placed import PlacedCall

    speed = arguments.speed or 1.0
    pace = "" if speed == 1 else f", {speed:g} times as fast as a real call"
    screen.say(f"Calling {called.shown}{pace}." + (" /help tells what can be typed." if typed else ""))
    screen.say()
    facts: dict[str, Any] = {"headers": dict(arguments.header), "env": dict(arguments.env) or None}
    if arguments.from_ is not None:
        facts["from_"] = arguments.from_
    if arguments.to is not None:
        facts["to"] = arguments.to
    return PlacedCall(called.url, screen, typed=typed, speed=speed, tls=called.tls, sound=sound, facts=facts)


def _hold(call: PlacedCall, lines: Sequence[Line] | None, screen: Screen, *, editing: bool) -> None:
    """Hold the call to its end, with lines that are prepared, or are read meanwhile."""
    from .calling.interrupts import Interrupts
    from .calling.reading import Reader
    from .calling.terminal import read_lines

    for line in lines or ():
        call.take_line(line)
    if lines is not None:
        call.end_lines()
    interrupts = Interrupts(call.over, call.hang_up)
    call.on_over = interrupts.call_is_over
    with interrupts:
        call.start()
        if lines is not None:
            call.over.wait()
        elif not editing:
            with Reader(sys.stdin.fileno(), on_line=call.take_text, on_end=call.end_lines):
                call.over.wait()
        else:
            try:
                read_lines(interrupts, call.over, call.take_text)
                call.end_lines()
                call.over.wait()
            finally:
                screen.clear_row()


def _record(call: PlacedCall, path: pathlib.Path | None) -> None:
    if path is not None and call.transcript is not None:
        from ..testing.replay import record

        record(list(call.transcript.wire), path)


def _save(call: PlacedCall, path: pathlib.Path | None, screen: Screen) -> int:
    from .calling.saving import saved

    # Where nobody was reached there is nothing to tell of what was heard.
    if path is None or call.error is not None:
        return 0
    try:
        screen.say(saved(call, path))
    except OSError as error:
        return fail(f"cannot write {path}: {error.strerror or error}")
    return 0


def _outcome(call: PlacedCall, screen: Screen, *, typed: bool) -> int:
    """Tell how it went, and return the exit status. Raises what the call could not be held for."""
    from ..simulator.connection import CannotConnect

    if isinstance(call.error, CannotConnect):
        return fail(f"{call.error}{_hint(call.error)}")
    if call.error is not None:
        raise call.error
    assert call.transcript is not None
    assert call.transcript.ending is not None
    if call.unsaid:
        screen.say(f"The call was over before the caller had said everything: {call.unsaid} more to say.")
    if call.unheard:
        screen.say(f"The application has not listened to the caller's sound: {', '.join(call.unheard)} was not played.")
    ending = call.transcript.ending
    if ending.code == 1000:
        # Whoever types has read it, and typed something else.
        if not typed and call.misread:
            return _misused(f"{call.misread} of the caller's lines mean nothing")
        if not typed and call.misfits:
            return _misused("a sound was not heard, since the application listens at another rate")
        return 0
    more = ": mend what is named there, and call again" if ending.rejected else ""
    return fail(f"the call failed: {ending.reason}{more}")


def _hint(error: CannotConnect) -> str:
    if error.untrusted:
        return "; if it is your own, call with --insecure"
    if error.http_status == 404:
        return "; is the path the one of a service?"
    if error.http_status in (401, 403):
        return "; a user and a password go into the address, as in wss://user:password@host/path"
    return ""


COMMAND = Command(
    name="call",
    summary="be the caller: type what you say, and read what the application says, in real time",
    description=(
        "Calls an application as jambonz would, and you are the caller. What it says is printed as it is heard, and\n"
        "what jambonz does in dimmer lines. Type what you say, and Enter. Type #1 or #123# for keys, and /help for\n"
        "what else there is: /hangup, /silence, /sound, /drop, /busy, /answer, /noanswer, /model, /tool, /wire.\n"
        "What you type while the application speaks interrupts it where it allows that, and waits for its end where\n"
        "it does not. Ctrl-C and Ctrl-D hang up; a second Ctrl-C ends at once.\n"
        "\n"
        "The application may be written with anything. A script of this library is served for the call.\n"
        "\n"
        "With --script, or lines on stdin, the caller is prepared: each line is said when the application listens,\n"
        "and behind the last one the caller hangs up. Lines that begin with // are comments.\n"
        "\n"
        "What you type is words. An application that listens to the caller's sound hears silence, or a WAV file of\n"
        "16-bit samples, one channel, and the rate that it listens with: --sound plays one when it begins to listen,\n"
        "/sound FILE when you say so; in a prepared caller that is when the application listens and has fallen\n"
        "silent, and the next line waits for its end. --save writes down what was heard.\n"
        "\n"
        "It ends with 0 when the call has ended in order, with 1 when it has failed, and with 2 when the command\n"
        "line, or a line of a prepared caller, means nothing, or a WAV file cannot be heard as it is."
    ),
    examples=(
        "  jambonz-sync call app.py\n"
        "  jambonz-sync call app.py:/orders --from +15550100 --env LANGUAGE=en --header X-Account=42\n"
        "  jambonz-sync call ws://127.0.0.1:3000/echo --wire\n"
        "  jambonz-sync call wss://user:password@localhost:8443/menu --insecure\n"
        "  jambonz-sync call app.py --script caller.txt --speed 20 --record tests/lost-order.jsonl\n"
        "  jambonz-sync call app.py < caller.txt > conversation.txt\n"
        "  jambonz-sync call examples/voicemail.py --sound message.wav\n"
        "  jambonz-sync call examples/voice_echo.py --sound message.wav --save both.wav"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
