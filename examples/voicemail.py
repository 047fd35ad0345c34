"""Take a message, and keep it as a WAV file.

Start it with ``python examples/voicemail.py`` and give jambonz the address ``ws://<this machine>:3000/app``. Messages
are kept in the directory that the environment variable ``MESSAGES`` names.
Without a phone: ``jambonz-sync call examples/voicemail.py``, and type ``##`` after the beep. That caller is
silent unless you give him a voice: ``--sound message.wav``.
"""

import os
import pathlib

from jambonz_sync import create_endpoint

MESSAGES = pathlib.Path(os.environ.get("MESSAGES", "messages"))

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
voicemail = endpoint.make_service(path="/app")


@voicemail.on("session:new")
def answer(session):
    session.say("Nobody is here. Leave a message after the beep, and press pound when you are done.")
    message = session.record(finish_on_key="#", max_length=120, silence=5)
    if message.seconds < 1:
        session.say("That was too short. Goodbye.").run()
        return
    MESSAGES.mkdir(exist_ok=True)
    path = MESSAGES / f"{session.call_sid}.wav"
    message.save(path)
    session.log.info("%s has left %.0f seconds: %s", session.from_, message.seconds, path)
    if message.reason != "hangup":
        session.say(f"Your message has {message.seconds:.0f} seconds. Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
