"""Answer calls inside a Flask application, with a page that lists the calls that are up and can end them.

Start it with ``python examples/flask_app.py``, give jambonz the address ``ws://<this machine>:3000/app``, and open
``http://<this machine>:3000/`` in a browser. Whoever can open the page can end calls: a real one wants a login.
Without a phone: ``jambonz-sync call examples/flask_app.py``. To see the page too, start it, and call the address
``ws://127.0.0.1:3000/app`` instead.
"""

import os

from flask import Flask, abort, redirect, render_template_string, url_for

from jambonz_sync import CallNotActive
from jambonz_sync.flask import Jambonz

PAGE = """<!doctype html>
<title>Calls</title>
<h1>Calls that are up: {{ calls | length }}</h1>
{% for call in calls %}
<form method="post" action="{{ url_for('hang_up', call_sid=call.call_sid) }}">
  {{ call.from_ }}, for {{ call.seconds | round | int }} s <button>Hang up</button>
</form>
{% endfor %}"""

app = Flask(__name__)
jambonz = Jambonz(app)
endpoint = jambonz.endpoint


@jambonz.service("/app")
def answer(session):
    name = session.ask("What is your name?", timeout=10, attempts=2)
    session.say(f"Hello {name.text or 'stranger'}. Somebody is with you soon. To give up, press a key.")
    while session.ask("Thank you for waiting.", input="digits", num_digits=1, timeout=20).reason == "timeout":
        pass  # A key ends it, and so does whatever takes the place of the question: the page below, say.


@app.get("/")
def list_calls():
    return render_template_string(PAGE, calls=endpoint.calls())


@app.post("/calls/<call_sid>/hang-up")
def hang_up(call_sid):
    try:
        # On the thread of this request, while the call's own thread waits.
        endpoint.sessions[call_sid].say("Nobody has time for you today.").hangup().send()
    except (KeyError, CallNotActive):
        abort(404, "There is no such call any more.")
    return redirect(url_for("list_calls"))


if __name__ == "__main__":
    app.run(host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT", "3000")), threaded=True)
