"""The ways to serve: those that the library is said to work under, and those that cannot hold a call."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["KINDS", "UNFIT", "Kind"]


class Kind(NamedTuple):
    """A way to serve.

    * ``name``: what people call it
    * ``command``: what is run, with ``{port}``, ``{folder}`` and ``{threads}`` to be filled in
    * ``mount``: what stands before the paths of the services
    * ``flask``: whether what is no call is answered by Flask
    * ``forks``: whether children of the process do the work
    * ``pool``: whether its threads are kept for other requests
    * ``logs_access``: whether each request has a line in its log
    * ``behind_nginx``, ``tls``: what is between it and its clients
    * ``status``: the exit status after SIGTERM
    """

    name: str
    command: Sequence[str]
    mount: str = ""
    flask: bool = False
    forks: bool = False
    pool: bool = False
    logs_access: bool = False
    behind_nginx: bool = False
    tls: bool = False
    status: int = 0


def _gunicorn(target: str, *options: str) -> Sequence[str]:
    """The command line of gunicorn, without the socket that it would make in the home directory."""
    return (
        *(sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--no-control-socket"),
        *("--worker-tmp-dir", "{folder}", "--access-logfile", "{folder}/access.log"),
        # Less than a test waits, should a call be left over.
        *("--graceful-timeout", "10", *options, f"tests.hosting.programs.{target}"),
    )


def _python(program: str, *arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", f"tests.hosting.programs.{program}", *arguments)


def _development(target: str) -> Sequence[str]:
    return _python("development", f"tests.hosting.programs.{target}")


_GTHREAD = ("--worker-class", "gthread", "--threads", "{threads}")

# Werkzeug's own server, waitress and wsgiref have no handler for SIGTERM.
_KINDS = (
    Kind("standalone", _python("standalone")),
    Kind("standalone with TLS", _python("standalone"), tls=True),
    Kind("standalone behind nginx", _python("standalone"), behind_nginx=True),
    Kind("gunicorn gthread", _gunicorn("wsgi:application", *_GTHREAD), forks=True, pool=True, logs_access=True),
    Kind(
        "gunicorn gthread with two workers",
        _gunicorn("wsgi:application", *_GTHREAD, "--workers", "2"),
        forks=True,
        pool=True,
        logs_access=True,
    ),
    Kind(
        "gunicorn gthread behind nginx",
        _gunicorn("wsgi:application", *_GTHREAD),
        forks=True,
        pool=True,
        logs_access=True,
        behind_nginx=True,
    ),
    Kind("gunicorn gevent", _gunicorn("wsgi:application", "--worker-class", "gevent"), forks=True, logs_access=True),
    Kind("werkzeug", _development("wsgi:application"), logs_access=True, status=-signal.SIGTERM),
    Kind(
        "below a prefix",
        _development("wsgi:below_a_prefix"),
        mount="/phone",
        logs_access=True,
        status=-signal.SIGTERM,
    ),
    Kind(
        "flask factory",
        _gunicorn("flask_factory:create_app()", *_GTHREAD),
        flask=True,
        forks=True,
        pool=True,
        logs_access=True,
    ),
    Kind(
        "flask blueprint",
        _development("flask_blueprint:app"),
        mount="/phone",
        flask=True,
        logs_access=True,
        status=-signal.SIGTERM,
    ),
)

#: The servers that can hold calls, by name.
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}

_WSGI = "tests.hosting.programs.wsgi:application"

#: The servers that cannot, by name.
UNFIT: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("gunicorn sync", _gunicorn("wsgi:application"), forks=True),
        Kind(
            "waitress",
            (sys.executable, "-m", "waitress", "--listen=127.0.0.1:{port}", _WSGI),
            status=-signal.SIGTERM,
        ),
        Kind("wsgiref", _python("reference", _WSGI), status=-signal.SIGTERM),
        Kind("werkzeug with one thread", _python("development", _WSGI, "one-thread"), status=-signal.SIGTERM),
    )
}
