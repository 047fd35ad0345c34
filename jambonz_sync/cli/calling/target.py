"""What is called: an address, or the service of a script, which is served on this machine for as long as the call.

::

    with target("app.py:/orders", logged=handler) as called:
        print(called.url)
"""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from ...endpoint import Endpoint
from ...simulator.handshake import Address
from ..script import Loaded, ScriptError, load

__all__ = ["Called", "NothingToCall", "is_address", "target", "unverified"]

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

#: Behind a script: the path of one of its services.
_PATH = re.compile(r"(?P<script>.+):(?P<path>/[^:]*|\*)")


class NothingToCall(Exception):
    """There is nothing to call. The text says why, and what to do."""


class Called(NamedTuple):
    """Where an application listens. ``shown`` is the same without secrets; ``tls`` how it is spoken to."""

    url: str
    shown: str
    tls: ssl.SSLContext | None


def is_address(spec: str) -> bool:
    """Return whether it looks like an address, and not like a script."""
    return _ADDRESS.match(spec) is not None


@contextlib.contextmanager
def target(spec: str, *, insecure: bool, logged: logging.Handler) -> Iterator[Called]:
    """Return what is meant by an address, ``"app.py"``, ``"app.py:service"`` or ``"app.py:/path"``; serve a script.

    ``insecure``: whether a certificate is not verified.

    ``logged`` gets the log of a script.

    Raises :exc:`NothingToCall`.
    """
    if is_address(spec):
        yield _address(spec, insecure=insecure)
    else:
        with _served(spec, logged) as called:
            yield called


def unverified() -> ssl.SSLContext:
    """Return how TLS is spoken with somebody whose certificate nobody vouches for."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _address(url: str, *, insecure: bool) -> Called:
    try:
        shown = str(Address(url))
    except ValueError:
        scheme = urlsplit(url).scheme.lower()
        guess = {"http": "ws", "https": "wss"}.get(scheme)
        hint = f"; did you mean {guess}{url[len(scheme) :]}?" if guess else ""
        raise NothingToCall(
            f"an address is such as ws://127.0.0.1:3000/path or wss://example.com/path, not {url}{hint}"
        ) from None
    # At a terminal nobody wants to wait for the attempts that jambonz makes, unless the address asks for them.
    return Called(url if "#" in url else f"{url}#rp=none", shown, unverified() if insecure else None)


@contextlib.contextmanager
def _served(spec: str, logged: logging.Handler) -> Iterator[Called]:
    endpoint, path = _service(spec)
    endpoint.listen_at(host="127.0.0.1", port=0)
    endpoint.logger.addHandler(logged)
    try:
        with endpoint:
            url = endpoint.url + path
            # It is ours, and its certificate is hardly one for 127.0.0.1.
            yield Called(f"{url}#rp=none", url, unverified())
    finally:
        endpoint.logger.removeHandler(logged)


def _service(spec: str) -> tuple[Endpoint, str]:
    """Return the endpoint of a script, and the path to call."""
    named = _PATH.fullmatch(spec)
    try:
        loaded = load(spec if named is None else named["script"])
    except ScriptError as error:
        raise NothingToCall(str(error)) from error
    if named is None:
        return loaded.endpoint, _only_path(loaded)
    path = "/" if named["path"] == "*" else named["path"]
    if loaded.endpoint.find_service(path) is None:
        raise NothingToCall(f"{loaded.path.name} has no service at {path}; {_has(loaded)}")
    return loaded.endpoint, path


def _only_path(loaded: Loaded) -> str:
    paths = loaded.endpoint.paths if loaded.service is None else [loaded.service.path]
    if not paths:
        raise NothingToCall(f"{loaded.path.name} has no service: make one, service = endpoint.make_service(path='/')")
    if len(paths) > 1:
        raise NothingToCall(f"{_has(loaded)}: name the one to call, {loaded.path.name}:{paths[0]}")
    return "/" if paths[0] == "*" else paths[0]


def _has(loaded: Loaded) -> str:
    paths = loaded.endpoint.paths
    return f"{loaded.path.name} has the services {' and '.join(paths)}" if paths else "it has none at all"
