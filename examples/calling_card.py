"""Connect callers to the numbers that they key in, one after the other, and tell them when their time is nearly up.

Start it with ``python examples/calling_card.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/calling_card.py``. Type ``#15550143007#`` for a number, and before that
``/answer 120`` for somebody who talks for two minutes, or ``/busy`` or ``/noanswer``.
"""

import os
import re

from jambonz_sync import WaitTimeout, create_endpoint

# Whoever calls what they like, for as long as they like, does so at your cost.
ALLOWED = re.compile(os.environ.get("ALLOWED", r"1555\d{7}"))
LIMIT, WARNING = 60, 10  # seconds: of a call, and before its end

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
cards = endpoint.make_service(path="/app")


def number_of(keys):
    return {"type": "phone", "number": f"+{keys}"} if ALLOWED.fullmatch(keys) else None


def connect(session, target):
    session.dial(target=[target], timeout=30, time_limit=LIMIT, caller_id=session.to, action_hook="/over").send()
    while True:
        evt = session.wait_for("/over", "call:status")
        if evt.name == "/over":
            return evt
        if evt.call_status == "in-progress" and evt.call_sid in session.legs:
            break  # somebody has answered
    try:
        return session.wait_for("/over", timeout=LIMIT - WARNING)
    except WaitTimeout:
        # Only the caller hears it, and the talk goes on.
        session.inject_whisper({"verb": "say", "text": f"You have {WARNING} more seconds."})
        return session.wait_for("/over")


@cards.on("session:new")
def answer(session):
    wrong = "That number cannot be called. Please key in another."
    asking = {"input": "digits", "attempts": 2, "reprompt": wrong, "validate": number_of}
    while number := session.ask("Key in a number, and the pound key.", **asking):
        evt = connect(session, number.value)
        session.say("Your call is over." if evt.answered else "The line is busy." if evt.busy else "Nobody answers.")
    session.say("Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
