"""The application of :mod:`.growth`: that of held calls, among as many services as its argument says.

::

    $ PORT=3000 python -m benchmarks.growth_application 1000
"""

from __future__ import annotations

import sys

from .held_application import answer, application

__all__ = ["main"]


def main() -> None:
    """Listen until SIGTERM."""
    for number in range(int(sys.argv[1]) - 1):
        application.make_service(f"/app-{number}").on("session:new", answer)
    application.serve_forever(drain=0.0)


if __name__ == "__main__":
    main()
