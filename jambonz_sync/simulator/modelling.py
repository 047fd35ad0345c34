"""The verbs ``llm``, under all its names, and ``agent``: a language model that talks to the caller.

::

    converse(run, Verb("openai_s2s", {"toolHook": "/tool", "actionHook": "/over", "llmOptions": {...}}))

The model and the caller follow their scripts, and take turns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .caller import REACTION, HangsUp, Presses, Says
from .key_case import snake_cased
from .model_script import CallsTool, CallsTools, ModelEnds, ModelSays, ModelSends
from .runner import Runner
from .speech import speaking_time
from .unwinding import Killed, Skipped
from .vendor import Call, Event, Vendor, WrongShape
from .vendors import vendor_of
from .verb import Verb, hook_name, is_http

__all__ = ["converse"]


def converse(run: Runner, verb: Verb) -> None:
    """Execute it: let the model and the caller talk, and send the action hook, also when it is killed."""
    vendor = vendor_of(verb.name, verb.options)
    if vendor is None or not run.is_main:
        raise Skipped("it is for the caller's leg only" if vendor else "there is no such vendor of language models")
    run.answer()
    conversation = _Conversation(run, verb, vendor())
    with run.execution.doing({"llm:tool-output": conversation.take_output, vendor.update_command: conversation.update}):
        try:
            conversation.hold()
        except Killed:
            run.execution.model.break_off()
    if not run.ask(verb, "actionHook", conversation.results):
        run.execution.hang_up(f"the action hook of {verb.name} was not answered, which ends the call")


class _Conversation:
    """One conversation, from the first event to what the action hook tells of it."""

    def __init__(self, run: Runner, verb: Verb, vendor: Vendor) -> None:
        self.results: dict[str, Any] = {"completion_reason": "normal conversation end"}
        self._run = run
        self._verb = verb
        self._vendor = vendor
        self._wanted = vendor.wants(verb.options.get("events"))
        # The calls whose outputs the model waits for, by their ids.
        self._calls: dict[object, Call] = {}
        # Whether the application cannot be expected to send them any more.
        self._in_vain = False
        self._unheard_of: set[str] = set()

    def hold(self) -> None:
        """Go through the scripts of both; a model that has come to the end of its own listens for ever.

        Raises :exc:`~.unwinding.Killed`.
        """
        script = self._run.execution.model
        options = self._verb.options.get("llmOptions")
        self._report(self._vendor.connected(options if isinstance(options, dict) else {}))
        if not script.begins_with_speech:
            self._listen(unless=HangsUp)
        while True:
            step = script.take()
            if step is None:
                if not self._listen():
                    self._run.await_command(self._somebody_has_thought_of_something)
            elif isinstance(step, ModelEnds):
                self._end(step)
                return
            elif isinstance(step, ModelSays):
                self._say(step.text)
            elif isinstance(step, ModelSends):
                self._report([dict(step.event)])
            else:
                self._call_tools(step.calls if isinstance(step, CallsTools) else [step])

    def _somebody_has_thought_of_something(self) -> bool:
        execution = self._run.execution
        return bool(execution.model) or self._run.party.upcoming(execution.clock.now())[1] is not None

    def _end(self, step: ModelEnds) -> None:
        self.results = {"completion_reason": step.reason}
        if step.error is not None:
            self.results["error"] = step.error
            self._report(self._vendor.failed(step.error))

    # Events

    def _report(self, events: Iterable[Event]) -> None:
        for event in events:
            if self._vendor.kind(event) in self._wanted:
                self._tell("event", "eventHook", event)

    def _tell(self, what: str, option: str, data: Mapping[str, Any]) -> bool:
        """Send one of the verb's own messages; return whether the application gets it."""
        hook = hook_name(self._verb.options.get(option))
        execution = self._run.execution
        if hook is None or is_http(hook):
            if hook is not None and hook not in self._unheard_of:
                self._unheard_of.add(hook)
                execution.note_http(hook)
            return False
        execution.application.tell(f"{self._vendor.channel}:{what}", snake_cased(dict(data)), hook=hook)
        return True

    # Who speaks

    def _say(self, text: str) -> None:
        """Let the model speak until it is done or interrupted, then the caller."""
        began = self._run.execution.clock.now()
        end = began + speaking_time(text)
        step = self._run.party.interruption(began)
        self._report(self._vendor.begins(text))
        self._run.lets_hear(text)
        if isinstance(step, Says) and began + REACTION < end:
            self._run.wait_until(began + REACTION)
            self._run.party.take()
            self._hear(step, interrupting=text)
        else:
            self._run.wait_until(end)
            self._report(self._vendor.said(text))
            self._listen()

    def _listen(self, *, unless: type | None = None) -> bool:
        """Let the caller act, until it has said something; return whether it has."""
        while True:
            now = self._run.execution.clock.now()
            when, step = self._run.party.upcoming(now)
            if step is None:
                # What the application does by itself within that time comes first.
                self._run.wait_until(now + REACTION)
                when, step = self._run.party.asked(now)
            if step is None or (unless is not None and isinstance(step, unless)):
                return False
            self._run.wait_until(when)
            if isinstance(step, HangsUp):
                self._run.party_hangs_up()
            self._run.party.take()
            if isinstance(step, Says):
                self._hear(step)
                return True
            self._press(step)

    def _hear(self, speech: Says, *, interrupting: str | None = None) -> None:
        execution = self._run.execution
        execution.transcript.add(self._run.party.who, speech.text)
        self._run.is_overheard(speech, execution.clock.now())
        self._report(self._vendor.caller_begins())
        if interrupting is not None:
            self._report(self._vendor.interrupted(interrupting))
        self._run.pass_time(speaking_time(speech.text))
        self._report(self._vendor.heard(speech.text))

    def _press(self, keys: Presses) -> None:
        execution = self._run.execution
        execution.transcript.add(self._run.party.who, f"presses {keys.keys}")
        execution.transcript.add("fault", "nobody notices that: a language model hears no keys")
        for key in keys.keys:
            self._run.is_overheard(key, execution.clock.now())

    # Tools

    def _call_tools(self, steps: Sequence[CallsTool]) -> None:
        """Ask for the outputs, and wait until all are there."""
        calls = [Call(step.id or self._vendor.new_id(), step.name, step.arguments) for step in steps]
        self._calls = {call.id: call for call in calls}
        for call in calls:
            self._note(f"the model calls {call.name} {_json(call.arguments)}")
        for data in self._vendor.tool_messages(calls):
            if not self._tell("tool-call", "toolHook", data):
                self._in_vain = True
        self._report(self._vendor.tool_events(calls))
        if self._in_vain:
            self._fault("the tool call is lost: the verb has no toolHook here, and the model waits for ever")
        if not self._in_vain:
            self._run.await_command(lambda: not self._calls or self._in_vain)
        self._run.await_command(lambda: not self._calls, in_vain=True)
        self._in_vain = False

    def take_output(self, message: dict[str, Any]) -> bool:
        """The command ``llm:tool-output``."""
        try:
            outputs = self._vendor.answered(message.get("data"), message.get("tool_call_id"))
        except WrongShape as fault:
            self._drop_output(f"{fault}")
            return True
        unknown = [call_id for call_id in outputs if call_id not in self._calls]
        if unknown:
            self._drop_output(f"there is no open tool call {unknown[0]!r}")
        for call_id, output in outputs.items():
            if self._calls.pop(call_id, None) is not None:
                self._note(f"the model is told {_json(output)}")
                self._run.execution.model.outputs[call_id] = output
        return True

    def _drop_output(self, why: str) -> None:
        self._in_vain = bool(self._calls)
        waits = ", and the model waits for ever" if self._calls else ""
        self._fault(f"the output of a tool is dropped{waits}: {why}")

    def update(self, message: dict[str, Any]) -> bool:
        """The command ``llm:update``, or ``agent:update``."""
        try:
            self._vendor.check_update(message.get("data"))
        except WrongShape as fault:
            self._fault(f"the command {message['command']} is dropped: {fault}")
        return True

    def _note(self, what: str) -> None:
        self._run.execution.transcript.add("note", what)

    def _fault(self, what: str) -> None:
        self._run.execution.transcript.add("fault", what)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
