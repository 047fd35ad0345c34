"""What each verb does.

::

    EXECUTE["say"](runner, Verb("say", {"text": "Hello."}))

A function a verb, or a module where there is more to it. Each runs on the call's thread, as long as the verb lasts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, NoReturn

from .bots import bot
from .conferencing import conference
from .configuring import config
from .dialling import dial
from .dubbing import dub
from .gathering import gather
from .listening import listen
from .modelling import converse
from .playing import play_prompt
from .queueing import dequeue, enqueue, leave
from .redirecting import redirect
from .runner import ExecuteVerb, Runner
from .sip import refer, request
from .streaming import say_streamed
from .texting import message
from .transcribing import transcribe
from .unwinding import Killed, LegGone, Skipped
from .verb import Verb, number

__all__ = ["EXECUTE"]


def _answer(run: Runner, verb: Verb) -> None:
    run.answer()


def _say(run: Runner, verb: Verb) -> None:
    run.answer()
    if verb.options.get("stream") is True:
        say_streamed(run, verb)
    else:
        play_prompt(run, verb)


def _play(run: Runner, verb: Verb) -> None:
    run.answer()
    failure = run.execution.next_result("play", None)
    if failure is not None:
        _report_failure(run, verb, failure)
    began = run.execution.clock.now()
    # A killed play reports its end all the same, and what replaces it waits for that hook's answer.
    with contextlib.suppress(Killed):
        play_prompt(run, verb)
    _report_playback(run, verb, began)


def _report_failure(run: Runner, verb: Verb, failure: Mapping[str, Any]) -> NoReturn:
    nothing = {"playback_seconds": None, "playback_milliseconds": None}
    run.ask(verb, "actionHook", {"reason": "playFailed", "status": "fail", **nothing, **failure})
    raise Skipped(f"{verb.options.get('url')} cannot be played")


def _report_playback(run: Runner, verb: Verb, began: float) -> None:
    milliseconds = round((run.execution.clock.now() - began) * 1000)
    run.ask(
        verb,
        "actionHook",
        {
            "reason": "playCompleted",
            "playback_seconds": milliseconds // 1000,
            "playback_milliseconds": milliseconds,
            "playback_last_offset_pos": str(milliseconds * 8),
        },
    )


def _pause(run: Runner, verb: Verb) -> None:
    run.pass_time(number(verb.options, "length", 0.0))


def _tag(run: Runner, verb: Verb) -> None:
    data = verb.options.get("data")
    run.leg.customer_data = data if isinstance(data, dict) else {}


def _hangup(run: Runner, verb: Verb) -> None:
    if not run.is_main:
        raise LegGone
    if not run.execution.answered:
        raise Skipped("the call is not answered; use sip:decline")
    run.execution.hang_up(f"hung up by the application after {run.execution.clock.now():.0f} s")


def _decline(run: Runner, verb: Verb) -> None:
    if not run.is_main:
        raise Skipped("it is for the caller's leg only")
    if run.execution.answered:
        raise Skipped("the call is answered; use hangup")
    status = int(number(verb.options, "status", 603))
    phrase = verb.options.get("reason")
    run.execution.decline(status, phrase if isinstance(phrase, str) else "Decline", "by the application")


def _alert(run: Runner, verb: Verb) -> None:
    run.execution.transcript.add("call", f"alert: {verb.options.get('message')}")


def _dtmf(run: Runner, verb: Verb) -> None:
    run.answer()
    keys = str(verb.options.get("dtmf", ""))
    run.execution.transcript.add("call", f"jambonz presses {keys}")
    run.pass_time(len(keys) * number(verb.options, "duration", 500) / 1000)


#: What each verb of jambonz does, by its name.
EXECUTE: Mapping[str, ExecuteVerb] = {
    "agent": converse,
    "alert": _alert,
    "answer": _answer,
    "conference": conference,
    "config": config,
    "dequeue": dequeue,
    "dial": dial,
    "dialogflow": bot("dialogflow"),
    "dtmf": _dtmf,
    "dub": dub,
    "enqueue": enqueue,
    "gather": gather,
    "hangup": _hangup,
    "leave": leave,
    "lex": bot("lex"),
    "listen": listen,
    "llm": converse,
    "message": message,
    "pause": _pause,
    "play": _play,
    "rasa": bot("rasa"),
    "redirect": redirect,
    "say": _say,
    "sip:decline": _decline,
    "sip:refer": refer,
    "sip:request": request,
    "tag": _tag,
    "transcribe": transcribe,
}
