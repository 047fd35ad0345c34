"""Take down a shopping list by phone, and go on with it when the process that held the call is gone.

``gunicorn`` in this folder serves it with several workers, ``python phone.py`` by itself. jambonz is given the address
``ws://<this machine>:3000/app``.

What is known of a call that comes from another process is what jambonz repeats: the facts it began with, such as
``session.call_sid``, ``session.from_`` and ``session.env``. What has been said since is gone, and so is every variable
of the function that held it. So each item is noted, under the sid of the call, in a folder that all workers of this
machine share; for several machines it must be a database.
"""

import contextlib
import hashlib
import logging
import os
import pathlib
import time

from jambonz_sync import create_endpoint

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(asctime)s %(levelname)s %(name)s: %(message)s")

NOTES = pathlib.Path(os.environ.get("NOTES", "notes"))

endpoint = create_endpoint(
    host=os.environ.get("HOST", "0.0.0.0"),
    port=int(os.environ.get("PORT", "3000")),
    # For each process. Below the threads of a gunicorn worker, see gunicorn.conf.py.
    max_calls=int(os.environ.get("MAX_CALLS", "180")),
)
#: What gunicorn serves.
application = endpoint
phone = endpoint.make_service(path="/app")


# One file for each call. What was left behind by calls whose callers have hung up goes when a worker starts.
NOTES.mkdir(parents=True, exist_ok=True)
for file in NOTES.iterdir():
    with contextlib.suppress(FileNotFoundError):  # another worker does the same
        if file.stat().st_mtime < time.time() - 86_400:
            file.unlink()


def notes(session):
    # Whatever is in a sid, this is the name of a file.
    return NOTES / hashlib.sha256(session.call_sid.encode()).hexdigest()


def noted(session):
    return notes(session).read_text().splitlines() if notes(session).exists() else []


def listen(session, prompt):
    return session.gather(input=["speech"], action_hook="/item", timeout=8, say={"text": prompt})


@phone.on("session:new")
def answer(session):
    listen(session, "What do you need? One thing at a time, please.").send()
    take_down(session)


@phone.on("session:reconnect")
def go_on(session):
    items = noted(session)
    # It replaces what jambonz still plays or waits for: the answer may have been lost with the process.
    listen(session, f"Sorry, where were we? I have {items[-1]}." if items else "Sorry, once more please.").send()
    take_down(session)


def take_down(session):
    while True:
        evt = session.wait_for("/item")
        if evt.reason == "timeout":
            session.say(f"That makes {len(noted(session))}. Goodbye.").reply()
            # Not in a `finally`: this function ends in the middle both when the caller hangs up and when its process
            # is stopped, and then the next one needs them.
            notes(session).unlink(missing_ok=True)
            return  # hangs up once that has been said
        with notes(session).open("a") as file:
            file.write(f"{evt.transcript}\n")
        listen(session, f"{evt.transcript}. What else?").reply()


if __name__ == "__main__":
    # Longer than most conversations; whoever sends SIGTERM must be more patient than that.
    endpoint.serve_forever(drain=float(os.environ.get("DRAIN", "50")))
