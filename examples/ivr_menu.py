"""A menu of two choices: opening hours, or a person on the phone.

Start it with ``python examples/ivr_menu.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/ivr_menu.py``. Type ``#1`` for the key 1; after ``/busy`` or ``/noanswer``
the person is not to be had.
"""

import os

from jambonz_sync import create_endpoint

PERSON = os.environ.get("PERSON", "+15550143222")

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
menu = endpoint.make_service(path="/app")


def ask(session):
    # The timeout between keys works only together with min_digits.
    return session.gather(
        id="menu",
        input=["digits"],
        num_digits=1,
        min_digits=1,
        inter_digit_timeout=3,
        timeout=6,
        action_hook="/menu",
        say={"text": "One for hours, two for a person."},
    )


@menu.on("session:new")
def answer(session):
    ask(session).send()
    for tries_left in (2, 1, 0):
        evt = session.wait_for("/menu")
        if evt.digits == "1":
            session.say("We open at nine.").hangup().reply()
            return
        if evt.digits == "2":
            connect(session)
            return
        session.say("No such choice.")
        if tries_left:
            ask(session).reply()
    session.say("Please call again.").hangup().reply()


def connect(session):
    session.say("One moment.").dial(target=[{"type": "phone", "number": PERSON}], action_hook="/dialled").reply()
    evt = session.wait_for("/dialled")
    if evt.dial_call_status != "completed":
        session.say("Nobody is free. Goodbye.").reply()


if __name__ == "__main__":
    endpoint.serve_forever()
