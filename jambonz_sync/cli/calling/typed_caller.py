"""The caller whose words are typed, or stand in a file.

::

    caller = TypedCaller(interrupts=True, do=print)
    caller.take_line(Says("a table for two"))
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ...simulator.caller import REACTION, HangsUp, Party, Presses, Says
from ...simulator.sound_file import PlaysSound
from ...simulator.transcript import Entry, WireMessage
from .lines import Deed, Line, Order

__all__ = ["TypedCaller"]


_SILENCE = Order("silence")
_HANGUP = Order("hangup")


class TypedCaller(Party):
    """A caller who gets its lines while the call goes on. Used on the call's thread.

    ``interrupts``: whether it is somebody who sits there: what is said breaks into what is playing, where that is
    allowed, or to the party it is connected to, and orders are done at once. A prepared caller speaks when the
    application listens, and an order is done when all lines before it are.

    ``do`` does an order, and sees to it that a sound is played; :meth:`begins_to_play` is to be called when it begins.
    """

    def __init__(self, *, interrupts: bool, do: Callable[[Deed | PlaysSound], None]) -> None:
        super().__init__("caller", ())
        self._interrupts = self.talks_when_connected = interrupts
        self._do = do
        #: Is called when the application begins to wait for the caller, who has nothing to say.
        self.on_asked: Callable[[], None] = lambda: None
        # What comes after the step that may be taken.
        self._lines: deque[Line | HangsUp] = deque()
        # Whether the application waits for a caller who has been told to be silent.
        self._is_silent = False
        # The sound for whose beginning the next line waits, since nobody listens to it so far.
        self._unheard: PlaysSound | None = None

    @property
    def unsaid(self) -> int:
        """How many lines it had no opportunity to say."""
        lines = (Says, Presses, PlaysSound)
        return sum(isinstance(step, lines) for step in (*self._steps, *self._lines)) + (self._unheard is not None)

    def take_line(self, line: Line) -> None:
        """Take in what is to be done next, behind everything else; or at once, if it is an order and is typed."""
        if isinstance(line, Says):
            self._add(Says(line.text, barge_in=self._interrupts))
        elif isinstance(line, Presses):
            self._add(Presses(line.keys, barge_in=self._interrupts))
        elif self._interrupts and line != _SILENCE:
            self._do(line)
        else:
            self._add(HangsUp() if line == _HANGUP else line)

    def begins_to_play(self, sound: PlaysSound, end: float) -> None:
        """A sound begins to be heard, and is over at a time: whoever is prepared says nothing before that."""
        if self._interrupts:
            return
        self._silent_until = end + REACTION
        if sound is self._unheard:
            self._unheard = None
            self._advance()
        self._is_silent = self._waits_for_answer
        self._has_changed()

    def end_lines(self) -> None:
        """There are no more lines: a prepared caller hangs up when it is listened to again."""
        self._add(HangsUp())

    def leave(self, now: float) -> None:
        """Hang up, whatever goes on."""
        self.leaves_at = now

    def asked(self, now: float) -> tuple[float, Says | Presses | HangsUp | None]:
        self._is_silent = self._waits_for_answer
        self.on_asked()
        return self.upcoming(now)

    def take(self) -> None:
        super().take()
        self._advance()

    def notice(self, what: Entry | WireMessage) -> None:
        """Something has happened in the call: it may end a silence."""
        if self._is_silent and _ends_silence(what):
            self._is_silent = False
            self._lines.popleft()
            self._advance()
            self._has_changed()

    @property
    def _waits_for_answer(self) -> bool:
        return not self._steps and self._unheard is None and bool(self._lines) and self._lines[0] == _SILENCE

    def _add(self, line: Line | HangsUp) -> None:
        self._lines.append(line)
        self._advance()
        self._has_changed()

    def _has_changed(self) -> None:
        self.changes += 1
        self.on_change()

    def _advance(self) -> None:
        """Let the next step be taken, and do the orders that stand before it."""
        while self._lines and not self._steps and self._unheard is None:
            line = self._lines[0]
            if line == _SILENCE:
                return
            if isinstance(line, (Says, Presses, HangsUp)):
                self._steps.append(line)
            else:
                self._unheard = line if isinstance(line, PlaysSound) else None
                self._do(line)
            self._lines.popleft()


def _ends_silence(what: Entry | WireMessage) -> bool:
    if isinstance(what, Entry):
        return what.who == "app"
    data = what.message.get("data")
    return what.direction == "in" and isinstance(data, dict) and data.get("reason") == "timeout"
