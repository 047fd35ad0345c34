"""Record a call to an agent if the caller agrees; the two pause it by keys, for the number of a card, say.

Start it with ``python examples/call_recording.py`` and give jambonz the address ``ws://<this machine>:3000/app``. The
environment variable ``RECORDER`` names a SIPREC server, and ``AGENT`` who takes the calls.
Without a phone: ``jambonz-sync call examples/call_recording.py``, and type ``#1``. The agent hangs up soon; nothing
is recorded there, but you see when it would be.
"""

import os

from jambonz_sync import create_endpoint

RECORDER = os.environ.get("RECORDER", "sip:recorder@example.com")
AGENT = os.environ.get("AGENT", "+15550143222")

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
hotline = endpoint.make_service(path="/app")


@hotline.on("session:new")
def answer(session):
    question = "May we record this call? Press 1 for yes and 2 for no."
    agreed = session.menu(question, {"1": True, "2": False}, default=False, attempts=2)
    keys = {}
    if agreed:
        session.config(record={"action": "startCallRecording", "siprec_server_url": RECORDER})
        session.say("Thank you. Star 1 pauses the recording, star 2 resumes it.")
        keys = {"dtmf_capture": ["*1", "*2"], "dtmf_hook": "/keys"}

    @session.on("/keys")
    def pause(evt):
        # Beside the conversation, which goes on.
        session.inject_record("pauseCallRecording" if evt.dtmf == "*1" else "resumeCallRecording")

    outcome = session.put_through(AGENT, timeout=20, **keys)
    if agreed:
        session.inject_record("stopCallRecording")
    if not outcome.answered:
        session.say("Nobody is free. Please call again.").run()
        return
    marks = session.ask("How did we do? Press 1 for badly, up to 5 for very well.", input="digits", num_digits=1)
    session.log.info("the agent got %s of 5", marks or "no marks")
    session.say("Thank you. Goodbye.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
