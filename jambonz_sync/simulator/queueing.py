"""The verbs around queues: ``enqueue``, which waits in one, ``dequeue``, which takes somebody out, and ``leave``.

::

    enqueue(run, Verb("enqueue", {"name": "support", "waitHook": "/wait", "actionHook": "/waited"}))
    dequeue(run, Verb("dequeue", {"name": "support", "timeout": 60, "actionHook": "/talked"}))
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

from .queues import Bridge, Place, Queue
from .runner import Runner
from .unwinding import Killed, Skipped
from .verb import Verb, number
from .waiting import PROMPTS, entertain

__all__ = ["dequeue", "enqueue", "leave"]

#: Before the application is asked what a waiting caller hears.
_SILENCE = 0.5

#: ``dequeue`` looks into the queue after so many seconds, and then again after so many.
_FIRST_LOOK = 1.0
_NEXT_LOOK = 5.0


def enqueue(run: Runner, verb: Verb) -> None:
    """Execute it: wait, talk to whoever takes the caller, and send the action hook, also when it is killed."""
    queue = _queue(run, verb)
    run.answer()
    stay = _Stay(run, verb, queue)
    killed = False
    try:
        stay.wait()
    except Killed:
        killed = True
    finally:
        queue.leave(stay.place)
    run.ask(verb, "actionHook", stay.results, takes_verbs=not killed)


def _queue(run: Runner, verb: Verb) -> Queue:
    if not run.is_main:
        raise Skipped("it is for the caller's leg only")
    return run.execution.platform.queue(str(verb.options.get("name")))


class _Stay:
    """A caller's stay in a queue, and the conversation after it."""

    def __init__(self, run: Runner, verb: Verb, queue: Queue) -> None:
        self.run = run
        self.verb = verb
        self.queue = queue
        self.place = Place(run.number, run.leg.call_sid)
        self.place.priority = number(verb.options, "priority", self.place.priority)
        # Who is killed while it waits has hung up, as far as the queue is concerned.
        self._result = "hangup"
        self._since = run.execution.clock.now()

    @property
    def _facts(self) -> dict[str, Any]:
        return {"queue_sid": self.queue.sid, "queue_time": int(self.run.execution.clock.now() - self._since)}

    @property
    def results(self) -> dict[str, Any]:
        """What the action hook tells of it."""
        return {**self._facts, "queue_result": self._result}

    def wait(self) -> None:
        """Wait until it is over. Raises :exc:`~.unwinding.Killed`."""
        transcript = self.run.execution.transcript
        transcript.add("call", f"waits in the queue {self.verb.options.get('name')}")
        self.queue.enter(self.place)
        left = entertain(
            self.run,
            self.verb.options.get("waitHook"),
            self._state,
            allowed=PROMPTS | {"leave", "tag"},
            silence=_SILENCE,
            over=lambda: self.place.bridge is not None,
        )
        if left:
            self._result = "leave"
            transcript.add("call", "leaves the queue")
        else:
            assert self.place.bridge is not None
            self._talk(self.place.bridge)

    def _state(self) -> dict[str, Any]:
        """Return what the wait hook is told, which are not the usual facts of the call."""
        leg = self.run.leg
        state = {
            **self._facts,
            "queue_size": self.queue.size,
            "queue_position": self.queue.position(self.place),
            "call_sid": leg.call_sid,
            "call_id": leg.call_id,
        }
        return state if leg.customer_data is None else {**state, "customerData": dict(leg.customer_data)}

    def _talk(self, bridge: Bridge) -> None:
        transcript = self.run.execution.transcript
        if not bridge.works:
            self._result = "error"
            transcript.add("call", f"cannot be connected to {bridge.taker}")
            return
        self._result = "bridged"
        transcript.add("call", f"connected to {bridge.taker}")
        self.run.wait_until(math.inf, lambda: bridge.over)
        transcript.add("callee", "hangs up")


def dequeue(run: Runner, verb: Verb) -> None:
    """Execute it: take the next caller, talk, and send the action hook, whose answer the next verbs do not wait for.

    Killed while it still looks for somebody it sends none.
    """
    queue = _queue(run, verb)
    run.answer()
    execution = run.execution
    execution.transcript.add("call", f"takes the next from the queue {verb.options.get('name')}")
    bridge = _next_caller(run, verb, queue)
    result = "timeout"
    if bridge is not None:
        try:
            result = _talk_to(run, bridge)
        except Killed:
            result = "complete"
        finally:
            bridge.hang_up()
    else:
        execution.transcript.add("call", "nobody has come")
    data = {**run.leg.normal(), "dequeue_result": result}
    if verb.id is not None:
        data["verb_id"] = verb.id
    execution.background.ask(verb.options.get("actionHook"), data, execution.background.take_verbs)


def _next_caller(run: Runner, verb: Verb, queue: Queue) -> Bridge | None:
    clock = run.execution.clock
    now = clock.now()
    patience = number(verb.options, "timeout", 0)
    gives_up_at = now + patience if patience > 0 else math.inf
    look_at = now + _FIRST_LOOK
    call_sid = verb.options.get("callSid")
    while look_at <= gives_up_at:
        run.wait_until(look_at)
        bridge = queue.take(run.number, call_sid=call_sid)
        if bridge is not None:
            return bridge
        look_at += _NEXT_LOOK
    run.wait_until(gives_up_at)
    return None


def _talk_to(run: Runner, bridge: Bridge) -> str:
    transcript = run.execution.transcript
    if not bridge.works:
        transcript.add("call", f"cannot be connected to {bridge.taken}")
        return "hangup"
    transcript.add("call", f"connected to {bridge.taken}")
    run.wait_until(math.inf, lambda: bridge.over)
    transcript.add("callee", "hangs up")
    return "complete"


def leave(run: Runner, verb: Verb) -> NoReturn:
    """Do nothing: it has a meaning only in the answer to the ``waitHook`` of ``enqueue``, which looks for it."""
    raise Skipped("it is only for the answer to a waitHook")
