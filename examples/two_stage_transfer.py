"""Put the caller through to a team: first to the desk, then to the mobile phone of whoever is on duty.

Start it with ``python examples/two_stage_transfer.py`` and give jambonz the address ``ws://<this machine>:3000/app``.
Without a phone: ``jambonz-sync call examples/two_stage_transfer.py``, where you type what the caller says.
"""

import os

from jambonz_sync import create_endpoint

SALES = {"desk": "+15550143210", "mobile phone": "+15550143211"}
SUPPORT = {"desk": "+15550143220", "mobile phone": "+15550143221"}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
reception = endpoint.make_service(path="/app")


@reception.on("session:new")
def answer(session):
    team = session.menu(
        "For sales press 1 or say sales. For support press 2 or say support.",
        {"1": SALES, "sales": SALES, "2": SUPPORT, "support": SUPPORT},
        invalid="There is no such team.",
        default=SUPPORT,
    )
    for place, number in team.items():
        outcome = session.say(f"I am trying the {place}.").put_through(number, timeout=15)
        if outcome.answered:
            return  # hangs up: the two have talked
    session.say("Nobody is there. Please call again.").run()


if __name__ == "__main__":
    endpoint.serve_forever()
