"""Scripts to be called."""

from __future__ import annotations

__all__ = ["ECHO", "QUICK", "TALKATIVE", "TWO"]

#: It can be interrupted where it says that it can.
ECHO = """\
from jambonz_sync import create_endpoint

endpoint = create_endpoint()
echo = endpoint.make_service("/echo")


def listen(session, text, **options):
    session.gather(input=["speech", "digits"], num_digits=2, action_hook="/said", say={"text": text}, **options)


@echo.on("session:new")
def answer(session):
    listen(session, "Say something.")
    session.send()
    while True:
        evt = session.wait_for("/said")
        if evt.reason == "timeout":
            session.say("Goodbye.").reply()
            return
        heard = evt.transcript or f"the keys {evt.digits}"
        listen(session, f"You said {heard}, and now?", bargein=True)
        session.reply()
"""

#: It speaks for so long that there is time to interrupt it.
TALKATIVE = ECHO.replace("and now?", "and now there is a long text. " + "So it goes on. " * 40)

#: It waits for a second only, and asks again.
QUICK = """\
from jambonz_sync import create_endpoint

endpoint = create_endpoint()
echo = endpoint.make_service("/echo")


@echo.on("session:new")
def answer(session):
    text = "Hello."
    while True:
        session.say(text).gather(input=["speech", "digits"], num_digits=2, action_hook="/said", timeout=1).send()
        evt = session.wait_for("/said")
        text = "Hello?" if evt.reason == "timeout" else f"You said {evt.transcript or evt.digits}."
"""

#: What it says are facts of the call.
TWO = """\
from jambonz_sync import create_endpoint

endpoint = create_endpoint()
facts = endpoint.make_service("/facts")
dialler = endpoint.make_service("/dialler")


@facts.on("session:new")
def tell(session):
    headers = session.data["sip"]["headers"]
    session.say(f"{session.from_} {session.to} {headers.get('X-Account')} {session.env}").run()


@dialler.on("session:new")
def dial(session):
    session.gather(input=["digits"], num_digits=1, action_hook="/digits", timeout=0).send()
    session.wait_for("/digits")
    for _ in range(3):
        outcome = session.dial(target=[{"type": "phone", "number": "+15550143555"}], timeout=3).run()
        session.say("It was " + outcome["dial_call_status"]).run()
"""
