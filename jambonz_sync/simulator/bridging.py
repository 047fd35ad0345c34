"""Two parties who talk to each other: what ``dial`` does from the answer until one of them hangs up.

::

    Bridge(run, verb, leg, Answers(seconds=30, caller=[Silence(3), Presses("*1")])).talk()
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections import deque
from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any

from .caller import KEY_INTERVAL, Answers, HangsUp, Holds, Party, Presses, Says
from .commands import bridge_commands
from .detecting import A_PERSON, detect
from .dubbing import dub
from .facts import Leg
from .key_patterns import KeyPatterns
from .listening import Listening
from .runner import Runner
from .speech import speaking_time
from .transcribing import Transcribing, channels_of
from .unwinding import Killed
from .verb import Verb, number
from .waiting import PROMPTS, ask_for_prompts

__all__ = ["Bridge"]


class Bridge:
    """The conversation of the caller with the party on ``leg``, who behaves as ``answers`` says."""

    def __init__(self, run: Runner, verb: Verb, leg: Leg, answers: Answers) -> None:
        self._run = run
        self._verb = verb
        self._leg = leg
        self._answers = answers
        self._is_over = False
        self._listening: Listening | None = None
        self._transcribing: Transcribing | None = None

    def talk(self) -> None:
        """Let them talk until it is over. Raises :exc:`~.unwinding.Killed`."""
        run, options = self._run, self._verb.options
        detection = []
        if isinstance(options.get("amd"), dict):
            detection = detect(run.execution, options["amd"], run.leg, self._answers.amd or A_PERSON)
        try:
            with contextlib.ExitStack() as commands:
                commands.enter_context(run.execution.doing(bridge_commands(run, self._leg)))
                for mapping in self._begin_nested():
                    commands.enter_context(run.execution.doing(mapping))
                caller = Party("caller", self._answers.caller)
                if run.party.talks_when_connected:
                    caller = run.party
                    commands.enter_context(run.execution.background.hearing.talking())
                self._converse(caller)
            self._end_listening()
        except Killed:
            self._end_listening()
            raise
        finally:
            for timer in detection:
                timer.cancel()
            if self._transcribing is not None:
                self._transcribing.end()
            if self._listening is not None:
                self._listening.close()

    # What listens to them

    def _begin_nested(self) -> list[Any]:
        options, execution = self._verb.options, self._run.execution
        listen = options.get("listen", options.get("stream"))
        commands = []
        if isinstance(listen, dict):
            self._listening = Listening(execution, listen, self._leg, nested=True, over=self._tell)
            self._listening.open()
            commands.append(self._listening.commands)
        if isinstance(options.get("transcribe"), dict):
            transcribe = options["transcribe"]
            self._transcribing = Transcribing(
                execution, transcribe, self._run.leg, nested=True, channels=channels_of(transcribe)
            )
            self._transcribing.begin()
            commands.append(self._transcribing.commands)
        for track in options.get("dub", ()):
            dub(self._run, Verb("dub", track), self._callee_hears)
        return commands

    def _end_listening(self) -> None:
        if self._listening is not None:
            self._listening.end()

    def _tell(self, listening: Listening) -> None:
        # The verbs in the answer are not looked at.
        data = {**self._run.leg.normal(), **listening.results}
        self._run.execution.background.ask(listening.options.get("actionHook"), data)

    # What they do

    def _converse(self, caller: Party) -> None:
        now = self._run.execution.clock.now()
        ends: list[tuple[float, Callable[[], None]]] = [(now + self._answers.seconds, self._hang_up)]
        limit = number(self._verb.options, "timeLimit", 0)
        if limit > 0:
            ends.append((now + limit, self._cut))
        talkers = [
            _Talker(self, caller, now, channel=1),
            _Talker(self, Party("callee", self._answers.callee), now, channel=2),
        ]
        holds = deque(sorted(self._answers.holds, key=attrgetter("at")))
        while not self._is_over:
            due = [*ends, *(talker.next_step for talker in talkers)]
            if holds:
                due.append((now + holds[0].at, lambda: self._hold(holds.popleft())))
            at, action = min(due, key=itemgetter(0))
            changes = caller.changes
            self._run.wait_until(at, functools.partial(self._is_interrupted, caller, changes))
            if caller.changes != changes:
                talkers[0].thinks_again(self._run.execution.clock.now())
            elif not self._is_over:
                action()

    def _is_interrupted(self, caller: Party, changes: int) -> bool:
        return self._is_over or caller.changes != changes

    def end(self) -> None:
        """One of them leaves the other, for whatever reason."""
        self._is_over = True

    def _hang_up(self) -> None:
        self._run.execution.transcript.add("callee", "hangs up")
        self._is_over = True

    def _cut(self) -> None:
        self._run.execution.transcript.add("call", "the timeLimit of dial is reached")
        self._is_over = True

    def party_hangs_up(self, party: Party) -> None:
        """One of them hangs up."""
        if party.who == "caller":
            self._run.party_hangs_up()
        self._hang_up()

    def says(self, party: Party, speech: Says, at: float, channel: int) -> None:
        """One of them speaks."""
        self._run.execution.transcript.add(party.who, speech.text)
        self._run.execution.background.hearing.overhear(speech, at, channel)

    def is_pressing(self, party: Party, keys: str) -> None:
        """One of them begins to press keys."""
        self._run.execution.transcript.add(party.who, f"presses {keys}")

    def presses(self, key: str, at: float, channel: int, patterns: KeyPatterns) -> None:
        """One of them presses a key, which may complete a pattern that ``dtmfHook`` is told of."""
        execution = self._run.execution
        execution.background.hearing.overhear(key, at, channel)
        found = patterns.press(key, at)
        if found is not None:
            leg = self._run.leg if channel == 1 else self._leg
            execution.background.ask(self._verb.options.get("dtmfHook"), {**leg.normal(), "dtmf": found})

    def patterns(self, channel: int) -> KeyPatterns:
        """Return what keys of one of them are looked for."""
        if self._run.execution.background.request_hook is not None:
            # It takes the place of these patterns.
            return KeyPatterns([])
        capture = self._verb.options.get("dtmfCapture", [])
        if isinstance(capture, dict):
            # Those for the caller are attached to the dialled leg too, and to no other.
            both = [*capture.get("childCall", ()), *capture.get("parentCall", ())]
            capture = both if channel == 2 else []
        return KeyPatterns([pattern for pattern in capture if isinstance(pattern, str)])

    # Hold

    def _hold(self, hold: Holds) -> None:
        """One of them puts the other on hold, who hears what ``onHoldHook`` answers, again and again."""
        run, transcript, clock = self._run, self._run.execution.transcript, self._run.execution.clock
        leg = run.leg if hold.by == "caller" else self._leg
        transcript.add(hold.by, "puts the other on hold")
        end = clock.now() + hold.seconds
        run.execution.timers.at(end, lambda: None)
        detail = {"from": f"<sip:{leg.from_}@{leg.call_id.partition('@')[2]}>", "to": f"<sip:{leg.to}>"}
        hears = None if hold.by == "callee" else self._callee_hears
        while clock.now() < end:
            verbs = ask_for_prompts(
                run,
                self._verb.options.get("onHoldHook"),
                {**run.leg.normal(), "hold_detail": detail},
                allowed=PROMPTS,
                over=lambda: clock.now() >= end,
            )
            if not verbs:
                break
            run.for_prompts(verbs, broken_off=lambda: clock.now() >= end, hears=hears).run()
        run.wait_until(end)
        transcript.add(hold.by, "is back")

    def _callee_hears(self, what: str) -> None:
        self._run.execution.transcript.add("callee", f"hears: {what}")


class _Talker:
    """One of the two, and what it does next."""

    def __init__(self, bridge: Bridge, party: Party, now: float, *, channel: int) -> None:
        self._bridge = bridge
        self._party = party
        self._free_at = now
        self._channel = channel
        self._is_idle = False
        self._keys: deque[str] = deque()
        self._patterns = bridge.patterns(channel)

    @property
    def next_step(self) -> tuple[float, Callable[[], None]]:
        """What it does next, and when."""
        if self._keys:
            return self._free_at, self._press
        when, step = self._party.upcoming(self._free_at)
        self._is_idle = step is None
        return when if step is not None else math.inf, functools.partial(self._act, when)

    def thinks_again(self, now: float) -> None:
        """It has made up its mind to something; if it had nothing to do before, it begins ``now``."""
        if self._is_idle:
            self._free_at = max(self._free_at, now)

    def _act(self, at: float) -> None:
        _, step = self._party.upcoming(at)
        self._party.take()
        if isinstance(step, HangsUp):
            self._bridge.party_hangs_up(self._party)
        elif isinstance(step, Says):
            self._free_at = at + speaking_time(step.text)
            self._bridge.says(self._party, step, at, self._channel)
        elif isinstance(step, Presses):
            self._free_at = at
            self._keys.extend(step.keys)
            self._bridge.is_pressing(self._party, step.keys)

    def _press(self) -> None:
        key, at = self._keys.popleft(), self._free_at
        if self._keys:
            self._free_at += KEY_INTERVAL
        self._bridge.presses(key, at, self._channel, self._patterns)
