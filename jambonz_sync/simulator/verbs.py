"""What each verb does.

::

    EXECUTE["say"](runner, Verb("say", {"text": "Hello."}))

A function a verb, or a module where there is more to it. Each runs on the call's thread, as long as the verb lasts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .dialling import dial
from .gathering import gather
from .playing import play_prompt
from .unwinding import Killed, LegGone, Skipped
from .verb import Verb, hook_name, number, parse_verbs

if TYPE_CHECKING:
    from .execution import Runner

__all__ = ["EXECUTE", "canonical"]

_OTHER_NAMES = {"stream": "listen", "s2s": "llm", "room": "conference"}

#: What ``config`` may carry that has an effect here or needs none.
_QUIET_CONFIG = frozenset({"id", "notifyEvents", "synthesizer", "recognizer"})


def canonical(name: str) -> str:
    """Return the name under which a verb is reported."""
    return "llm" if name.endswith("_s2s") else _OTHER_NAMES.get(name, name)


def _answer(run: Runner, verb: Verb) -> None:
    run.answer()


def _say(run: Runner, verb: Verb) -> None:
    run.answer()
    if verb.options.get("stream") is True:
        raise Skipped("speech from streamed tokens is not simulated")
    play_prompt(run, verb)


def _play(run: Runner, verb: Verb) -> None:
    run.answer()
    began = run.execution.clock.now()
    # A killed play reports its end all the same, and what replaces it waits for that hook's answer.
    with contextlib.suppress(Killed):
        play_prompt(run, verb)
    _report_playback(run, verb, began)


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


def _config(run: Runner, verb: Verb) -> None:
    if verb.options.get("notifyEvents") is True:
        run.execution.notifies = True
    strange = [key for key in verb.options if key not in _QUIET_CONFIG]
    if strange:
        run.execution.transcript.add("note", f"config: this simulator leaves out {', '.join(strange)}")


def _tag(run: Runner, verb: Verb) -> None:
    data = verb.options.get("data")
    run.leg.customer_data = data if isinstance(data, dict) else {}


def _redirect(run: Runner, verb: Verb) -> None:
    hook = hook_name(verb.options.get("actionHook"))
    if hook is None:
        raise Skipped("it has no actionHook")
    if hook.startswith(("ws://", "wss://", "http://", "https://")):
        raise Skipped("this simulator does not follow it to another address")
    data = run.leg.normal()
    if verb.id is not None:
        data["verb_id"] = verb.id
    answer = run.execution.wait_for_answer(run.execution.application.ask("session:redirect", data, hook=hook))
    if answer is None:
        run.execution.hang_up("session:redirect was not answered, which ends the call")
    elif isinstance(answer.data, list) and answer.data:
        run.replace_by_answer(parse_verbs(answer.data))


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


def _left_out(answers: bool) -> Callable[[Runner, Verb], None]:
    def execute(run: Runner, verb: Verb) -> None:
        if answers:
            run.answer()
        raise Skipped("this simulator does not execute it")

    return execute


#: What each verb of jambonz does, by its name.
EXECUTE: Mapping[str, Callable[[Runner, Verb], None]] = {
    "answer": _answer,
    "config": _config,
    "dial": dial,
    "gather": gather,
    "hangup": _hangup,
    "pause": _pause,
    "play": _play,
    "redirect": _redirect,
    "say": _say,
    "sip:decline": _decline,
    "tag": _tag,
    **dict.fromkeys(
        ("conference", "dequeue", "dialogflow", "enqueue", "lex", "listen", "llm", "rasa", "transcribe"),
        _left_out(answers=True),
    ),
    **dict.fromkeys(("alert", "dtmf", "dub", "leave", "message", "sip:refer", "sip:request"), _left_out(answers=False)),
}
