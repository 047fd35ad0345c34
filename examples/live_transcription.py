"""Listen beside the conversation, cut what the caller says into utterances, and hand each to a transcriber.

Start it with ``python examples/live_transcription.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Put a call of your transcriber into ``transcribe``; as it is, it only tells how long each utterance was.
Without a phone: ``jambonz-sync call examples/live_transcription.py``, whose caller is silent unless you give
him a voice: ``--sound message.wav``.
"""

import array
import concurrent.futures
import os

from jambonz_sync import create_endpoint

LOUD = 500  # of 32,767
PAUSE = 0.6  # seconds that end an utterance

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
calls = endpoint.make_service(path="/app")
voices = endpoint.make_audio_service("/voices")
workers = concurrent.futures.ThreadPoolExecutor(8)


@calls.on("session:new")
def answer(session):
    session.config(listen={"enable": True, "url": "/voices"})
    session.say("Tell me anything, and press a key when you are done.")
    session.gather(input=["digits"], num_digits=1, timeout=60).run()
    session.say("Thank you. Goodbye.").run()


@voices.on("connection")
def listen(stream):
    utterance, quiet = b"", 0.0
    for frame in stream.frames(0.1):
        quiet = 0.0 if max(array.array("h", frame)) > LOUD else quiet + 0.1
        if utterance or not quiet:
            utterance += frame
        if utterance and quiet >= PAUSE:
            # On another thread: whoever reads slowly loses what the caller says next.
            workers.submit(transcribe, stream, utterance)
            utterance = b""
    if utterance:
        transcribe(stream, utterance)


def transcribe(stream, utterance):
    seconds = len(utterance) / 2 / stream.sample_rate
    stream.log.info("the caller has spoken for %.1f seconds", seconds - PAUSE)


if __name__ == "__main__":
    endpoint.serve_forever()
