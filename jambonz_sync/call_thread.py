"""The thread of a call: its waits, the handlers that run on it, and how it ends."""

from __future__ import annotations

import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import Self

from . import wording
from .conversation import Conversation
from .exceptions import CallEnded, CallNotActive, CallRejected, WaitTimeout
from .protocol.asking import Asking, State
from .protocol.call import Call, Ending
from .protocol.event import Event
from .protocol.tool_call import TOOL_CALL_TYPES
from .protocol.verb import Verb
from .session_facts import SessionFacts
from .tools import Toolbox
from .whereabouts import Frames

if TYPE_CHECKING:
    from .service import Service
    from .session import Session

__all__ = ["OWN_NAMES", "CallThread"]

#: Names for ``on`` that are no events of jambonz, with what the function is given.
OWN_NAMES = frozenset({"close", "error"})


class _Frame:
    """What belongs to one function: the verbs it has queued, and the hook it took last."""

    __slots__ = ("current", "pending")

    def __init__(self, current: Asking | None = None) -> None:
        self.pending: list[Verb] = []
        self.current = current

    def taken(self) -> list[Verb]:
        pending, self.pending = self.pending, []
        return pending


class CallThread(SessionFacts, ABC):
    """What a session does on the call's own thread.

    Threads. All attributes but two are the own thread's. ``_handlers`` is replaced, never changed, by whichever thread
    registers a handler; ``_foreign`` has an entry for each other thread, which touches no entry but its own.
    """

    def __init__(self, conversation: Conversation, service: Service, path: str, target: str = "") -> None:
        opening = conversation.call.opening
        assert opening is not None
        #: The service that answers this call.
        self.service = service
        #: The path of the websocket.
        self.path = path
        # The same with what the whole application is mounted at.
        self._asked_path = target.partition("?")[0] or path
        self.data = MappingProxyType(opening.data)
        self._env = service.variables.merged(self.data.get("env_vars"))
        self._opening = opening
        self._conversation = conversation
        # Not its number, which the next thread may get when this one has ended.
        self._owner = threading.current_thread()
        self._frames = [_Frame(opening.asking)]
        # Not a threading.local: see whereabouts.Frames. Each thread touches its own entry only.
        self._foreign: weakref.WeakKeyDictionary[threading.Thread, _Frame] = weakref.WeakKeyDictionary()
        self._handlers: dict[str, Callable[[Event], Any]] = {}
        self._toolbox = Toolbox(service.toolbox)
        self._own_handlers: dict[str, list[Callable[..., Any]]] = {name: [] for name in OWN_NAMES}
        self._in_handler = False
        # The name of the function that has raised, after which this call only waits for its end.
        self._failed_in: str | None = None
        self._returned = False
        # What its thread waits for, ``None`` for nothing, and since when. Replaced, never changed, for others to read.
        self._activity: tuple[str | None, float] = (None, conversation.now())

    @abstractmethod
    def send(self, *, exec_immediate: bool = True) -> Self: ...

    @abstractmethod
    def reply(self, to: Event | None = None) -> Self: ...

    @abstractmethod
    def _expect_tool_calls(self, call: Call) -> None: ...

    @abstractmethod
    def _serve_tool_call(self, event: Event) -> None: ...

    @property
    def where(self) -> str:
        """The line of the application's code that the call's thread is at: ``/app/menu.py:12 in answer``."""
        with Frames() as frames:
            return self._where_in(frames)

    def _where_in(self, frames: Frames) -> str:
        at_end = self._returned and not self._in_handler
        return "the end of its function" if at_end else frames.line_of(self._conversation.owned_by)

    # What belongs to which function

    @property
    def _on_own_thread(self) -> bool:
        return threading.current_thread() is self._owner

    @property
    def _frame(self) -> _Frame:
        if self._on_own_thread:
            return self._frames[-1]
        thread = threading.current_thread()
        frame = self._foreign.get(thread)
        if frame is None:
            frame = self._foreign[thread] = _Frame()
        return frame

    def _adopt(self, event: Event) -> None:
        """The function has taken an event: if that is a question, the next reply answers it."""
        event._answer = self.reply
        asking = event.asking
        if asking is None or asking.kind.at_once or asking.state is State.ANSWERED:
            return
        frame = self._frame
        if frame.current is not None and frame.current is not asking:
            with self._conversation.turn() as call:
                call.move_on(frame.current)
        frame.current = asking

    # Waiting

    def _block(
        self, result: Callable[[Call], Any], timeout: float | None, names: Sequence[str], before: Iterable[str] = ()
    ) -> Any:
        until = None if timeout is None else self._conversation.now() + timeout
        found = self._dispatch_until(result, until, before, " or ".join(names))
        if found is None:
            raise WaitTimeout(wording.wait_timed_out(names, timeout or 0.0))
        return found

    def _dispatch_until(
        self,
        result: Callable[[Call], Any],
        until: float | None,
        before: Iterable[str] = (),
        waiting_for: str = "",
    ) -> Any:
        """Run handlers as events for them come, until ``result(call)`` is true, which is returned, or time is up.

        ``before``: names whose handlers come first, even where ``result`` would take their events. ``waiting_for``: in
        words, for an operator.

        Handlers never run inside one another: while one runs, what it waits for is all that is taken.
        """
        activity = waiting_for, self._conversation.now()
        while True:
            found = None
            with self._conversation.turn() as call:
                handled = call.take(before)
                if handled is None:
                    found = result(call)
                    if not found:
                        handled = call.take(self._handled_names(call))
                over = call.ending is not None
                seen = call.arrivals
            if found:
                return found
            if handled is not None:
                self._handle(handled)
            elif over or (self._failed_in is not None and not self._returned):
                raise self._end_error()
            elif not self._wait_for_arrival(seen, until, activity):
                return None

    def _wait_for_arrival(self, seen: int, until: float | None, activity: tuple[str, float]) -> bool:
        self._activity = activity
        try:
            return self._conversation.wait_for_arrival(seen, until)
        finally:
            self._activity = None, self._conversation.now()

    def _handled_names(self, call: Call) -> Iterable[str]:
        if self._in_handler:
            return ()
        if self._failed_in is None:
            return [*self._handlers, *TOOL_CALL_TYPES] if self._toolbox else self._handlers
        # The call is being ended: it may still be told of that, but no reply may undo it.
        return [name for name in self._handlers if not call.brings_question((name,))]

    def _handler_for(self, event: Event) -> tuple[str, Callable[[Event], Any]]:
        for name in self._toolbox:
            if f"tool:{name}" in event.names:
                return f"the tool {name}", self._serve_tool_call
        handlers = self._handlers
        tools = [name for name in event.names if name.startswith("tool:")]
        for name in (*tools, event.name, *event.names - {"*", event.type}, event.type, "*"):
            if name in handlers:
                return name, handlers[name]
        # A model that calls a function which nobody has: it is told so.
        return event.name, self._serve_tool_call

    def _handle(self, event: Event) -> None:
        name, handler = self._handler_for(event)
        frame = _Frame()
        self._frames.append(frame)
        self._in_handler = True
        try:
            self._adopt(event)
            handler(event)
            self._send_forgotten(frame, f"the handler of {name} returned")
        except CallEnded:
            if not self._returned:
                raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, sys.exit() too, it ends this call and no more
            frame.pending.clear()
            self._failed(name, error)
        finally:
            self._in_handler = False
            self._frames.pop()
            if frame.current is not None:
                with self._conversation.turn() as call:
                    call.move_on(frame.current)

    def _send_forgotten(self, frame: _Frame, before: str) -> None:
        if frame.pending and not self.ended:
            self.log.warning(wording.unsent_verbs([verb.name for verb in frame.pending], before))
            self.send()

    # The life of the session, called by the endpoint

    def live(self, handler: Callable[[Session], Any], *, patience: float | None = None) -> None:
        """Run the service's function, then the registered handlers, until the call is over.

        ``patience``: seconds jambonz is granted to end it when the function has returned; ``None`` for as long as it
        takes, since what was said before may take hours.
        """
        frame = self._frames[0]
        with self._conversation.turn() as call:
            self._expect_tool_calls(call)
        try:
            handler(cast("Session", self))
            self._send_forgotten(frame, "the handler returned")
            self._say_goodbye(frame)
        except CallEnded:
            self.log.debug("the handler was unwound: the call is over")
        except BaseException as error:  # noqa: BLE001 - whatever it is, sys.exit() too, it ends this call and no more
            frame.pending.clear()
            self._failed(self._opening.name, error)
        self._returned = True
        with self._conversation.turn() as call:
            call.returned()
        until = None if patience is None else self._conversation.now() + patience
        try:
            self._dispatch_until(lambda call: None, until, waiting_for="the end of the call")
            self._conversation.close(1000, "jambonz was told to end the call")
            self._dispatch_until(lambda call: None, None, waiting_for="the end of the call")
        except CallEnded as end:
            self._tell("close", end.code, end.reason)
        finally:
            self._forget_handlers()

    def _say_goodbye(self, frame: _Frame) -> None:
        with self._conversation.turn() as call:
            if call.ending is not None:
                return
            if self.service.hangup_on_return and not call.brings_question(self._handlers):
                call.say_goodbye(frame.current)
            elif frame.current is not None:
                call.move_on(frame.current)

    def _failed(self, name: str, error: BaseException) -> None:
        self._failed_in = name
        self.log.error(wording.handler_raised(name), exc_info=error)
        self.service.report_error(cast("Session", self), error)
        self._tell("error", error)
        with self._conversation.turn() as call:
            call.apologise(self._frames[-1].current, self.service.apology)
            call.give_up()

    def _tell(self, name: str, *arguments: Any) -> None:
        for fn in self._own_handlers[name]:
            try:
                fn(*arguments)
            except Exception:
                self.log.exception("the handler of %s raised an exception", name)

    def _forget_handlers(self) -> None:
        """Nothing is called any more."""
        # Such functions mostly use the session, which has them: all of the call would wait for the garbage collector.
        with self._conversation.lock:
            self._handlers = {}
        for functions in self._own_handlers.values():
            functions.clear()
        self._toolbox.clear()

    # The end

    def _require_own_thread(self, method: str) -> None:
        if not self._on_own_thread:
            raise RuntimeError(wording.not_on_call_thread(method))

    def _raise_if_over(self, call: Call) -> None:
        if call.ending is not None or (self._failed_in is not None and self._on_own_thread):
            raise self._end_error()

    def _end_error(self) -> BaseException:
        call = self._conversation.call
        code, reason, rejected = call.ending or Ending(1011, wording.handler_raised(str(self._failed_in)))
        text = wording.call_over(code, reason)
        if not self._on_own_thread:
            return CallNotActive(text, call_sid=self.call_sid, code=code, reason=reason)
        if rejected:
            return CallRejected(
                text, session=self, call_sid=self.call_sid, code=code, reason=reason, verbs=call.first_verbs
            )
        return CallEnded(text, session=self, call_sid=self.call_sid, code=code, reason=reason)
