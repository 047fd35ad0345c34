"""Werkzeug's own server.

.. code-block:: console

    $ python -m tests.hosting.programs.development package.module:application
    $ python -m tests.hosting.programs.development package.module:application one-thread
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from werkzeug.serving import run_simple

__all__ = ["application_of", "main"]


def application_of(target: str) -> Any:
    """Import what is named by a module and a name in it."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def main(target: str, threads: str = "") -> None:
    """Serve an application, with a thread for each request, or with one for them all."""
    run_simple("127.0.0.1", int(os.environ["PORT"]), application_of(target), threaded=threads != "one-thread")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
