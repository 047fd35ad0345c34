"""The answer to an HTTP request that brings no call."""

from __future__ import annotations

import http
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["Reply"]

_TEXT = "text/plain; charset=utf-8"


class Reply(NamedTuple):
    """A whole HTTP response: ``status``, the ``text`` of its body, further ``headers``, and the type of the body."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    content_type: str = _TEXT

    @property
    def phrase(self) -> str:
        """The status with its phrase: ``404 Not Found``."""
        return f"{self.status} {http.HTTPStatus(self.status).phrase}"

    @property
    def body(self) -> bytes:
        """The body; a text ends with a line break."""
        if not self.text:
            return b""
        return self.text.encode() + (b"\n" if self.content_type == _TEXT else b"")

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """The headers that tell of the body, and the further ones."""
        # RFC 9110 section 8.6: none for an answer that has no content by its status.
        about = {"Content-Type": self.content_type, "Content-Length": str(len(self.body))}
        return [*({} if self.status == 204 else about).items(), *self.headers.items()]

    def encoded(self, *, head: bool = False) -> bytes:
        """Return it as it goes over a connection that ends with it; ``head`` leaves the body out, as HEAD wants it."""
        lines = [f"HTTP/1.1 {self.phrase}", *(f"{name}: {value}" for name, value in self.all_headers)]
        # RFC 9110 section 7.8: whoever sends Upgrade names it there.
        connection = "close, upgrade" if "Upgrade" in self.headers else "close"
        text = "\r\n".join([*lines, f"Connection: {connection}", "", ""])
        return text.encode("latin-1") + (b"" if head else self.body)
