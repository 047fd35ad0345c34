"""Say back whatever the caller says, until the caller says nothing.

Start it with ``python examples/echo.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/echo.py``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
echo = endpoint.make_service(path="/app")


def listen(session, prompt):
    return session.gather(input=["speech"], action_hook="/echo", timeout=8, say={"text": prompt})


@echo.on("session:new")
def answer(session):
    listen(session, "Say anything.").send()
    while True:
        evt = session.wait_for("/echo")
        if evt.reason == "timeout":
            session.say("Goodbye.").reply()
            return  # hangs up once that has been said
        session.say(f"I heard {evt.transcript}")
        listen(session, "Again please.").reply()


if __name__ == "__main__":
    endpoint.serve_forever()
