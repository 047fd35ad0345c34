"""What a middleware sees of a request to connect, and how it turns one away."""

from __future__ import annotations

import http
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Middleware", "Refusal", "Request"]

#: RFC 9110 section 5: a token, and latin-1 text without control characters.
_HEADER = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\xa0-\xff]*")
#: The headers that PEP 3333 has without ``HTTP_`` before their names.
_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


class Headers(Mapping[str, str]):
    """The headers of a request by name, in whatever case."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    @staticmethod
    def _key(name: str) -> str:
        key = name.upper().replace("-", "_")
        return key if key in _WITHOUT_PREFIX else f"HTTP_{key}"

    def __getitem__(self, name: str) -> str:
        key = self._key(name)
        if key not in self._environ:
            raise KeyError(name)
        return str(self._environ[key])

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_") or key in _WITHOUT_PREFIX:
                yield key.removeprefix("HTTP_").replace("_", "-").lower()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        # Some hold secrets, and whatever prints a request should not tell them.
        return f"<Headers {', '.join(self)}>"


class Request:
    """A request for a websocket, before it is answered: what a middleware decides by.

    ::

        def only_from_the_sbc(request):
            if request.peer != "10.0.0.5":
                return Refusal(403, "calls come from the SBC")


        endpoint = create_endpoint(middlewares=[only_from_the_sbc])

    ``environ`` is the whole request as PEP 3333 describes it.
    """

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.environ = environ
        #: The headers, by name in any case: ``request.headers["User-Agent"]``.
        self.headers: Mapping[str, str] = Headers(environ)

    def __repr__(self) -> str:
        return f"<Request for {self.path} from {self.peer}>"

    @property
    def path(self) -> str:
        """The path jambonz connects to, as services are named by it."""
        # PEP 3333: the bytes of the path, as latin-1 characters.
        return str(self.environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")

    @property
    def query(self) -> str:
        """What stands behind the question mark; empty without."""
        return str(self.environ.get("QUERY_STRING", ""))

    @property
    def peer(self) -> str:
        """The address of whoever connected: behind a proxy the proxy's, which names the other in a header."""
        return str(self.environ.get("REMOTE_ADDR", ""))


class Refusal:
    """What a middleware returns to turn a connection away, before any websocket is open.

    ::

        return Refusal(403, "not from there")

    * ``status``: the HTTP status, from 400 to 599. jambonz does not try again, and its caller hears the call rejected
    * ``text``: the body of the answer, for whoever looks into it
    * ``headers``: further headers

    Raises :exc:`ValueError` for another status, and for headers that cannot be sent.
    """

    def __init__(self, status: int, text: str = "", headers: Mapping[str, str] | None = None) -> None:
        if status not in http.HTTPStatus._value2member_map_ or not 400 <= status <= 599:
            raise ValueError(f"a refusal has an HTTP status from 400 to 599, such as 403; not {status!r}")
        self.status = status
        self.text = text
        self.headers = dict(headers or {})
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(f"{name}: {value}"):
                raise ValueError(
                    f"the header {name!r} cannot be sent: its name or its value has characters that break it"
                )

    def __repr__(self) -> str:
        return f"Refusal({self.status}, {self.text!r})"


#: Called with each request for a websocket; what it returns turns the connection away, ``None`` lets it on.
Middleware = Callable[[Request], Refusal | None]
