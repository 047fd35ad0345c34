"""The echo application of the documentation: it repeats what the caller says.

::

    endpoint = create_endpoint(port=3000)
    make_echo(endpoint)
    endpoint.serve_forever()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from ..service import Service
    from ..session import Session

__all__ = ["make_echo"]


def make_echo(endpoint: Endpoint) -> Service:
    """Make the service, at ``/echo``."""
    echo = endpoint.make_service(path="/echo")

    @echo.on("session:new")
    def answer(session: Session) -> None:
        session.say("Say something.").gather(input=["speech"], action_hook="/transcript", timeout=15).send()
        while True:
            evt = session.wait_for("/transcript")  # CallEnded unwinds the handler when the caller hangs up
            if evt.reason == "timeout":
                session.say("Goodbye.").reply()
                return  # hangs up once that has been said
            session.say(f"You said: {evt.transcript}")
            session.gather(input=["speech"], action_hook="/transcript", timeout=15).reply()

    return echo
