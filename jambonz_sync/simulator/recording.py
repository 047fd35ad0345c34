"""Call recording: what ``config.record`` and the command ``record`` switch on and off.

::

    recording = Recording(transcript)
    recording.do({"action": "startCallRecording", "siprecServerURL": "sip:rec@example.com"}, answered=True)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transcript import Transcript

__all__ = ["Recording"]

#: By the action: the states in which it is possible, and the one it leads to.
_ACTIONS = {
    "startCallRecording": (("off",), "on"),
    "stopCallRecording": (("on", "paused"), "off"),
    "pauseCallRecording": (("on",), "paused"),
    "resumeCallRecording": (("paused",), "on"),
}


class Recording:
    """The recording of one call. Nothing is recorded; the transcript tells what jambonz would do."""

    def __init__(self, transcript: Transcript) -> None:
        self.state = "off"
        self._transcript = transcript
        self._remembered = False

    def do(self, options: Mapping[str, Any], *, answered: bool) -> bool:
        """Do what is asked for. Return whether it has the shape that jambonz reads."""
        action = options.get("action")
        if not isinstance(action, str) or action not in _ACTIONS:
            return False
        if not answered and action == "startCallRecording":
            self._remembered = True
        elif not answered or self.state not in _ACTIONS[action][0]:
            state = f"recording is {self.state}" if answered else "the call is not answered"
            self._transcript.add("fault", f"{action} does nothing: {state}")
        else:
            self.state = _ACTIONS[action][1]
            self._transcript.add("call", f"recording is {self.state}")
        return True

    def call_answered(self) -> None:
        """Start the recording that was asked for before."""
        if self._remembered:
            self._remembered = False
            self.do({"action": "startCallRecording"}, answered=True)
