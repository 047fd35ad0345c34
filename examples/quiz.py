"""Ask three questions, by voice or keys, and tell the points.

Start it with ``python examples/quiz.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/quiz.py``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

QUESTIONS = [
    ("What is seven times eight?", 56),
    ("How many legs has a spider?", 8),
    ("In which year did somebody first walk on the moon?", 1969),
]

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
quiz = endpoint.make_service(path="/app")


@quiz.on("session:new")
def answer(session):
    name = session.ask("Welcome to the quiz! What is your name?", input=["speech"])
    points = 0
    for question, right in QUESTIONS:
        guess = session.ask(question, validate=int, attempts=2, reprompt="Just the number, please.")
        if guess.value == right:
            points += 1
            session.say("That is right.")
        else:
            session.say(f"No, it is {right}.")
    session.say(f"{points} of {len(QUESTIONS)} points. Goodbye, {name or 'stranger'}.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
