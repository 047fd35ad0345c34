"""Commands that change something in the call, each in the one shape that jambonz reads.

::

    commands = call_commands(execution)
    commands["dtmf"]({"command": "dtmf", "data": {"dtmf": {"digit": "5"}}})  # True

Those of a running verb are with that verb. Each returns whether it could make something of the message: to a wrong
shape jambonz pays no attention.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .commanding import CommandDoer
from .configuring import configure
from .dubbing import dub_by_command
from .execution import Execution
from .facts import Leg
from .runner import Runner
from .validator import fault_of
from .whispering import whisper

__all__ = ["bridge_commands", "call_commands"]

_KEYS = frozenset("0123456789*#ABCD")

_PATHS = frozenset({"no-media", "partial-media", "full-media"})


def call_commands(execution: Execution) -> Mapping[str, CommandDoer]:
    """Return the commands that a call does at any time, or once it is answered."""
    commands = _CallCommands(execution)
    return {
        "boostAudioSignal": commands.boost,
        "config": commands.config,
        "dial": commands.dial,
        "dtmf": commands.dtmf,
        "dub": commands.dub,
        "record": commands.record,
        "sip:request": commands.sip_request,
        "transcribe:status": commands.transcribe_status,
    }


def bridge_commands(run: Runner, leg: Leg) -> Mapping[str, CommandDoer]:
    """Return the commands that are done while the caller is connected to the party on ``leg``."""
    commands = _BridgeCommands(run, leg)
    return {
        "dub": commands.dub,
        "media:path": commands.media_path,
        "mute:status": commands.mute_status,
        "whisper": commands.whisper,
    }


def _part(message: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    data = message.get("data")
    part = data.get(key) if isinstance(data, dict) else None
    return part if isinstance(part, dict) else None


class _CallCommands:
    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def _note(self, what: str) -> bool:
        self._execution.transcript.add("call", what)
        return True

    def _leg(self, message: Mapping[str, Any]) -> str:
        sid = message.get("callSid")
        return "" if sid is None or sid == self._execution.leg.call_sid else f" on the leg {sid}"

    def config(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not isinstance(data, dict) or fault_of("config", data) is not None:
            return False
        configure(self._execution, data)
        return True

    def dub(self, message: dict[str, Any]) -> bool:
        return dub_by_command(self._execution.main, message)

    def record(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        recording = self._execution.background.recording
        return isinstance(data, dict) and recording.do(data, answered=self._execution.answered)

    def transcribe_status(self, message: dict[str, Any]) -> bool:
        return self._execution.background.change_transcribe_status(message)

    def dtmf(self, message: dict[str, Any]) -> bool:
        part = _part(message, "dtmf")
        digit = None if part is None else part.get("digit")
        if not self._execution.answered or not isinstance(digit, str) or digit not in _KEYS:
            return False
        return self._note(f"jambonz presses {digit}{self._leg(message)}")

    def sip_request(self, message: dict[str, Any]) -> bool:
        part = _part(message, "sip_request")
        if not self._execution.answered or part is None or not isinstance(part.get("method"), str):
            return False
        return self._note(f"jambonz sends SIP {part['method']}{self._leg(message)}")

    def boost(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not self._execution.answered or isinstance(data, bool) or not isinstance(data, (int, float, str)):
            return False
        return self._note(f"the volume is changed by {data}{self._leg(message)}")

    def dial(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("to"), dict) or "from" not in data:
            return False
        if not ("call_hook" in data or "application_sid" in data):
            return False
        self._execution.transcript.add("note", "the command dial begins another call, which this simulator does not")
        return True


class _BridgeCommands:
    def __init__(self, run: Runner, leg: Leg) -> None:
        self._run = run
        self._callee = leg

    def _who(self, message: Mapping[str, Any]) -> str:
        return "callee" if message.get("callSid") == self._callee.call_sid else "caller"

    def mute_status(self, message: dict[str, Any]) -> bool:
        data = message.get("data")
        status = data.get("mute_status") if isinstance(data, dict) else data
        if not isinstance(status, str):
            return False
        # Whatever is not "mute" does the opposite.
        what = "muted" if status == "mute" else "no longer muted"
        self._run.execution.transcript.add("call", f"the {self._who(message)} is {what}")
        return True

    def media_path(self, message: dict[str, Any]) -> bool:
        path = message.get("data")
        if not isinstance(path, str) or path not in _PATHS:
            return False
        self._run.execution.transcript.add("call", f"the audio takes another way: {path}")
        return True

    def dub(self, message: dict[str, Any]) -> bool:
        # For the caller it is the same as at any time.
        return self._who(message) == "callee" and dub_by_command(self._run, message, self._callee_hears)

    def whisper(self, message: dict[str, Any]) -> bool:
        return whisper(self._run, message, self._callee_hears if self._who(message) == "callee" else None)

    def _callee_hears(self, what: str) -> None:
        self._run.execution.transcript.add("callee", f"hears: {what}")
