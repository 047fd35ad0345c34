"""See what jambonz does, verb by verb: with ``notify_events`` it reports the start and the end of each.

Start it with ``python examples/watch_verbs.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/watch_verbs.py --wire``, which prints every report; ``#5`` is a number.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
watched = endpoint.make_service(path="/app")


@watched.on("session:new")
def answer(session):
    @session.on("verb:status")
    def report(evt):
        # The verb's name is under "name" in some reports and under "verb" in others.
        session.log.info("%s %s", evt.get("name") or evt.get("verb"), evt.event)

    session.config(notify_events=True)
    session.gather(
        id="q1",
        input=["digits"],
        num_digits=1,
        min_digits=1,
        action_hook="/q1",
        say={"id": "p1", "text": "Pick a number."},
    ).send()
    evt = session.wait_for("/q1")
    session.log.info("picked %s", evt.digits or "nothing")
    session.hangup().reply()


if __name__ == "__main__":
    endpoint.serve_forever()
