"""A simulated call.

::

    from jambonz_sync.simulator import Says, SimulatedCall

    transcript = SimulatedCall("ws://127.0.0.1:3000/echo", [Says("hello")], speed=20).run()
    print(transcript)
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .application import Application
from .beginning import be_called, go_on
from .caller import Outcome, Party, Step
from .clock import Clock, RealClock
from .commands import call_commands
from .dropping import arrange
from .execution import Execution
from .facts import Leg, inbound_leg, rest_leg, session_new
from .ghost import haunt
from .model_script import ModelScript, ModelStep
from .others import Other, checked
from .outbound import call_out
from .platform import Platform
from .reconnecting import Link, pause
from .stream_script import StreamOutcome
from .timers import Timers
from .transcript import Ending, Transcript, Watch
from .verbs import EXECUTE
from .wire import AudioWire, Connect, Wire
from .within_dialog import arrange_requests

__all__ = ["SimulatedCall"]


class SimulatedCall:
    """A call to an application, by a caller who follows a script; or one from it, to somebody who does.

    ::

        call = SimulatedCall("ws://127.0.0.1:3000/menu", [Presses("1"), HangsUp()], dials=[Busy()], watch=print)
        transcript = call.run()

    * ``url``: where the application listens, path and all, as jambonz has it configured
    * ``steps``: what the caller does, in order; after the last step the caller only listens
    * ``caller``: somebody who follows no script, in place of that
    * ``from_``, ``to``: the numbers
    * ``placed``: for a call that the application has placed by REST: what becomes of it; of :class:`Answers` only
      ``after`` counts, since it is ``steps`` that the called party then follows. ``None`` for an inbound call
    * ``tag``: what such a call carries as ``customerData``
    * ``env``: the application variables an operator would have set
    * ``headers``: SIP headers of the INVITE beside the usual ones
    * ``dials``: what becomes of each ``dial`` of the application, or a list of what becomes of each of its targets, in
      order; after the last, everybody answers
    * ``model``: what the language model does that the application lets the caller talk to, in order; a
      :class:`~.model_script.ModelScript` can be added to while the call goes on
    * ``streams``: what becomes of each connection for streaming speech, in order; after the last, all succeed
    * ``speed``: how many times faster than real time the call goes while it is not waiting for the application;
      ``clock`` takes the place of it
    * ``ack_timeout``: within how many seconds the application has to answer a hook
    * ``patience``: how many seconds of silence the caller bears, once the application has left jambonz nothing to do
    * ``limit``: after how many seconds the caller hangs up whatever happens
    * ``watch``: is told of every :class:`Entry` and :class:`WireMessage` as it happens, on the thread in :meth:`run`
    * ``platform``: what the call shares with others, each on a thread of its own: queues and conferences
    * ``others``: parties that come to those queues and conferences, and are no calls
    * ``connect``: opens a connection to an address; by default a websocket over a real socket
    * ``results``: what becomes of each ``message``, ``sip:refer``, ``sip:request``, ``dialogflow``, ``lex`` and
      ``rasa``, by these names: the data of their hooks, in order; after the last, all goes well. Of each ``amd`` in
      ``config`` it is a list of what is detected. Of each verb ``play`` it is ``None`` if the file can be played, and
      ``{}`` if it cannot.
    * ``connect_audio``: opens the connection of a ``listen``; by default a websocket over a real socket
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
        dials: Iterable[Outcome | Sequence[Outcome]] = (),
        model: Sequence[ModelStep] | ModelScript = (),
        streams: Sequence[StreamOutcome] = (),
        placed: Outcome | None = None,
        tag: Mapping[str, Any] | None = None,
        speed: float = 1.0,
        clock: Clock | None = None,
        ack_timeout: float = 5.0,
        patience: float = 10.0,
        limit: float = 600.0,
        watch: Watch | None = None,
        platform: Platform | None = None,
        others: Sequence[Other] = (),
        connect: Connect = Wire,
        results: Mapping[str, Sequence[Any]] | None = None,
        caller: Party | None = None,
        connect_audio: Connect = AudioWire,
    ) -> None:
        self._url = url
        self._steps = tuple(steps)
        self._from = from_
        self._to = to
        self._env = env
        self._headers = headers
        # An iterator may have more to say while the call goes on.
        self._dials = dials if isinstance(dials, Iterator) else tuple(dials)
        self._placed = placed
        self._tag = tag
        # Somebody may have more for it to do while the call goes on.
        self._model = model if isinstance(model, ModelScript) else tuple(model)
        self._streams = tuple(streams)
        self._clock = RealClock(speed) if clock is None else clock
        self._ack_timeout = ack_timeout
        self._patience = patience
        self._limit = limit
        self._watch = watch
        self._platform = platform
        self._others = checked(others)
        self._connect = connect if platform is None else platform.connecting(connect)
        self._results = {name: tuple(items) for name, items in (results or {}).items()}
        self._connect_audio = connect_audio
        self._caller = caller
        #: What happens in the call that was placed last, as it happens.
        self.transcript: Transcript | None = None
        Party("caller", self._steps)
        self._model_script()

    def _model_script(self) -> ModelScript:
        return self._model if isinstance(self._model, ModelScript) else ModelScript(self._model)

    def run(self) -> Transcript:
        """Place the call and return when it is over. It can be placed again, as another call.

        The whole call runs on the thread that calls this; no other thread is started.

        Raises :exc:`CannotConnect` if there is no application at the address.
        """
        self._clock.start()
        transcript = self.transcript = Transcript(self._clock, self._watch)
        leg = self._leg()
        platform = Platform() if self._platform is None else self._platform
        leg.account_sid = platform.account_sid
        link = Link(self._url, self._connect, self._clock, Timers(), transcript)
        link.open(pause=functools.partial(pause, self._clock))
        caller = self._caller or Party("caller" if self._placed is None else "callee", self._steps)
        execution = Execution(
            Application(link, self._clock, transcript, leg, ack_timeout=self._ack_timeout),
            self._clock,
            transcript,
            leg,
            caller,
            verbs=EXECUTE,
            commands=call_commands,
            outcomes=self._dials,
            model=self._model_script(),
            streams=self._streams,
            results=self._results,
            connect_audio=self._connect_audio,
            patience=self._patience,
            limit=self._limit,
            platform=platform,
            others=self._others,
        )
        arrange(caller.drops, execution)
        arrange_requests(caller.requests, execution)
        try:
            transcript.ending = self._finish(execution, execution.run(self._begin))
            return transcript
        finally:
            # After Ctrl-C, say, nobody waits for a closing handshake.
            for one in execution.applications:
                one.link.abort()

    def _leg(self) -> Leg:
        if self._placed is None:
            return inbound_leg(self._from, self._to)
        return rest_leg(self._from, self._to, tag=self._tag)

    def _begin(self, execution: Execution) -> None:
        if self._placed is None:
            be_called(execution, session_new(execution.leg, env=self._env, headers=self._headers))
        else:
            call_out(execution, self._placed, self._env)

    def _finish(self, execution: Execution, ending: Ending) -> Ending:
        """Close the connections, then let those go on who have left the call. Return how the call ended."""
        ending = self._close(execution, ending)
        for child, verbs in execution.children:
            self._finish(child, child.run(functools.partial(go_on, verbs=verbs)))
        return ending

    def _close(self, execution: Execution, ending: Ending) -> Ending:
        """Close every connection, the latest first, and return how the call ended as the application has seen it."""
        link = execution.application.link
        lost = link.lost if link.connection is None and link.closed is None else None
        for one in reversed(execution.applications):
            due = one.link.close(ending.code)
            if due is not None:
                haunt(one.link, due, self._clock, execution.transcript)
        return ending if lost is None else ending._replace(code=lost.code)
