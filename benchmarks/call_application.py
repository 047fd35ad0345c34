"""The application whose turns are measured by :mod:`.calls`: it says back what the caller says.

::

    $ PORT=3000 python -m benchmarks.call_application

On another path it streams an answer of many words, as a language model writes it.
"""

from __future__ import annotations

import os

from jambonz_sync import Session, create_endpoint

from .call_words import WORDS

__all__ = ["application", "main"]

#: What gunicorn serves.
application = create_endpoint(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))


@application.make_service("/echo").on("session:new")
def answer(session: Session) -> None:
    """Ask, and repeat what was said."""
    session.say("Say something.").gather(input=["speech"], action_hook="/heard", timeout=15).send()
    while True:
        evt = session.wait_for("/heard")
        session.say(f"You said: {evt.transcript}")
        session.gather(input=["speech"], action_hook="/heard", timeout=15).reply()


@application.make_service("/stream").on("session:new")
def tell(session: Session) -> None:
    """Listen, and stream a long answer."""
    session.config(tts_stream={"enable": True}).gather(input=["speech"], action_hook="/heard", timeout=15).send()
    while True:
        session.wait_for("/heard")
        session.gather(input=["speech"], action_hook="/heard", timeout=15).reply()
        session.stream_tts(WORDS)


def main() -> None:
    """Listen until SIGTERM."""
    application.serve_forever(drain=0.0)


if __name__ == "__main__":
    main()
