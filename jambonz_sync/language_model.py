"""What a session has to say to a language model: the answers to its tool calls, and what it should do differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from . import wording
from .call_thread import CallThread
from .commands.build import unchecked_command
from .commands.tool_output import Failure, check_update, outputs_for, tool_output
from .exceptions import InvalidCommand, MessageTooBig
from .protocol.call import Call
from .protocol.command import Command
from .protocol.event import Event
from .protocol.tool_call import TOOL_CALL_TYPES, ToolCall, tool_calls
from .tools import WrongArguments, name_of
from .verbs.fault import shown

if TYPE_CHECKING:
    from .session import Session

__all__ = ["LanguageModelMethods"]

_Tool = TypeVar("_Tool", bound=Callable[..., Any])


class LanguageModelMethods(CallThread):
    """The methods of a session for ``llm``, its vendor forms, and ``agent``."""

    def send_tool_output(
        self, tool_call: Event | str, output: Any = None, *, error: str | BaseException | None = None
    ) -> None:
        """Answer a tool call of a language model.

        ::

            evt = session.wait_for("/tool")
            session.send_tool_output(evt, {"temperature": 21})

        ``tool_call``: the event that brought it, or its ``tool_call_id``.

        ``output``: what the function returned; anything JSON can carry. It is put into the shape that the vendor of
        the model wants; what has that shape already goes as it stands. Where one event brings several calls, as
        Google's models send them, it is a list in the order of ``evt.function_calls``, or a dict by their ids. The
        vendor is that of the verb which names the event's tool hook, so models of two vendors in one call need tool
        hooks of two names.

        ``error``: instead of ``output``, what went wrong, for the model to read.

        Raises :exc:`~jambonz_sync.InvalidCommand`, :exc:`~jambonz_sync.MessageTooBig` and, when the call is over,
        :exc:`~jambonz_sync.CallEnded` (:exc:`~jambonz_sync.CallNotActive` on other threads); then nothing was sent.
        """
        if error is not None:
            if output is not None:
                raise TypeError("send_tool_output takes an output or error=, not both")
            output = Failure(_sentence(error) if isinstance(error, BaseException) else error)
        if not isinstance(tool_call, (Event, str)):
            raise InvalidCommand(
                f"send_tool_output needs the event of a tool call, or its tool_call_id, not {shown(tool_call)}",
                "send_tool_output",
            )
        with self._conversation.turn() as call:
            event = tool_call if isinstance(tool_call, Event) else call.tool_call(tool_call)
            model = call.model_behind(event)
        call_id = tool_call if isinstance(tool_call, str) else tool_call.get("tool_call_id")
        calls = [ToolCall(str(call_id), "", {})] if event is None else [*tool_calls(event.type, event.data)]
        if not isinstance(call_id, str) or not calls:
            name = tool_call if event is None else event.name
            raise InvalidCommand(f"send_tool_output needs a tool call, which {name} is not", "send_tool_output")
        if model is None and event is not None and "function_calls" in event:
            # No verb of this session brought the model in; but only those of one vendor call several at a time.
            model = "google"
        data = tool_output(model, calls, outputs_for(calls, output))
        self._send_to_model(unchecked_command("llm:tool-output", data, tool_call_id=call_id))

    def update_llm(self, data: Mapping[str, Any]) -> None:
        """Change what the language model of the running ``llm`` verb does.

        ::

            session.update_llm({"type": "session.update", "session": {"instructions": "Speak French."}})

        ``data``: the update, in the words of the model's vendor.

        Raises :exc:`~jambonz_sync.InvalidCommand` for a type of update that jambonz does not pass on to that vendor.
        Otherwise as :meth:`send_tool_output`.
        """
        if not isinstance(data, Mapping):
            raise InvalidCommand("update_llm needs a dict, in the words of the model's vendor", "update_llm")
        with self._conversation.turn() as call:
            model = call.model_behind(None)
            opening = call.opening
        if self.service.endpoint.strict:
            # Such a call came with verbs that this session has not sent.
            inherited = opening is not None and opening.type in ("session:reconnect", "session:adulting")
            if model is None and not inherited:
                raise InvalidCommand("update_llm has nothing to change: this call was given no llm verb", "update_llm")
            if model is not None:
                check_update(model, data)
        self._send_to_model(unchecked_command("llm:update", data))

    def _send_to_model(self, command: Command) -> None:
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.command(command)

    @overload
    def tool(self, name: _Tool, fn: None = None) -> _Tool: ...
    @overload
    def tool(self, name: str, fn: _Tool) -> _Tool: ...
    @overload
    def tool(self, name: str, fn: None = None) -> Callable[[_Tool], _Tool]: ...
    def tool(self, name: Any, fn: Any = None) -> Any:
        """Let a language model call a plain function; mostly as a decorator.

        ::

            @session.tool
            def get_weather(city):
                return {"temperature": 21}


            @session.tool("lookup_order")
            def look_up(order_id):
                return ORDERS[order_id]

        It gets the model's arguments by name, be they in camelCase there and in snake_case here; a parameter called
        ``session`` gets the session. What it returns is sent back, anything JSON can carry. When it raises, that is
        logged, the model is told, and the call goes on.

        It runs on the call's own thread, like what :meth:`on` registers: while that waits, and after the service's
        function has returned. ``service.tool`` registers for all calls of a service.

        ``name``: the name by which the model knows it, by default the function's own. The model has to be told of its
        functions too, in the options of its verb.
        """
        if callable(name):
            return self.tool(name_of(name), name)
        if fn is None:
            return lambda function: self.tool(name, function)
        self._toolbox.add(name, fn)
        with self._conversation.turn() as call:
            self._expect_tool_calls(call)
        return fn

    def _expect_tool_calls(self, call: Call) -> None:
        if self._toolbox:
            for kind in TOOL_CALL_TYPES:
                call.handle(kind)

    def _serve_tool_call(self, event: Event) -> None:
        """Call the functions that a message asks for, and send what they return."""
        if not isinstance(event.get("tool_call_id"), str):
            self.log.warning(wording.bad_message("calls a tool and has no tool_call_id", 1, f"{event.data!r:.80}"))
            return
        outputs = [self._called(call) for call in tool_calls(event.type, event.data)]
        if not outputs:
            return
        output: Any = outputs[0] if len(outputs) == 1 else outputs
        try:
            self.send_tool_output(event, output)
        except (InvalidCommand, MessageTooBig) as error:
            self.log.error(wording.tool_raised(event.tool_name), exc_info=error)
            self.service.report_error(cast("Session", self), error)
            self.send_tool_output(event, error="the result of the function cannot be sent")

    def _called(self, call: ToolCall) -> Any:
        session = cast("Session", self)
        try:
            tool = self._toolbox.find(call.name)
            arguments = tool.arguments(call.arguments, session)
        except WrongArguments as error:
            self.log.warning(wording.tool_called_wrongly(str(error)))
            return Failure(str(error))
        try:
            return tool.function(**arguments)
        except Exception as error:
            self.log.error(wording.tool_raised(call.name), exc_info=error)
            self.service.report_error(session, error)
            return Failure(_sentence(error))


def _sentence(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
