"""The jambonz that a test places its calls with."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import Self

from ..endpoint import Endpoint
from ..simulator.audio_in_process import audio_connector
from ..simulator.call import SimulatedCall
from ..simulator.caller import Outcome
from ..simulator.handset import Handset
from ..simulator.in_process import WorldClock, connector
from ..simulator.model_script import ModelScript
from ..simulator.network import Network
from ..simulator.platform import Platform
from ..simulator.wire import CannotConnect
from ..simulator.world import World
from ..verbs.notice import forget
from .complaints import Complaints
from .dialled import Dialled
from .live_caller import LiveCaller
from .phone_call import PhoneCall
from .replay import recorded, replay
from .sounds import Sounds
from .turns import Turns

__all__ = ["Jambonz"]


class Jambonz:
    """A jambonz in this process, with a clock of its own.

    ::

        with Jambonz() as jambonz:
            call = jambonz.call(endpoint, "/echo")
            assert call.heard("Say something.")

    All its calls live at the same time, and share its queues and conferences. At the end calls that are still up go on
    until the application waits for the caller, for a minute at most; then the callers hang up. And what went wrong
    without failing the test before does so now: see :meth:`close`.

    ``strict``: whether it does.
    """

    def __init__(self, *, strict: bool = True) -> None:
        self._strict = strict
        self._world = World()
        self._platform = Platform()
        self._calls: list[PhoneCall] = []
        self._complaints = Complaints()
        forget()

    @property
    def now(self) -> float:
        """The time here, in seconds."""
        return self._world.now()

    def call(
        self,
        endpoint: Endpoint,
        path: str = "/",
        *,
        from_: str = "15550143001",
        to: str = "+15550143900",
        env: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        dials: Sequence[Outcome | Sequence[Outcome]] = (),
        **more: Any,
    ) -> PhoneCall:
        """Call an application. Returns when it has been asked for its first verbs, and has given them.

        ::

            call = jambonz.call(endpoint, "/menu", from_="+15550100", env={"LANGUAGE": "en"}, dials=[Busy()])

        * ``endpoint``: the application's; it need not be started
        * ``path``: the path of one of its services
        * ``from_``, ``to``: the numbers
        * ``env``: the application variables
        * ``headers``: SIP headers of the INVITE beside the usual ones
        * ``dials``: what becomes of each ``dial``, in order: ``Answers(...)``, ``Busy()`` or ``NoAnswer()`` of
          :mod:`jambonz_sync.simulator`, or a list of them, one for each target; after the last, everybody answers.
          :meth:`PhoneCall.answers` and its like say so while the call goes on
        * ``more``: what else :class:`~jambonz_sync.simulator.SimulatedCall` can do
        """
        caller = LiveCaller(self._world)
        model = ModelScript(more.pop("model", ()))
        network = Network(self._world.now, connector(self._world, endpoint))
        clock = WorldClock(self._world)
        dialled = Dialled(dials)
        handset = Handset(
            clock.now,
            begins=lambda sound, end: turns.transcript.add("caller", f"({sound})"),
            complain=lambda text: turns.transcript.add("fault", text),
        )
        call = SimulatedCall(
            f"ws://{endpoint!r}{path}",
            caller=caller,
            from_=from_,
            to=to,
            env=env,
            headers=headers,
            dials=dialled,
            clock=clock,
            platform=self._platform,
            connect=network.connect,
            connect_audio=audio_connector(
                self._world,
                endpoint.find_audio_service,
                # Not the mapping's own method: it is a snapshot.
                find_session=lambda call_sid: endpoint.sessions.get(call_sid),
                handset=handset,
            ),
            model=model,
            **{"limit": 86_400.0, **more},
        )
        turns = Turns(self._world, endpoint, call, caller, clock)
        if endpoint.find_service(path) is None:
            raise CannotConnect(f"the endpoint has no service for {path}")
        # That of what is said once in a process is the library's own.
        self._complaints.listen_to(logging.getLogger("jambonz_sync"))
        if endpoint.logger.name.partition(".")[0] != "jambonz_sync" or not endpoint.logger.propagate:
            self._complaints.listen_to(endpoint.logger)
        self._world.start(call.run, f"jambonz, with a call to {path}")
        made = PhoneCall(path, turns, Sounds(turns, handset), dialled, network, model, self._complaints)
        self._calls.append(made)
        # Up to where the application has been asked for its first verbs.
        self._world.wait(lambda: call.transcript is not None and bool(call.transcript.messages("out")), ends_idle=True)
        return made

    def replay(self, endpoint: Endpoint, record: str | os.PathLike[str], path: str = "/") -> None:
        """Play jambonz's part of a recorded call, and make sure that the application does its part as it did then.

        ::

            jambonz.replay(endpoint, "calls/lost-order.jsonl", "/orders")

        Ids of verbs and times may differ. What else does fails the test, with both messages.

        * ``endpoint``, ``path``: as for :meth:`call`
        * ``record``: a file that :meth:`PhoneCall.record` has written: JSON lines, each with ``time`` in seconds,
          ``direction`` (``in`` is what jambonz sent) and ``message``

        Raises :exc:`AssertionError`, and :exc:`ValueError` for a file that is no record.
        """
        self._complaints.listen_to(logging.getLogger("jambonz_sync"))
        replay(self._world, endpoint, recorded(record), path)

    @property
    def calls(self) -> list[PhoneCall]:
        """The calls that were placed, in order."""
        return list(self._calls)

    def tolerates(self, pattern: str) -> None:
        """Let pass, at the end, what is complained of in words in which a pattern occurs.

        ::

            jambonz.tolerates("raised an exception")
        """
        self._complaints.tolerate(pattern)

    def close(self, *, complain: bool = True) -> None:
        """End all calls and, where it is strict, make sure that nothing went wrong unnoticed.

        What counts: a warning or an error in the library's log, such as a hook that was answered in the handler's place
        or a handler that has raised; verbs or commands that jambonz would refuse or lose; a caller who hears nothing.

        Raises :exc:`AssertionError` with all of it.
        """
        try:
            for call in self._calls:
                call.finish()
            self._world.wait(lambda: False, ends_idle=True)
        finally:
            self._world.stop()
            self._complaints.close()
        complaints = self._complaints.all([call.transcript for call in self._calls])
        if complain and self._strict and complaints:
            raise AssertionError("\n\n".join(["nobody has minded, but:", *complaints]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A test that has failed already says why.
        self.close(complain=kind is None)
