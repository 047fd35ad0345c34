"""Ring everybody who is on duty at once, then the manager, and note a number to call back if nobody is there.

Start it with ``python examples/dial_with_fallback.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/dial_with_fallback.py``. Everybody answers there, unless you type
``/noanswer`` or ``/busy`` beforehand, once for each time that it rings.
"""

import os

from jambonz_sync import create_endpoint

# Of each stage all are rung together, and whoever is first gets the call.
STAGES = {
    "the desk": ["+15550143210", "+15550143211", "sip:reception@example.com"],
    "the manager": ["+15550143299"],
}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
reception = endpoint.make_service(path="/app")


@reception.on("session:new")
def answer(session):
    session.say("Welcome.")
    for place, people in STAGES.items():
        outcome = session.say(f"I am ringing {place}.").put_through(people, timeout=15, caller_id=session.from_)
        if outcome.answered:
            return  # hangs up: the two have talked
        session.say("The line is busy." if outcome.busy else "Nobody answers.")
    number = session.ask("Key in a number, and we call you back.", input="digits", num_digits=10, attempts=2)
    session.log.info("%s wants to be called back on %s", session.from_, number or "no other number")
    session.say(f"We call you on {' '.join(number.text)}. Goodbye." if number else "Please call again. Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
