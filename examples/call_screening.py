"""Ask callers for their name, and let the person they want decide whether to take the call.

Start it with ``python examples/call_screening.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/call_screening.py``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

PERSON = os.environ.get("PERSON", "+15550143222")

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
screening = endpoint.make_service(path="/app")


@screening.on("session:new")
def answer(session):
    name = session.ask("Who is calling, please?", input=["speech"], attempts=2)
    question = f"{name or 'Somebody without a name'} is calling. Press 1 to take the call."
    ask = {"verb": "gather", "num_digits": 1, "timeout": 8, "say": question, "action_hook": "/decision"}
    # What the person hears who is called. The hangup is theirs, and follows unless something else takes its place.
    session.on("/screen", reply=[ask, {"verb": "hangup"}])
    session.locals.taken = False

    @session.on("/decision")
    def decide(evt):
        if evt.digits == "1":
            session.locals.taken = True
            session.say("Connecting you.").reply()

    session.say("One moment.").put_through(PERSON, timeout=20, confirm_hook="/screen")
    if not session.locals.taken:
        session.say("Nobody can take your call now. Goodbye.")
    session.hangup().send()


if __name__ == "__main__":
    endpoint.serve_forever()
