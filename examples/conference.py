"""A meeting that begins when its host comes, and ends with the host: until then the others hear music.

Start it with ``python examples/conference.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/conference.py``. Type ``#1234`` to be the host; as a guest, with
``#5678``, you hear the music until you type ``/hangup``.
"""

import os

from jambonz_sync import create_endpoint

MUSIC = os.environ.get("MUSIC", "https://example.com/hold-music.mp3")
PINS = {"1234": "host", "5678": "guest"}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
meetings = endpoint.make_service(path="/app")


@meetings.on("session:new")
def answer(session):
    wrong = "There is no such PIN. Please try again."
    role = session.ask("Your PIN, please.", input="digits", num_digits=4, attempts=3, reprompt=wrong, validate=PINS.get)
    if not role:
        session.say("Please ask your host for the PIN. Goodbye.").run()
        return
    # jambonz asks for these while the call's own function waits: for the music again each time that it is over.
    session.on("/music", reply=[{"verb": "play", "url": MUSIC}])
    session.on("/enter", reply=[{"verb": "say", "text": "You are now in the meeting."}])

    @session.on("/meeting")
    def count(evt):
        session.log.info("%s: %d are in the meeting", evt.event, evt.members)

    session.say(f"Welcome, {role.value}.").conference(
        name="weekly",
        start_conference_on_enter=role.value == "host",
        end_conference_on_exit=role.value == "host",
        wait_hook="/music",
        enter_hook="/enter",
        status_hook="/meeting",
        status_events=["join", "leave"],
    ).run()
    session.say("The meeting is over. Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
