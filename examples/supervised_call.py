"""Callers and agents talk in a conference, where a supervisor listens, prompts the agent alone, or joins in.

Start it with ``python examples/supervised_call.py``. Give jambonz the address ``ws://<this machine>:3000/app`` for the
number that callers dial, and the same with ``/agent`` and ``/supervisor`` for those that the others dial.
Without a phone: ``jambonz-sync call examples/supervised_call.py:/app``. You are alone there, and may say something; in
the tests of this example there are all three.
"""

import os

from jambonz_sync import create_endpoint

ROOM = "support"
# What a supervisor may do, as options of the conference.
ROLES = {"1": {"join_muted": True}, "2": {"speak_only_to": "agent"}, "3": {}}

endpoint = create_endpoint(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")))
callers = endpoint.make_service(path="/app")
agents = endpoint.make_service(path="/agent")
supervisors = endpoint.make_service(path="/supervisor")


@callers.on("session:new")
def take_part(session):
    # Without the caller there is nothing to talk about.
    session.say("You are being connected. Calls may be supervised.")
    session.conference(ROOM, end_conference_on_exit=True).run()


@agents.on("session:new")
def help_callers(session):
    session.conference(ROOM, member_tag="agent").run()
    session.say("The caller has left.").run()


@supervisors.on("session:new")
def supervise(session):
    while session.active:
        role = session.menu("To listen press 1, to prompt the agent 2, to join in 3.", ROLES, default=ROLES["1"])
        # It waits for a conversation, and never begins one.
        session.conference(ROOM, start_conference_on_enter=False, **role).run()
        session.say("That call is over.")


if __name__ == "__main__":
    endpoint.serve_forever()
