"""The verb ``config``, and the command of the same name: how the session goes on from here.

::

    config(run, Verb("config", {"notifyEvents": True, "bargeIn": {"enable": True, "actionHook": "/interrupted"}}))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .detecting import A_PERSON, detect
from .execution import Execution
from .runner import Runner
from .streaming import switch_stream
from .verb import Verb

__all__ = ["config", "configure"]

#: What has an effect that this simulator does not show.
_LEFT_OUT = (
    "fillerNoise",
    "notifySttLatency",
    "onHoldMusic",
    "referHook",
    "vad",
)


def config(run: Runner, verb: Verb) -> None:
    """Execute it. It takes no time, and answers the call if it begins something that needs audio."""
    if not run.is_main:
        run.execution.transcript.add("note", "config: on a dialled leg it changes nothing in this simulator")
        return
    options = verb.options
    if _needs_audio(options):
        run.answer()
    configure(run.execution, options)


def _needs_audio(options: Mapping[str, Any]) -> bool:
    return (
        _part(options, "bargeIn").get("enable") is True
        or "action" in _part(options, "record")
        or "url" in _part(options, "listen")
        or "amd" in options
        or _part(options, "transcribe").get("enable") is True
    )


def _part(options: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = options.get(key)
    return part if isinstance(part, dict) else {}


def configure(execution: Execution, options: Mapping[str, Any]) -> None:
    """Let the options of a ``config`` take effect."""
    background = execution.background
    if options.get("notifyEvents") is True:
        execution.notifies = True
    if "amd" in options:
        detect(execution, _part(options, "amd"), execution.leg, execution.next_result("amd", A_PERSON))
    switch_stream(execution.main, options)
    background.defaults.change(options)
    background.barge_in.change(_part(options, "bargeIn"))
    if "action" in _part(options, "record"):
        background.recording.do(_part(options, "record"), answered=execution.answered)
    if "listen" in options:
        background.change_listen(_part(options, "listen"))
    if "transcribe" in options:
        background.change_transcribe(_part(options, "transcribe"))
    if "sipRequestWithinDialogHook" in options:
        background.request_hook = options["sipRequestWithinDialogHook"]
    if "disableTtsCache" in options:
        execution.caches_speech = options["disableTtsCache"] is not True
    if "actionHookDelayAction" in options:
        background.delay.change(_part(options, "actionHookDelayAction"))
    left_out = [key for key in _LEFT_OUT if key in options]
    if left_out:
        execution.transcript.add("note", f"config: this simulator leaves out {', '.join(left_out)}")
