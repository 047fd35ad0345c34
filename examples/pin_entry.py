"""Ask for a code, by voice or keys; after a silence ask once more for keys alone.

Start it with ``python examples/pin_entry.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/pin_entry.py``. Type words, or ``#4711`` for keys, or ``/silence``.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
pin = endpoint.make_service(path="/app")


@pin.on("session:new")
def answer(session):
    # What stands behind the gather is said only if its hook is answered without verbs.
    session.gather(
        input=["speech", "digits"], num_digits=4, timeout=5, action_hook="/pin", say={"text": "Your code, please."}
    )
    session.say("Nothing came through.").hangup().send()

    evt = session.wait_for("/pin")
    if evt.reason == "timeout":
        session.gather(input=["digits"], num_digits=4, timeout=5, action_hook="/pin2", say={"text": "Use the keypad."})
        session.say("Goodbye.").hangup().reply()
        evt = session.wait_for("/pin2")
    if evt.reason == "timeout":
        session.reply()  # no verbs: jambonz goes on with the goodbye
    else:
        session.say(f"Thank you. You entered {evt.digits or evt.transcript}.").hangup().reply()


if __name__ == "__main__":
    endpoint.serve_forever()
