"""The application that holds the calls of :mod:`.held_calls`: it answers one question after the other.

::

    $ PORT=3000 python -m benchmarks.held_application
"""

from __future__ import annotations

import os

from jambonz_sync import Session, create_endpoint

__all__ = ["application", "main"]

#: What gunicorn serves.
application = create_endpoint(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))


@application.make_service("/app").on("session:new")
def answer(session: Session) -> None:
    """Ask, and repeat what was said."""
    session.gather(input=["speech"], action_hook="/heard", timeout=15).send()
    while True:
        evt = session.wait_for("/heard")
        session.say(f"You said {evt.transcript}.").gather(input=["speech"], action_hook="/heard", timeout=15).reply()


def main() -> None:
    """Listen until SIGTERM."""
    application.serve_forever(drain=0.0)


if __name__ == "__main__":
    main()
