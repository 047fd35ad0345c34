"""A simulated call.

::

    from jambonz_sync.simulator import Says, SimulatedCall

    transcript = SimulatedCall("ws://127.0.0.1:3000/echo", [Says("hello")], speed=20).run()
    print(transcript)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .application import Application
from .caller import Outcome, Party, Step
from .clock import Clock, RealClock
from .execution import Execution
from .facts import inbound_leg, session_new
from .transcript import Transcript, Watch
from .wire import Wire

__all__ = ["SimulatedCall"]


class SimulatedCall:
    """An inbound call to an application, by a caller who follows a script.

    ::

        call = SimulatedCall("ws://127.0.0.1:3000/menu", [Presses("1"), HangsUp()], dials=[Busy()], watch=print)
        transcript = call.run()

    * ``url``: where the application listens, path and all, as jambonz has it configured
    * ``steps``: what the caller does, in order; after the last step the caller only listens
    * ``from_``, ``to``: the numbers
    * ``env``: the application variables an operator would have set
    * ``headers``: SIP headers of the INVITE beside the usual ones
    * ``dials``: what becomes of each ``dial`` of the application, in order; after the last, everybody answers
    * ``speed``: how many times faster than real time the call goes while it is not waiting for the application;
      ``clock`` takes the place of it
    * ``ack_timeout``: within how many seconds the application has to answer a hook
    * ``patience``: how many seconds of silence the caller bears, once the application has left jambonz nothing to do
    * ``limit``: after how many seconds the caller hangs up whatever happens
    * ``watch``: is told of every :class:`Entry` and :class:`WireMessage` as it happens, on the thread in :meth:`run`
    """

    def __init__(
        self,
        url: str,
        steps: Sequence[Step] = (),
        *,
        from_: str = "15550143001",
        to: str = "+15550143900",
        env: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        dials: Sequence[Outcome] = (),
        speed: float = 1.0,
        clock: Clock | None = None,
        ack_timeout: float = 5.0,
        patience: float = 10.0,
        limit: float = 600.0,
        watch: Watch | None = None,
    ) -> None:
        self._url = url
        self._steps = tuple(steps)
        self._from = from_
        self._to = to
        self._env = env
        self._headers = headers
        self._dials = tuple(dials)
        self._clock = RealClock(speed) if clock is None else clock
        self._ack_timeout = ack_timeout
        self._patience = patience
        self._limit = limit
        self._watch = watch
        Party("caller", self._steps)

    def run(self) -> Transcript:
        """Place the call and return when it is over. It can be placed again, as another call.

        The whole call runs on the thread that calls this; no other thread is started.

        Raises :exc:`CannotConnect` if there is no application at the address.
        """
        wire = Wire(self._url)
        try:
            self._clock.start()
            transcript = Transcript(self._clock, self._watch)
            leg = inbound_leg(self._from, self._to)
            application = Application(wire, self._clock, transcript, leg, ack_timeout=self._ack_timeout)
            execution = Execution(
                application,
                self._clock,
                transcript,
                leg,
                Party("caller", self._steps),
                outcomes=self._dials,
                patience=self._patience,
                limit=self._limit,
            )
            transcript.ending = execution.run(session_new(leg, env=self._env, headers=self._headers))
            wire.close(transcript.ending.code)
            return transcript
        finally:
            # After Ctrl-C, say, nobody waits for a closing handshake.
            wire.abort()
