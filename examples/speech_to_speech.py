"""A speech-to-speech model on the phone, of whichever vendor the operator has chosen.

Start it with ``python examples/speech_to_speech.py`` and give jambonz the address ``ws://<this machine>:3000/app``. The
application variables ``VENDOR`` and ``KEY`` say whose model it is, and the key for it.
Without a phone, and without a key: ``jambonz-sync call examples/speech_to_speech.py --env VENDOR=google``. You are the
model too: what you type after ``/model`` is what it says.
"""

import os

from jambonz_sync import create_endpoint

PROMPT = "You answer the phone of a bakery. Greet the caller, and keep it short."
AGENT = {
    "greeting": "Good morning, this is the bakery.",
    "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
    "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": PROMPT},
    "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
}
SPEAKS, KNOWS = {"modalities": ["text", "audio"], "instructions": PROMPT}, {"instructions": PROMPT}
LIVE = {"model": "models/gemini-2.0-flash-live-001", "systemInstruction": {"parts": [{"text": PROMPT}]}}

# What each vendor wants to be told of its model; an agent of elevenlabs knows already what it should do.
MODELS = {
    "openai": {"model": "gpt-4o-realtime-preview", "llm_options": {"response_create": SPEAKS, "session_update": KNOWS}},
    "google": {"llm_options": {"setup": LIVE}},
    "deepgram": {"llm_options": {"Settings": {"type": "Settings", "agent": AGENT}}},
    "ultravox": {"llm_options": {"systemPrompt": PROMPT}},
    "elevenlabs": {"llm_options": {}},
}
VARIABLES = {
    "VENDOR": {"type": "string", "description": "whose model talks", "enum": [*MODELS], "default": "openai"},
    "KEY": {"type": "string", "description": "the key for it; for elevenlabs the id of an agent", "obscure": True},
}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
bakery = endpoint.make_service(path="/app", env=VARIABLES)


@bakery.on("session:new")
def answer(session):
    vendor, key = session.env["VENDOR"], session.env.get("KEY", "no key yet")
    auth = {"agent_id": key} if vendor == "elevenlabs" else {"apiKey": key}
    outcome = session.llm(vendor=vendor, auth=auth, **MODELS[vendor]).run()
    if outcome.completion_reason != "normal conversation end":
        session.log.error("the model of %s is gone: %s", vendor, outcome.completion_reason)
        session.say("Sorry, something went wrong. Please call again.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
