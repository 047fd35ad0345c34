"""A caller who does what a test says, when it is asked."""

from __future__ import annotations

from ..simulator.caller import HangsUp, Party, Presses, Says
from ..simulator.world import World

__all__ = ["LiveCaller"]


class LiveCaller(Party):
    """Has no script. When a ``gather`` asks it for something, time stands still until the test has decided.

    ``world`` is the one that the call lives in; the test is its first thread.
    """

    def __init__(self, world: World) -> None:
        super().__init__("caller", ())
        self._world = world
        self._is_silent = False
        #: Whether the application waits for what the caller does, and the caller has nothing to do.
        self.is_asked = False

    @property
    def is_free(self) -> bool:
        """Whether everything it was told to do has been done."""
        return not self._steps

    def asked(self, now: float) -> tuple[float, Says | Presses | HangsUp | None]:
        if not self._steps and not self._is_silent:
            self.is_asked = True
            try:
                self._world.wait(lambda: bool(self._steps) or self._is_silent)
            finally:
                self.is_asked = False
        return self.upcoming(now)

    def add(self, step: Says | Presses | HangsUp) -> None:
        """Have the caller do this next."""
        self._steps.append(step)
        self.changes += 1
        self.on_change()

    def stay_silent(self, silent: bool) -> None:
        """Let the application wait; or no longer."""
        self._is_silent = silent

    def leave(self, now: float) -> None:
        """Hang up, whatever goes on."""
        self.leaves_at = now
