"""``jambonz-sync run``: serve the endpoint of a script."""

from __future__ import annotations

import argparse
import contextlib
import pathlib

from .command import Command, fail

__all__ = ["COMMAND"]

_LEVELS = ("debug", "info", "warning", "error")


def _port(text: str) -> int:
    with contextlib.suppress(ValueError):
        port = int(text)
        if 0 <= port <= 65535:
            return port
    raise argparse.ArgumentTypeError(f"a number from 0 to 65535, not {text!r}")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script",
        metavar="SCRIPT[:NAME]",
        help="the script; behind a colon, the variable that holds the endpoint, where there are several",
    )
    parser.add_argument("--host", help="the address to listen on, in place of the one in the script")
    parser.add_argument(
        "--port", type=_port, metavar="N", help="the port, in place of the one in the script; 0 takes a free one"
    )
    parser.add_argument(
        "--reload", action="store_true", help="start again whenever a file of the script changes; ends running calls"
    )
    parser.add_argument(
        "--log-level",
        choices=_LEVELS,
        metavar="LEVEL",
        help=f"what to tell of calls, on stderr: {', '.join(_LEVELS)}; by default info",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_const", dest="log_level", const="debug", help="the same as --log-level debug"
    )
    parser.add_argument(
        "--record",
        type=pathlib.Path,
        metavar="DIR",
        help="write every message of every call to a file of its own in a folder, for jambonz.replay in a test",
    )
    parser.add_argument("--watched-by", type=int, help=argparse.SUPPRESS)


def _run(arguments: argparse.Namespace) -> int:
    from .script import ScriptError, file_of

    try:
        script = file_of(arguments.script)
    except ScriptError as error:
        return fail(str(error))
    if arguments.reload:
        from .reloading import serve_and_watch

        return serve_and_watch(script, _again(arguments))
    if arguments.watched_by is not None:
        from .reloading import watched_by

        watched_by(arguments.watched_by, script)
    return _serve(arguments)


def _again(arguments: argparse.Namespace) -> list[str]:
    """Return the arguments once more, without ``--reload``."""
    options = {
        "--host": arguments.host,
        "--port": arguments.port,
        "--log-level": arguments.log_level,
        "--record": arguments.record,
    }
    given = [f"{name}={value}" for name, value in options.items() if value is not None]
    return [*given, "--", arguments.script]


def _serve(arguments: argparse.Namespace) -> int:
    from ..exceptions import EndpointError
    from .script import ScriptError, load

    try:
        endpoint = load(arguments.script).endpoint
        endpoint.listen_at(host=arguments.host, port=arguments.port)
        if arguments.log_level is not None:
            endpoint.logger.setLevel(arguments.log_level.upper())
        if arguments.record is not None:
            try:
                endpoint.record_calls(arguments.record)
            except OSError as error:
                return fail(f"cannot record in {arguments.record}: {error.strerror or error}")
        endpoint.serve_forever()
    except (ScriptError, EndpointError) as error:
        return fail(str(error))
    return 0


COMMAND = Command(
    name="run",
    summary="serve the endpoint of a script, and start again when its files change",
    description=(
        "Loads a script and serves its endpoint, with or without a serve_forever() in it, until Ctrl-C or SIGTERM.\n"
        "Both end it in order, with status 0.\n"
        "\n"
        "With --reload it watches the Python files in the script's folder, and those below it that the script imports."
    ),
    examples=(
        "  jambonz-sync run app.py\n"
        "  jambonz-sync run app.py --reload -v\n"
        "  jambonz-sync run app.py:endpoint --host 127.0.0.1 --port 3001\n"
        "  jambonz-sync run app.py --record calls"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
