"""One call, as the application sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import Self

from . import wording
from .call_thread import OWN_NAMES
from .commands.methods import CommandMethods
from .commands.plan import plan
from .conversation import Conversation
from .exceptions import CallEnded, HookLost, InvalidCommand
from .language_model import LanguageModelMethods
from .protocol.event import Event
from .protocol.message import ACKED_TYPES, UNACKED_TYPES
from .protocol.run import Outcome
from .protocol.tool_call import TOOL_CALL_TYPES
from .protocol.verb import Verb
from .recorded_speech import RecordedSpeech
from .streamed_speech import StreamedSpeech
from .talk.methods import Talk
from .verbs.build import build, from_wire
from .verbs.reporting import with_action_hook

if TYPE_CHECKING:
    from .service import Service

__all__ = ["Session"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

#: What RFC 6455 section 7.4 and the registry it opened allow in a close frame, below the private range.
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


class Session(Talk, CommandMethods, LanguageModelMethods, StreamedSpeech, RecordedSpeech):
    """One call. Given to the function registered with ``service.on("session:new")``, on a thread of its own.

    ::

        @service.on("session:new")
        def answer(session):
            session.say("What is your name?").gather(input=["speech"], action_hook="/name").send()
            evt = session.wait_for("/name")
            session.say(f"Hello {evt.transcript}.").reply()

    Verbs are methods (``say``, ``gather``, ``dial`` …). They are queued, and leave together with :meth:`send`,
    :meth:`reply` or :meth:`run`. Commands are methods too (``inject_mute``, ``inject_whisper`` …), which act at once,
    beside the verbs. All that waits works on the call's own thread only, and raises
    :exc:`~jambonz_sync.CallEnded` once the call is over. Any thread may queue, send and reply: the verbs a thread has
    queued are its own.
    """

    def __init__(self, conversation: Conversation, service: Service, path: str, target: str = "") -> None:
        super().__init__(conversation, service, path, target)
        #: A place for what the application wants to remember of this call: ``session.locals.tries = 0``.
        self.locals = SimpleNamespace()

    def __repr__(self) -> str:
        return f"<Session {self.call_sid or 'without sid'} on {self.path}>"

    # Sending

    def _queue_verb(
        self, name: str, options: Mapping[str, Any], positional: object = None, *, allow_unknown: bool = False
    ) -> Self:
        endpoint = self.service.endpoint
        verb = build(
            name,
            options,
            positional=positional,
            strict=endpoint.strict,
            jambonz_version=endpoint.jambonz_version,
            allow_unknown=allow_unknown,
        )
        self._frame.pending.append(verb)
        return self

    def _inject(
        self,
        command: str,
        options: Mapping[str, Any],
        positional: object = None,
        *,
        call_sid: str | None = None,
        start: str | None = None,
        checked: bool = True,
    ) -> None:
        endpoint = self.service.endpoint
        planned = plan(
            command,
            options,
            positional,
            call_sid=call_sid,
            start=start,
            checked=checked,
            strict=endpoint.strict,
            jambonz_version=endpoint.jambonz_version,
        )
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.send(planned.verbs, current=None, immediate=not planned.queue)
            call.command(*planned.commands)

    def send(self, *, exec_immediate: bool = True) -> Self:
        """Send the queued verbs, in the way that is right at this moment.

        ::

            session.say("One moment.").play("https://example.com/music.mp3").send()

        The first time they answer ``session:new``; with a hook taken and not replied to they are its reply; otherwise
        they are a command. With nothing queued, nothing is sent.

        ``exec_immediate``: as a command, replace what jambonz is doing (``True``), or wait behind it.

        Raises :exc:`~jambonz_sync.CallEnded` when the call is over (:exc:`~jambonz_sync.CallNotActive` on other
        threads) and :exc:`~jambonz_sync.MessageTooBig`. Where it raises, the queue is empty and nothing was sent.
        """
        frame = self._frame
        verbs = frame.taken()
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.send(verbs, current=frame.current, immediate=exec_immediate)
        return self

    def reply(self, to: Event | None = None) -> Self:
        """Send the queued verbs as the answer to a hook; with none queued jambonz goes on with what it has.

        ::

            evt = session.wait_for("/menu")
            session.say("Thank you.").reply()

        ``to``: the hook to answer, by default the one this function took last. A reply that comes too late, or for
        the second time, is turned into a command where that does what was meant. With no hook to answer the verbs
        are sent behind whatever plays.

        Raises as :meth:`send`, and :exc:`ValueError` if ``to`` is an event that asks nothing.
        """
        frame = self._frame
        verbs = frame.taken()
        asking = frame.current if to is None else to.asking
        if to is not None and asking is None:
            raise ValueError(wording.reply_not_wanted(to.name))
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            if asking is None:
                call.send(verbs, current=None, immediate=False)
            else:
                call.answer(asking, verbs)
        return self

    def run(self, *, timeout: float | None = None) -> Outcome:
        """Send the queued verbs and wait until the last of them is over.

        ::

            session.say("This is played to its end.").run()
            outcome = session.dial(target=[{"type": "phone", "number": "+15550100"}]).run()

        ``timeout``: the longest wait, in seconds; ``None`` waits as long as it takes.

        Returns an :class:`~jambonz_sync.Outcome`: ``completed``, ``interrupted`` or ``failed``, with the data of the
        verb's action hook. That hook is the one a following :meth:`reply` or :meth:`send` answers.

        Raises as :meth:`send`, :exc:`~jambonz_sync.WaitTimeout`, and :exc:`~jambonz_sync.InvalidCommand` if nothing
        is queued or the verb's action hook is an ``http`` URL, which never comes back on this socket.
        """
        self._require_own_thread("run")
        frame = self._frame
        verbs = frame.taken()
        if not verbs:
            raise InvalidCommand("run() needs a verb to wait for: session.say(...).run()")
        verbs[-1] = self._reporting(verbs[-1])
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            run = call.start_run(verbs, current=frame.current)
        try:
            self._block(lambda call: run.outcome is not None, timeout, ["the end of " + verbs[-1].name])
        finally:
            with self._conversation.turn() as call:
                call.stop_run()
        assert run.outcome is not None
        if run.outcome.event is not None:
            self._adopt(run.outcome.event)
        return run.outcome

    def _reporting(self, verb: Verb) -> Verb:
        hook = verb.options.get("actionHook")
        url = hook.get("url") if isinstance(hook, dict) else hook
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            raise InvalidCommand(
                f"run() cannot wait for {verb.name}: jambonz reports its end to {url}, not to this application. "
                "Name a path, such as action_hook='/done', or leave it out"
            )
        return with_action_hook(verb, "/run") if hook is None else verb

    # Receiving

    def wait_for(self, *names: str, timeout: float | None = None) -> Event:
        """Block until one of ``names`` comes, and return it.

        ::

            evt = session.wait_for("/menu")
            evt = session.wait_for("/menu", "call:status", timeout=30)

        ``names``: hooks as the verbs name them, message types (``"call:status"``, ``"verb:status"``,
        ``"llm:event"`` …), ``"tts:stream_open"`` and its like, ``"tool:get_weather"`` for a language model's call of
        that tool, or ``"*"`` for whatever comes. Events that came before
        the wait are delivered too, in order of arrival. Handlers registered with :meth:`on` run meanwhile.

        ``timeout``: the longest wait, in seconds; ``None`` waits as long as the call lasts.

        Raises :exc:`~jambonz_sync.WaitTimeout`, :exc:`~jambonz_sync.HookLost` for a verb that has ended while the
        connection was lost, and, once the call is over, :exc:`~jambonz_sync.CallEnded`.
        """
        self._require_own_thread("wait_for")
        if not names:
            raise TypeError('wait_for needs at least one name, such as "/menu" or "*"')
        wanted = frozenset(names)
        frame = self._frame
        self._send_forgotten(frame, f"waiting for {' or '.join(names)}")
        with self._conversation.turn() as call:
            if frame.current is not None and call.brings_question(wanted):
                call.move_on(frame.current)
            unknown = call.unknown_hooks(wanted)
            known = list(call.known_hooks) if unknown else []
            call.begin_wait(wanted)
        if unknown:
            self.log.warning(wording.unknown_hook_waited_for(unknown, known, ACKED_TYPES | UNACKED_TYPES))
        # Whoever takes whatever comes does not mean the calls of tools that are served by a function.
        before = TOOL_CALL_TYPES if self._toolbox and "*" in wanted and not self._in_handler else ()
        try:
            found = self._block(lambda call: call.take(wanted) or call.take_lost(wanted), timeout, names, before)
        finally:
            # No turn: nothing comes of it.
            with self._conversation.lock:
                self._conversation.call.end_wait()
        if isinstance(found, Verb):
            hook = found.action_hook or ""
            raise HookLost(wording.hook_lost(found.name, hook), verb=found.name, hook=hook)
        event: Event = found
        self._adopt(event)
        return event

    def __iter__(self) -> Iterator[Event]:
        """Iterate over everything that comes, until the call ends: ``for evt in session: …``."""
        while True:
            try:
                event = self.wait_for("*")
            except CallEnded:
                return
            yield event

    @overload
    def on(self, name: str, fn: _Handler) -> _Handler: ...
    @overload
    def on(self, name: str, fn: None = None) -> Callable[[_Handler], _Handler]: ...
    @overload
    def on(self, name: str, fn: None = None, *, reply: Sequence[Mapping[str, Any]]) -> None: ...
    def on(self, name: str, fn: Any = None, *, reply: Sequence[Mapping[str, Any]] | None = None) -> Any:
        """Call ``fn(event)`` for every event of this name; as a decorator too. Or give a hook a canned answer.

        ::

            @session.on("call:status")
            def status(evt):
                session.log.info("now %s", evt.call_status)


            session.on("/hold", reply=[{"verb": "play", "url": "https://example.com/music.mp3"}])

        Handlers run on the call's own thread, one at a time: while it waits, and after the service's function has
        returned. :meth:`wait_for` takes precedence. A second handler for a name takes the place of the first.

        ``name``: as for :meth:`wait_for`; also ``"close"`` for ``fn(code, reason)`` when the call is over, and
        ``"error"`` for ``fn(exc)`` when a function of this call has raised.

        ``reply``: verbs as dicts, given as the answer the moment the hook comes, whatever the thread is doing. For
        hooks whose verbs must be in the answer itself: ``waitHook``, ``onHoldHook``, ``enterHook``, ``confirmHook``.
        """
        if reply is not None:
            if fn is not None:
                raise TypeError("on() takes a function or reply=, not both")
            verbs = from_wire(
                reply, strict=self.service.endpoint.strict, jambonz_version=self.service.endpoint.jambonz_version
            )
            with self._conversation.turn() as call:
                call.can(name, verbs)
            return None
        if fn is None:
            return lambda function: self.on(name, function)
        if not callable(fn):
            raise TypeError(f"on({name!r}) needs a function, not {fn!r}")
        if name in ("session:new", "session:reconnect"):
            raise ValueError(f"{name} comes before there is a session: use service.on({name!r}, fn)")
        if name in OWN_NAMES:
            self._own_handlers[name].append(fn)
        else:
            with self._conversation.turn() as call:
                call.handle(name)
                # A copy, since the call's thread iterates over it.
                self._handlers = {**self._handlers, name: fn}
        return fn

    def sleep(self, seconds: float) -> None:
        """Sleep as ``time.sleep`` does, but raise :exc:`~jambonz_sync.CallEnded` when the call ends meanwhile.

        ::

            while not job.done():
                session.sleep(0.5)

        Handlers registered with :meth:`on` run meanwhile.
        """
        self._require_own_thread("sleep")
        self._send_forgotten(self._frame, "sleeping")
        self._dispatch_until(lambda call: None, self._conversation.now() + seconds, waiting_for="sleep")

    def check(self) -> None:
        """Raise :exc:`~jambonz_sync.CallEnded` if the call is over. For slow code, between two steps of it."""
        self._raise_if_over(self._conversation.call)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection to jambonz. Open hooks are answered first.

        With 1000, jambonz plays what is queued, ends the call after that, and does not come back. To end a call, send
        a ``hangup``; a call with nothing queued stays up, silent, until the caller hangs up. With any other code
        jambonz reconnects.

        Raises :exc:`ValueError` for a code that RFC 6455 section 7.4 does not allow in a close frame.
        """
        if not (isinstance(code, int) and (code in _CLOSE_CODES or 3000 <= code <= 4999)):
            raise ValueError(wording.bad_close_code(code))
        self._conversation.close(code, reason)
