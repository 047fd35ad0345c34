"""What answers the calls of one path."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .application_variables import ApplicationVariables
from .basic_auth import Auth
from .registration import Registration
from .tools import Toolbox, name_of
from .verbs.build import from_wire

if TYPE_CHECKING:
    from .audio.service import AudioService
    from .endpoint import Endpoint
    from .session import Session

__all__ = ["Service"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])

_NAMES = ("session:new", "session:redirect", "session:adulting", "session:reconnect", "error")


class Service:
    """The functions that answer the calls of one path. Made by ``endpoint.make_service(path)``.

    ::

        echo = endpoint.make_service(path="/echo")


        @echo.on("session:new")
        def answer(session):
            session.say("Hello.").send()
    """

    #: How jambonz names what it speaks on the websocket of a call.
    subprotocols = ("ws.jambonz.org",)
    #: Bytes; jambonz' own messages have some thousand.
    max_message_size = 1024 * 1024

    def __init__(
        self,
        endpoint: Endpoint,
        path: str,
        *,
        auth: Auth | None,
        variables: ApplicationVariables,
        beside: AudioService | None,
        apology: Sequence[Mapping[str, Any]],
        hangup_on_return: bool,
    ) -> None:
        self.endpoint = endpoint
        self.path = path
        #: Who may connect, in place of the endpoint's.
        self.auth = auth
        #: What takes the audio of calls that are recorded, which jambonz brings to the path they came by.
        self.beside = beside
        #: What the operator may set of it.
        self.variables = variables
        #: The same, as jambonz is told of it.
        self.schema: Mapping[str, Any] = variables.schema
        #: What a call to a path is held inside of, on its own thread.
        self.surroundings: Callable[[str], contextlib.AbstractContextManager[object]] = contextlib.nullcontext
        #: Whether a call ends when the function that answers it returns.
        self.hangup_on_return = hangup_on_return
        #: What a caller hears whose handler has raised.
        self.apology = from_wire(apology, strict=endpoint.strict, jambonz_version=endpoint.jambonz_version)
        #: The functions that language models may call in any call of this service.
        self.toolbox = Toolbox()
        self._registration = Registration("a service", _NAMES, "For the hooks of a call use session.on(...)")

    def __repr__(self) -> str:
        return f"<Service {self.path}>"

    @overload
    def on(self, name: str, fn: _Handler) -> _Handler: ...
    @overload
    def on(self, name: str, fn: None = None) -> Callable[[_Handler], _Handler]: ...
    def on(self, name: str, fn: Any = None) -> Any:
        """Register the function for one way a session begins; as a decorator too.

        ::

            service.on("session:new", answer)

        ``name``:

        * ``"session:new"``: ``fn(session)`` answers each new call, on a thread of its own
        * ``"session:redirect"``: ``fn(session)`` takes over a call that another application has redirected here; by
          default the function for ``session:new`` does
        * ``"session:reconnect"``: ``fn(session)`` takes over a call this process does not know, because it was answered
          before a restart; by default such a call is ended in order
        * ``"session:adulting"``: ``fn(session)`` gets a dialled leg that has become a call of its own
        * ``"error"``: ``fn(session, exc)`` is told of an exception in any of these and in handlers of their sessions
        """
        return self._registration.on(name, fn)

    @overload
    def tool(self, name: _Handler, fn: None = None) -> _Handler: ...
    @overload
    def tool(self, name: str, fn: _Handler) -> _Handler: ...
    @overload
    def tool(self, name: str, fn: None = None) -> Callable[[_Handler], _Handler]: ...
    def tool(self, name: Any, fn: Any = None) -> Any:
        """Let language models call a plain function, in every call of this service; mostly as a decorator.

        ::

            @service.tool
            def get_weather(city):
                return {"temperature": 21}


            @service.tool("transfer")
            def transfer(session, department):
                session.dial(target=DEPARTMENTS[department]).send()

        See :meth:`jambonz_sync.Session.tool`, which registers one for a single call.

        ``name``: the name by which the model knows it, by default the function's own.
        """
        if callable(name):
            return self.tool(name_of(name), name)
        if fn is None:
            return lambda function: self.tool(name, function)
        self.toolbox.add(name, fn)
        return fn

    def handler_for(self, opening: str) -> Callable[[Session], Any] | None:
        """Return the function for a session that begins with a message of this type, or ``None``."""
        handler = self._registration.get(opening)
        if handler is None and opening == "session:redirect":
            handler = self._registration.get("session:new")
        return handler

    def report_error(self, session: Session, error: BaseException) -> None:
        """Tell the function for ``error``, if there is one."""
        self._registration.report_error(session, error, "the service's handler of error raised an exception")
