"""Ask for a number, and look something up that takes its time, while the caller hears music.

Start it with ``python examples/parcel_desk.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/parcel_desk.py``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

MUSIC = os.environ.get("MUSIC", "https://example.com/hold-music.mp3")
PARCELS = {"1234": "on its way", "5678": "at your neighbour's"}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
desk = endpoint.make_service(path="/app")


def look_up(session, number):
    session.sleep(4)  # a slow database
    return PARCELS.get(number)


@desk.on("session:new")
def answer(session):
    number = session.ask("Please key in the number of your parcel.", input=["digits"], num_digits=4, attempts=2)
    if not number:
        session.say("I got no number. Goodbye.").run()
        return
    session.say("One moment, please.")
    with session.hold(MUSIC):
        place = look_up(session, number.text)
    session.say(f"Your parcel is {place}. Goodbye." if place else "I do not know that parcel. Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
