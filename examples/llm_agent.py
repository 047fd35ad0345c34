"""A language model on the phone that is spoken while it still writes, and falls silent when the caller breaks in.

The model is a stand-in: put your own in its place, a generator of text. Start it with ``python examples/llm_agent.py``
and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/llm_agent.py``. What you type while it speaks interrupts it.
"""

import os

from jambonz_sync import create_endpoint

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
agent = endpoint.make_service(path="/app")


def model(history):
    question = history[-1]["content"]
    for word in f"You asked me: {question}. Let me think. There is a lot to say about that".split():
        yield word + " "


@agent.on("session:new")
def answer(session):
    # The caller is listened to all the time, whatever is being said.
    barge_in = {"enable": True, "sticky": True, "input": ["speech"], "action_hook": "/heard"}
    session.config(tts_stream={"enable": True}, barge_in=barge_in).say("Ask me anything.").send()
    history = []
    while True:
        evt = session.wait_for("/heard")
        history.append({"role": "user", "content": evt.transcript})
        said = session.stream_tts(model(history))  # returns at once when the caller breaks in
        history.append({"role": "assistant", "content": said.text})


if __name__ == "__main__":
    endpoint.serve_forever()
