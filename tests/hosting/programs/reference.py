"""The server of the standard library: ``python -m tests.hosting.programs.reference package.module:application``."""

from __future__ import annotations

import os
import sys
from wsgiref.simple_server import make_server

from tests.hosting.programs.development import application_of

__all__ = ["main"]


def main(target: str) -> None:
    """Serve an application, one request after the other."""
    with make_server("127.0.0.1", int(os.environ["PORT"]), application_of(target)) as server:
        server.serve_forever()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
