"""A speech-to-speech model on the phone, which looks up orders by a plain function.

Start it with ``python examples/order_desk.py``, with your key in ``OPENAI_API_KEY``, and give jambonz the address
``ws://<this machine>:3000/app``.
Without a phone, and without a key: ``jambonz-sync call examples/order_desk.py``. You are the model too: what it says
is ``/model Hello.``, and what it does ``/tool lookup_order {"orderId": "42"}``.
"""

import os

from jambonz_sync import create_endpoint

KEY = os.environ.get("OPENAI_API_KEY", "test-key-not-real")
ORDERS = {"42": "shipped"}

# What the model is told of the function below.
ARGUMENTS = {"type": "object", "properties": {"orderId": {"type": "string"}}}
TOOLS = [{"type": "function", "name": "lookup_order", "description": "find an order", "parameters": ARGUMENTS}]

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
desk = endpoint.make_service(path="/app")


@desk.tool
def lookup_order(order_id):
    return {"state": ORDERS.get(order_id, "unknown")}


@desk.on("session:new")
def answer(session):
    session.llm(
        vendor="openai",
        model="gpt-4o-realtime-preview",
        auth={"apiKey": KEY},
        action_hook="/llm-done",
        event_hook="/llm-event",
        tool_hook="/llm-tool",
        events=["response.done", "conversation.item.input_audio_transcription.completed"],
        llm_options={
            "response_create": {"modalities": ["text", "audio"], "instructions": "Greet the caller."},
            "session_update": {"tools": TOOLS},
        },
    ).send()
    answers = 0
    while True:
        # The function is called while this waits.
        evt = session.wait_for("/llm-event", "/llm-done")
        if evt.name == "/llm-done":
            session.hangup().reply()
            return
        if evt["type"] == "response.done":
            answers += 1
            if answers == 1:
                session.update_llm({"type": "session.update", "session": {"instructions": "Wrap up politely."}})


if __name__ == "__main__":
    endpoint.serve_forever()
