"""Greet the caller and hang up.

Start it with ``python examples/hello_world.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
The application variable ``GREETING``, if the operator has set it, replaces the "Hello".
Without a phone: ``jambonz-sync call examples/hello_world.py --env GREETING=Welcome``.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
hello = endpoint.make_service(path="/app")


@hello.on("session:new")
def answer(session):
    greeting = session.env.get("GREETING", "Hello")
    # A short pause: many phones swallow the first half second.
    session.pause(0.5).say(f"{greeting} from the test bench.").hangup().send()


if __name__ == "__main__":
    endpoint.serve_forever()
