"""Methods of a session that do what a switchboard does: put a caller through to somebody, or on hold."""

from __future__ import annotations

import contextlib
import itertools
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from typing_extensions import Unpack

from ..call_thread import CallThread
from ..exceptions import CallEnded, CallNotActive
from ..protocol.outcome import Outcome
from ..verbs.dial import DialOptions
from ..verbs.methods import VerbMethods
from .addresses import Party, targets_of

__all__ = ["Switchboard"]

#: Longer than any code will take, in seconds.
_SILENCE = 86_400

# Any thread may hold any call.
_numbers = itertools.count(1)


class Switchboard(VerbMethods, CallThread):
    """The methods of a session for a caller who has to wait, or wants to talk to somebody else."""

    @abstractmethod
    def run(self, *, timeout: float | None = None) -> Outcome: ...

    def put_through(self, to: Party | Sequence[Party], **dial_options: Unpack[DialOptions]) -> Outcome:
        """Call somebody, connect the caller, and return when the two have talked, or when nobody has answered.

        ::

            outcome = session.put_through("+15550100", timeout=20)
            if not outcome.answered:
                session.say("The line is busy." if outcome.busy else "Nobody is there.").run()

        It is ``dial(...).run()``, with targets as one writes them down. (The verb ``transfer`` is another matter: with
        it jambonz 10 lets go of the caller.)

        ``to``: a telephone number, a ``sip:`` address, a registered user as ``name@realm``, or a target of
        :meth:`dial` as a dict; or a list of these, of whom the first to answer is connected.

        ``dial_options``: the options of :meth:`dial`: ``caller_id``, ``timeout``, ``confirm_hook`` …

        Returns the :class:`~jambonz_sync.Outcome` of the verb: ``answered``, ``busy``, ``dial_call_status`` and what
        else its hook tells. Works on the call's own thread. Raises as :meth:`run`.
        """
        self._require_own_thread("put_through")
        options: dict[str, Any] = {**dial_options}
        if "target" in options:
            raise TypeError("put_through() has whom to call as the first argument; it takes no target=")
        self._queue_verb("dial", {"target": targets_of(to), **options})
        return self.run()

    @contextlib.contextmanager
    def hold(self, music: str | Sequence[str] | None = None) -> Iterator[None]:
        """Let the caller hear music while slow code of your own runs.

        ::

            session.say("One moment, I am looking that up.")
            with session.hold("https://example.com/music.mp3"):
                order = orders.find(number)
            session.say(f"It was sent on {order.date}.").run()

        Verbs queued before are sent along, and heard first. A hook that was taken and not replied to is answered by
        them. At its end the music stops, also when the code raises; verbs that were sent meanwhile, on whichever
        thread, are left alone. Hooks that come meanwhile can be taken as ever.

        ``music``: the URL of a file, played again and again; or a list of them. Without it there is silence.

        Raises as :meth:`send`, at its beginning and at its end: once the call is over, at the end at the latest. In
        long steps of the code, :meth:`check` tells earlier.
        """
        verb_id = f"hold-{next(_numbers)}"
        if music is None:
            self.pause(_SILENCE, id=verb_id)
        else:
            self.play(music, loop="forever", id=verb_id)
        self.send()
        try:
            yield
        except BaseException:
            # What the code raised says more than that the call is over.
            with contextlib.suppress(CallEnded, CallNotActive):
                self._end_hold(verb_id)
            raise
        self._end_hold(verb_id)

    def _end_hold(self, verb_id: str) -> None:
        with self._conversation.turn() as call:
            self._raise_if_over(call)
            call.end_verb(verb_id)
