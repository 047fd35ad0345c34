"""Let callers wait in a queue, with music, until an agent takes them.

Start it with ``python examples/queue_with_hold_music.py``. Give jambonz the address ``ws://<this machine>:3000/app``
for the number that callers dial, and ``ws://<this machine>:3000/agent`` for the one that agents dial.
Without a phone: ``jambonz-sync call examples/queue_with_hold_music.py:/app``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

MUSIC = os.environ.get("MUSIC", "https://example.com/hold-music.mp3")

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
callers = endpoint.make_service(path="/app")
agents = endpoint.make_service(path="/agent")


@callers.on("session:new")
def wait(session):
    # jambonz asks again each time the music is over.
    session.on("/music", reply=[{"verb": "play", "url": MUSIC}])
    outcome = session.say("All agents are busy. Please hold.").enqueue("support", wait_hook="/music").run()
    if outcome.get("queue_result") == "bridged":
        session.say("Thank you for calling. Goodbye.").run()
    else:
        session.say("Something went wrong. Please call again.").run()


@agents.on("session:new")
def take_calls(session):
    session.say("Welcome. Stay on the line for your callers.")
    while session.active:
        outcome = session.dequeue("support", timeout=60, beep=True).run()
        if outcome.get("dequeue_result") == "timeout":
            session.say("Nobody is waiting yet.")


if __name__ == "__main__":
    endpoint.serve_forever()
