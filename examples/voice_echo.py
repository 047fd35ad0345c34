"""Send back the caller's own voice, half a second late, until a key is pressed.

Start it with ``python examples/voice_echo.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/voice_echo.py``; ``#1`` is a key. The caller there is silent, or heard
from a file: ``--sound message.wav --save both.wav``.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
calls = endpoint.make_service(path="/app")
voices = endpoint.make_audio_service("/voices")


@calls.on("session:new")
def answer(session):
    session.say("Whatever you say comes back to you. Press any key to stop.")
    # Both ways at once, and in both at the same rate.
    both_ways = {"enabled": True, "streaming": True, "sample_rate": 8000}
    session.listen("/voices", sample_rate=8000, pass_dtmf=True, bidirectional_audio=both_ways).run()
    session.say("Goodbye.").run()


@voices.on("connection")
def echo(stream):
    # Handlers run while the loop below waits for the next frame.
    stream.on("dtmf", lambda evt: stream.disconnect())
    stream.send_audio(bytes(8000))
    for frame in stream:
        stream.send_audio(frame)


if __name__ == "__main__":
    endpoint.serve_forever()
