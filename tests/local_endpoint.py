"""An endpoint on this machine, and plain HTTP requests to it."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Mapping
from typing import Any

from jambonz_sync import Endpoint, create_endpoint

__all__ = ["local_endpoint", "request"]


def local_endpoint(**options: Any) -> Endpoint:
    """An endpoint on a free port of this machine."""
    return create_endpoint(host="127.0.0.1", port=0, **options)


def request(
    endpoint: Endpoint, method: str, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Send a plain HTTP request; return status, headers and body."""
    host, _, port = endpoint.url.rpartition("//")[2].rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
