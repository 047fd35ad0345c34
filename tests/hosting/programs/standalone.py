"""The endpoint listens by itself: ``python -m tests.hosting.programs.standalone``."""

from __future__ import annotations

import os
import sys

from jambonz_sync import create_endpoint
from tests.hosting.programs.phone import add_services, log_to_stderr

__all__ = ["main"]


def main() -> None:
    """Serve, with the port and the files of the certificate as the environment says."""
    log_to_stderr()
    pem = os.environ.get("CERTIFICATE")
    endpoint = create_endpoint(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        ssl_context=(pem, os.environ["PRIVATE_KEY"]) if pem else None,
    )
    add_services(endpoint)
    endpoint.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
