"""A call on a thread of its own, that others take part in.

::

    call = PlacedCall(url, screen, typed=True)
    call.start()
    call.take_text("hello")
    call.over.wait()
"""

from __future__ import annotations

import functools
import math
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ...audio.wav import Sound
from ...simulator.call import SimulatedCall
from ...simulator.caller import Answers, Busy, NoAnswer
from ...simulator.handset import Handset
from ...simulator.model_script import ModelScript
from ...simulator.printing import Screen
from ...simulator.sound_file import PlaysSound
from ...simulator.transcript import Entry, Transcript, Who, WireMessage
from ...simulator.verb import Verb
from ...testing.dialled import Dialled
from .lines import HELP, BadLine, Deed, Line, Order, parse
from .listening_for import listening_for, verbs_of
from .live_clock import LiveClock
from .network import CallNetwork
from .typed_caller import TypedCaller

__all__ = ["PlacedCall"]

#: How long a prepared caller stays at the most, in seconds of the call.
_LONGEST = 3600.0


class PlacedCall:
    """A call to an application, and who calls.

    * ``url``: where the application listens
    * ``screen``: shows what happens
    * ``typed``: whether somebody sits there and types. Such a caller bears any silence; a prepared one hangs up after
      10 seconds of it, as after an hour.
    * ``speed``: how many times faster than real time it goes
    * ``tls``: how ``wss`` is spoken
    * ``sound``: what the caller's microphone picks up from when the application begins to listen to it
    * ``facts``: the numbers, headers and variables of the call, as for :class:`.SimulatedCall`

    Methods are for any thread.
    """

    def __init__(
        self,
        url: str,
        screen: Screen,
        *,
        typed: bool,
        speed: float = 1.0,
        tls: ssl.SSLContext | None = None,
        sound: PlaysSound | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        #: Is set when the call is over, and all of it printed.
        self.over = threading.Event()
        #: Is called on the call's thread after that.
        self.on_over: Callable[[], None] = lambda: None
        #: What the call could not be held for.
        self.error: BaseException | None = None
        #: How many lines meant nothing.
        self.misread = 0
        self._screen = screen
        self._typed = typed
        self._clock = LiveClock(speed)
        self._handset = Handset(self._clock.now, begins=self._begins_to_play, complain=self._complain)
        self._network = CallNetwork(self._clock.now, tls, self._handset)
        self._clock.open_wires = lambda: self._network.open_wires
        self._dialled = Dialled(())
        self._model = ModelScript()
        self._caller = TypedCaller(interrupts=typed, do=self._do)
        self._caller.on_asked = self._show_that_it_listens
        if sound is not None:
            self._handset.microphone.play(sound)
        self._call = SimulatedCall(
            url,
            caller=self._caller,
            dials=self._dialled,
            model=self._model,
            clock=self._clock,
            patience=math.inf if typed else 10.0,
            limit=math.inf if typed else _LONGEST,
            watch=self._notice,
            connect=self._network.connect,
            connect_audio=self._network.connect_audio,
            **(facts or {}),
        )
        # The verbs that the application has sent last, and whether it has been shown that it listens.
        self._verbs: list[Verb] = []
        self._shown_listening = False
        # It must not keep the process alive that a second Ctrl-C ends.
        self._thread = threading.Thread(target=self._run, name="the call", daemon=True)

    @property
    def transcript(self) -> Transcript | None:
        """What has happened; complete once the call is over."""
        return self._call.transcript

    @property
    def unsaid(self) -> int:
        """How many lines were not said, once the call is over."""
        return self._caller.unsaid

    @property
    def unheard(self) -> list[str]:
        """The files to whose sound nobody has listened, once the call is over."""
        return [sound.name for sound in self._handset.microphone.waiting]

    @property
    def misfits(self) -> int:
        """How many files were not heard since the application listens at another rate."""
        return self._handset.microphone.misfits

    @property
    def listened_since(self) -> float:
        """When the application has begun to listen to the caller's sound, in seconds; ``inf`` if it never has."""
        return self._handset.listened_since

    @property
    def both_sides(self) -> Sound | None:
        """What was said and heard since then, on the left and on the right; ``None`` if nothing was heard."""
        return self._handset.both_sides

    def start(self) -> None:
        """Place it."""
        self._thread.start()

    def take_text(self, text: str) -> None:
        """Have the caller do what a line means; say so if it means nothing. For one thread."""
        try:
            line = parse(text)
        except BadLine as error:
            self.misread += 1
            self._screen.say(str(error))
        else:
            if line is not None:
                self.take_line(line)

    def take_line(self, line: Line) -> None:
        """Have the caller do something."""
        self._clock.post(functools.partial(self._caller.take_line, line))

    def end_lines(self) -> None:
        """There are no more lines: who types hangs up, and who is prepared does so when it is listened to again."""
        if self._typed:
            self.hang_up()
        else:
            self._clock.post(self._caller.end_lines)

    def hang_up(self) -> None:
        """Have the caller hang up at once. May be used in a signal handler."""
        self._clock.post(self._leave)

    # On the call's thread

    def _run(self) -> None:
        try:
            self._call.run()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the main thread is to tell it
            self.error = error
        finally:
            self._clock.close()
            self.over.set()
            self.on_over()

    def _leave(self) -> None:
        self._caller.leave(self._clock.now())
        # What jambonz still does after that, with a connection that was lost say, nobody waits for.
        self._clock.hurry()

    def _do(self, order: Deed | PlaysSound) -> None:
        if isinstance(order, PlaysSound):
            self._handset.microphone.play(order, in_pause=not self._typed)
            if not self._handset.is_listened_to:
                self._remark(f"{order.name} is to be heard when the application listens to the caller's sound")
        elif not isinstance(order, Order):
            self._model.add(order)
        elif order.name == "hangup":
            self._leave()
        elif order.name == "drop":
            self._network.drop(order.seconds or 0.0)
        elif order.name == "wire":
            self._screen.wire = not self._screen.wire
            self._remark(f"messages on the websocket are {'shown' if self._screen.wire else 'not shown'} from now on")
        elif order.name == "help":
            self._screen.say(HELP)
        else:
            self._decide(order)

    def _decide(self, order: Order) -> None:
        decisions: dict[str, tuple[Answers | Busy | NoAnswer, str]] = {
            "busy": (Busy(), "is busy"),
            "noanswer": (NoAnswer(), "does not answer"),
            "answer": (Answers(seconds=Answers.seconds if order.seconds is None else order.seconds), "answers"),
        }
        outcome, what = decisions[order.name]
        self._dialled.add(outcome)
        self._remark(f"the party that is dialled next {what}")

    def _notice(self, what: Entry | WireMessage) -> None:
        if isinstance(what, WireMessage) and what.direction == "out":
            self._verbs = verbs_of(what.message) or self._verbs
        self._screen.show(what)
        self._shown_listening = self._shown_listening and not isinstance(what, Entry)
        self._caller.notice(what)

    def _show_that_it_listens(self) -> None:
        if not self._shown_listening:
            self._remark(listening_for(self._verbs))
            self._shown_listening = True

    def _begins_to_play(self, sound: PlaysSound, end: float) -> None:
        self._show("caller", f"({sound})")
        self._caller.begins_to_play(sound, end)

    def _complain(self, text: str) -> None:
        self._show("fault", text)

    def _remark(self, text: str) -> None:
        self._show("call", text)

    def _show(self, who: Who, text: str) -> None:
        self._screen.show(Entry(self._clock.now(), who, text))
