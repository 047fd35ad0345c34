"""Testing applications without a phone, a network, or waiting.

With pytest the fixture ``jambonz`` is there by itself::

    from app import endpoint


    def test_echo(jambonz):
        call = jambonz.call(endpoint, "/echo")
        assert call.heard("Say something.")
        call.says("hello")
        assert call.heard("You said: hello")
        call.hangs_up()

Elsewhere a :class:`Jambonz` does the same::

    with Jambonz() as jambonz:
        call = jambonz.call(endpoint, "/echo")

The application runs as it would for a real call, its verbs are executed as a jambonz server executes them, and time is
virtual: it stands still while code runs, and a pause of ten minutes takes none.
"""

from __future__ import annotations

from .heard import Heard
from .heard_sound import HeardSound
from .jambonz import Jambonz
from .phone_call import PhoneCall

__all__ = ["Heard", "HeardSound", "Jambonz", "PhoneCall"]
