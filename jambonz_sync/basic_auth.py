"""Who may connect, by user name and password (RFC 7617)."""

from __future__ import annotations

import base64
import hmac
import inspect
from collections.abc import Callable

__all__ = ["Auth", "admits", "checked"]

#: A user name and its password, or a function that is asked for each connection: ``fn(user, password) -> bool``.
Auth = tuple[str, str] | Callable[[str, str], bool]


def checked(auth: Auth | None) -> Auth | None:
    """Return ``auth`` if it can be one. Raises :exc:`TypeError` or :exc:`ValueError`, in which no password is told."""
    if auth is None:
        return None
    if callable(auth):
        if inspect.iscoroutinefunction(auth) or inspect.iscoroutinefunction(type(auth).__call__):
            # What it returns is true, whatever the password.
            raise TypeError("auth must be a plain function; an async one would let everybody in")
        return auth
    if isinstance(auth, (tuple, list)) and len(auth) == 2 and all(isinstance(part, str) for part in auth):
        if ":" in auth[0]:
            raise ValueError("a user name has no colon in it: nobody could ever give this one (RFC 7617)")
        return (auth[0], auth[1])
    raise TypeError(f'auth is a pair ("user", "password"), or a function of the two; not {type(auth).__name__}')


def admits(auth: Auth, header: str) -> bool:
    """Tell whether the ``Authorization`` header of a request names somebody who may connect."""
    given = _credentials(header)
    if given is None:
        return False
    if callable(auth):
        return bool(auth(*given))
    # Both are compared, and in constant time, so that the time an answer takes tells nothing of either.
    same = [hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(auth, given, strict=True)]
    return all(same)


def _credentials(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None
