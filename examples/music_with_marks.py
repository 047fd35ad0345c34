"""Play a tune that the caller stops with a key, and know by the marks in it how much of it was heard.

Start it with ``python examples/music_with_marks.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/music_with_marks.py``, and wait for the end, or type ``#1`` for a key.
"""

import array
import math
import os

from jambonz_sync import create_endpoint

RATE = 8000
SCALE = {"c": 262, "d": 294, "e": 330, "f": 349, "g": 392, "a": 440}
TUNE = "c d e f g g a a a a g".split()

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
calls = endpoint.make_service(path="/app")
music = endpoint.make_audio_service("/music")


@calls.on("session:new")
def answer(session):
    session.locals.notes = 0
    session.say("Press any key to stop the music.")
    streaming = {"enabled": True, "streaming": True, "sample_rate": RATE}
    session.listen("/music", pass_dtmf=True, bidirectional_audio=streaming).run()
    session.say(f"You have heard {session.locals.notes} of {len(TUNE)} notes.").run()


def sound_of(note):
    wave = (math.sin(2 * math.pi * SCALE[note] * at / RATE) for at in range(RATE // 2))
    return array.array("h", (round(8000 * height) for height in wave))


@music.on("connection")
def play(stream):
    stream.on("dtmf", lambda evt: stream.kill_audio())
    for note in TUNE:
        stream.send_audio(sound_of(note))
        stream.send_mark(f"a note {note}")
    # The last one would not be heard to its end.
    stream.flush_audio()
    for _ in TUNE:
        if stream.wait_for("mark").event == "cleared":
            break
        stream.session.locals.notes += 1
    stream.disconnect()


if __name__ == "__main__":
    endpoint.serve_forever()
