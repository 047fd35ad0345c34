"""Let two people talk who have no language in common: beside the other's own voice, each hears the translation.

Start it with ``python examples/realtime_translation.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
``translate`` is a stand-in that knows a few phrases: put a call of your translator there.
Without a phone: ``jambonz-sync call examples/realtime_translation.py``. Type ``#2`` to speak Spanish, and then, while
you are connected, ``buenos días``: it is said to the agent, who is silent.
"""

import os

from jambonz_sync import create_endpoint

AGENT, AGENTS_LANGUAGE = os.environ.get("AGENT", "+15550143222"), "en-US"
PHRASES = [
    {"en-US": "good morning", "es-ES": "buenos días", "nl-NL": "goedemorgen"},
    {"en-US": "where is my parcel", "es-ES": "dónde está mi paquete", "nl-NL": "waar is mijn pakje"},
    {"en-US": "it comes tomorrow", "es-ES": "llega mañana", "nl-NL": "het komt morgen"},
]

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
translator = endpoint.make_service(path="/app")


def translate(text, source, target):
    return next((phrase[target] for phrase in PHRASES if phrase[source] == text.lower()), text)


@translator.on("session:new")
def answer(session):
    choices = {"1": "en-US", "2": "es-ES", "3": "nl-NL"}
    callers = session.menu("For English press 1, para español 2, voor Nederlands 3.", choices, default="en-US")

    @session.on("/said")
    def pass_on(evt):
        # Channel 1 is the caller, channel 2 the agent; whoever listens hears it on a track of their own.
        caller, agent = session.call_sid, next((leg.sid for leg in session.legs.values() if not leg.ended), None)
        by_caller = evt.speech["channel_tag"] == 1
        source, target = (callers, AGENTS_LANGUAGE) if by_caller else (AGENTS_LANGUAGE, callers)
        said = {"text": translate(evt.transcript, source, target), "synthesizer": voice(target)}
        session.inject_dub(action="sayOnTrack", track="translation", say=said, call_sid=agent if by_caller else caller)

    def voice(language):
        return {"vendor": "default", "language": language}

    track = {"action": "addTrack", "track": "translation"}
    recognizer = {"vendor": "default", "language": callers, "alt_languages": [AGENTS_LANGUAGE]}
    hears = {"transcription_hook": "/said", "recognizer": recognizer}
    # The other's own voice is turned down on both sides.
    session.config(boost_audio_signal="-20 dB").dub(**track)
    session.put_through(AGENT, transcribe=hears, dub=[track], boost_audio_signal="-20 dB")
    session.hangup().send()


if __name__ == "__main__":
    endpoint.serve_forever()
