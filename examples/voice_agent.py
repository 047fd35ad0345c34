"""A language model that takes bookings by a plain function, and hands the call over to a person when it is told to.

Recogniser, model and voice are put together by jambonz 10, whose verb ``agent`` this is; who they are is set for the
application there. Start it with ``python examples/voice_agent.py`` and give jambonz the address
``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/voice_agent.py``. You are the model too: ``/model How many are you?`` is
what it says, ``/tool book {"day": "friday", "people": 2}`` and ``/tool call_a_person`` are what it does.
"""

import os

from jambonz_sync import create_endpoint

PERSON = os.environ.get("PERSON", "+15550143222")
FREE = {"friday": 4, "saturday": 0}  # seats

# What the model is told, of itself and of what it can do.
PROMPT = "You take bookings for a small restaurant. Ask for the day, and for how many people."
ARGUMENTS = {"day": {"type": "string"}, "people": {"type": "integer"}}
BOOK = {"name": "book", "description": "book seats", "parameters": {"type": "object", "properties": ARGUMENTS}}
CALL = {"name": "call_a_person", "description": "hand over to a person", "parameters": {"type": "object"}}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
restaurant = endpoint.make_service(path="/app")


@restaurant.tool
def book(day, people):
    if FREE.get(day.lower(), 0) < people:
        return {"booked": False, "free": FREE.get(day.lower(), 0)}
    FREE[day.lower()] -= people
    return {"booked": True}


@restaurant.on("session:new")
def answer(session):
    llm = {"llm_options": {"system_prompt": PROMPT, "tools": [BOOK, CALL]}}
    session.agent(llm=llm, tool_hook="/tool", action_hook="/over").send()
    # Bookings are made while this waits. What is waited for by name is not for a function.
    evt = session.wait_for("tool:call_a_person", "/over")
    if evt.name == "/over":
        return
    # What is sent now takes the place of the model.
    outcome = session.say("I am putting you through.").put_through(PERSON, timeout=20)
    if not outcome.answered:
        session.say("Nobody is free. Please call again.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
