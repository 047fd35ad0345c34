"""One call, as a test makes it: what is heard, and what the caller does."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from re import Pattern
from typing import Any

from ..simulator.caller import Answers, Busy, NoAnswer, Presses, Says, Step
from ..simulator.connection import Connection
from ..simulator.model_script import CallsTool, ModelScript
from ..simulator.network import Network
from ..simulator.sound_file import SoundSource, caller_sound
from ..simulator.transcript import Transcript, WireMessage
from .complaints import Complaints
from .dialled import Dialled
from .heard import Heard
from .heard_sound import HeardSound
from .replay import record
from .sounds import Sounds
from .turns import Turns

__all__ = ["PhoneCall"]

#: How long a call that a test leaves alone goes on.
_LAST_SECONDS = 60.0


class PhoneCall:
    """A call. Made by ``jambonz.call(...)``.

    ::

        call = jambonz.call(endpoint, "/menu")
        assert call.heard("For sales press 1")
        call.presses("1")
        assert call.heard(re.compile("you are number [0-9]+"))
        call.hangs_up()

    What the caller does takes the time it would take; what the test does takes none. The call goes on only while one of
    these methods runs, and until the application waits for the caller. The one that sees the end of the call, whoever
    hangs up, returns when the application's function has ended as well.
    """

    def __init__(
        self,
        path: str,
        turns: Turns,
        sounds: Sounds,
        dialled: Dialled,
        network: Network[Connection],
        model: ModelScript,
        complaints: Complaints,
    ) -> None:
        #: The path that was called.
        self.path = path
        self._turns = turns
        self._sounds = sounds
        self._dialled = dialled
        self._network = network
        self._model = model
        self._complaints = complaints
        self._has_hung_up = False

    def __repr__(self) -> str:
        return f"<PhoneCall: {self.state}>"

    # What came of it

    @property
    def transcript(self) -> Transcript:
        """Who said what and when, all that went over the wire, and how it ended."""
        return self._turns.transcript

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self._turns.ended

    @property
    def wire(self) -> list[WireMessage]:
        """Every message so far, in both directions."""
        return self.transcript.wire

    def record(self, path: str | os.PathLike[str]) -> None:
        """Write the messages of the call so far to a file, for ``jambonz.replay``.

        ::

            call.record("calls/lost-order.jsonl")
        """
        record(self.wire, path)

    @property
    def verbs(self) -> list[dict[str, Any]]:
        """Every verb the application has sent so far, as it was on the wire.

        ::

            assert [verb["verb"] for verb in call.verbs] == ["say", "gather"]
        """
        verbs: list[dict[str, Any]] = []
        for message in self.transcript.messages("out"):
            data = message.get("data")
            if isinstance(data, list):
                verbs += [verb for verb in data if isinstance(verb, dict)]
        return verbs

    # What the caller hears

    def heard(self, expected: str | Pattern[str]) -> Heard:
        """Go on with the call until the caller hears this; return whether it does.

        ::

            assert call.heard("Say something.")
            assert call.heard(re.compile("order [0-9]+ has been (sent|delivered)"))

        It looks at what was said since the caller last did something, at each utterance once. If that is not it, the
        call goes on until the application waits for the caller, or the call is over.

        ``expected``: a part of what is said, or of the URL that is played; or a pattern that occurs in it.
        """
        turns = self._turns
        turns.go_on(lambda: turns.is_asked or turns.hearing.has(expected))
        text = turns.hearing.take(expected)
        return Heard(None, self.state) if text is None else Heard(text)

    def heard_sound(
        self, expected: SoundSource | None = None, *, sample_rate: int = 8000, within: float = 10.0
    ) -> HeardSound:
        """Go on with the call until a sound is over that the application plays or streams to the caller; return it.

        ::

            assert call.heard_sound("welcome.wav")
            assert call.heard_sound().seconds > 1

        It looks at what came over the audio connections of a ``listen`` since the caller last did something, up to
        half a second of silence, and at each sound once. If that is not it, the call goes on as it does in
        :meth:`heard`. What ``say`` and ``play`` let be heard has no sound here.

        * ``expected``: a sound that has to be in it, sample by sample: the path of a WAV file, its bytes, or an array
          of 16-bit samples. ``None`` is any sound
        * ``sample_rate``: samples per second of an array
        * ``within``: how many seconds may pass before it begins

        Returns all that was heard: false if that was silence, or something else.
        """
        wanted = None if expected is None else caller_sound(expected, sample_rate)
        return self._sounds.heard(wanted, within)

    # What the caller does

    def says(self, text: str, *, confidence: float = 0.9) -> None:
        """Have the caller say something, when the application next listens to it.

        ``confidence``: how sure the recognizer is of it, from 0 to 1.
        """
        self._turns.do(Says(text, confidence))

    def presses(self, keys: str) -> None:
        """Have the caller press keys, such as ``"1234#"``, when the application next listens to it."""
        self._turns.do(Presses(keys))

    def plays(self, sound: SoundSource, *, sample_rate: int = 8000) -> None:
        """Have the caller make a sound, when the application next listens to it by ``listen`` or ``session.record``.

        ::

            call.plays("message.wav")
            call.presses("#")

        It begins half a second after the application has begun to listen, or has last been heard on that connection,
        and this returns when it is over. No recognizer understands it: what a ``gather`` is to get, the caller
        :meth:`says`.

        * ``sound``: the path of a WAV file, its bytes, or an array of samples: 16-bit numbers, in one channel
        * ``sample_rate``: samples per second of an array

        Raises :exc:`AssertionError` if the application does not listen before it waits for something else, or listens
        with another rate, and :exc:`ValueError` for a sound of another kind.
        """
        self._sounds.play(caller_sound(sound, sample_rate), in_pause=True)

    def interrupts(
        self,
        text: str | None = None,
        *,
        keys: str | None = None,
        sound: SoundSource | None = None,
        sample_rate: int = 8000,
    ) -> None:
        """Have the caller say something into what is playing, or press keys, or make a sound.

        The prompt has to allow that: ``gather(bargein=True)``, or ``config(barge_in=...)``. A sound is heard by an
        application that listens, at once, as :meth:`plays` has it.
        """
        if (text, keys, sound).count(None) != 2:
            raise TypeError('interrupts() takes a text, or keys="1", or sound="stop.wav"')
        if sound is not None:
            self._sounds.play(caller_sound(sound, sample_rate), in_pause=False)
            return
        self._turns.do(Says(text, barge_in=True) if text is not None else Presses(str(keys), barge_in=True))

    def is_silent(self, seconds: float | None = None) -> None:
        """Have the caller say nothing.

        ``seconds``: for how long; by default until the application lets it hear something, or the call is over. In a
        call that is over it returns at once, unless it is this caller who has hung up.
        """
        if self.ended and not self._has_hung_up:
            # The end of another call may have ended it in the same moment.
            return
        self._turns.must_be_up()
        self._turns.begin()
        self._turns.stay_silent(
            lambda: seconds is None and self._turns.hearing.anything, math.inf if seconds is None else seconds
        )

    def hangs_up(self) -> None:
        """Have the caller hang up, whatever goes on, and see the call through to its end.

        ::

            call.hangs_up()
            assert (folder / "message.wav").exists()

        Returns when the application's function has ended too, with all that it does when the call is over: what stands
        in a ``finally``, or behind ``record``. If that takes real time, so does this. A call that is over already is
        seen through in the same way.
        """
        if not self.ended:
            self._has_hung_up = True
            self._turns.hang_up()
        self._turns.go_on(lambda: False)

    # What the party does that is dialled next

    def answers(self, *, after: float = 2.0, seconds: float = 5.0, confirms: Sequence[Step] = ()) -> None:
        """Have the party that is dialled next answer. Nobody else need be told: by default everybody answers.

        ::

            call.answers(after=4, seconds=60, confirms=[Presses("1")])

        ``after``, ``seconds``: how long it rings, and how long the two then talk.

        ``confirms``: what it says and presses while the ``confirm_hook`` asks it, as steps of
        :mod:`jambonz_sync.simulator`.
        """
        self._dialled.add(Answers(seconds=seconds, after=after, steps=confirms))

    def is_busy(self) -> None:
        """Have the party that is dialled next be busy."""
        self._dialled.add(Busy())

    def does_not_answer(self) -> None:
        """Have the party that is dialled next let it ring."""
        self._dialled.add(NoAnswer())

    # What the language model does

    def tool_call(self, name: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Have the language model that talks to the caller call a tool of the application; return what it gets.

        ::

            assert call.tool_call("look_up_order", {"order_id": "42"}) == {"state": "shipped"}

        The model is that of ``llm``, one of its vendor forms, or ``agent``. It calls when it has done what it was given
        to do by ``jambonz.call(..., model=[...])``.

        ``arguments``: by name.

        Returns the output in the way the model reads it: parsed where it is JSON.
        """
        self._turns.must_be_up()
        call_id = f"call_{len(self._model.outputs)}_{name}"
        self._turns.begin()
        self._model.add(CallsTool(name, dict(arguments or {}), id=call_id))
        self._turns.stay_silent(lambda: call_id in self._model.outputs)
        if call_id not in self._model.outputs:
            self._turns.complain(f"the model's call of {name} is not answered")
        return self._model.outputs[call_id]

    # What the network does

    def drops_connection(self, seconds: float = 0.0) -> None:
        """Have the network drop the connection between jambonz and the application, without a word to either.

        ::

            call.presses("1")
            call.drops_connection(3)
            assert call.heard("How many?")

        Returns when jambonz has connected again, or the call is over. The warning in the library's log that belongs to
        it does not fail the test.

        ``seconds``: for how long there is no connection to be had. jambonz tries again after half a second, and then
        less and less often.
        """
        self._turns.must_be_up()
        self._complaints.tolerate("connection lost")
        self._network.drop(seconds)
        self._turns.stay_silent(lambda: bool(self._network.open))

    # The end

    def finish(self) -> None:
        """Let the application react to what the caller did last, and hang up when it waits for the caller."""
        self._turns.go_on(lambda: self._turns.is_asked, _LAST_SECONDS)
        self.hangs_up()

    @property
    def state(self) -> str:
        """What both sides are doing now, in words, with the line of the application that waits."""
        return self._turns.state
