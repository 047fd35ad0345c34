"""What the caller of a test lets be heard while the application listens, and what is heard of the application.

::

    sounds = Sounds(turns, handset)
    sounds.play(caller_sound("hello.wav"))
    sounds.heard(None, within=10)
"""

from __future__ import annotations

import math

from ..audio.wav import Sound
from ..simulator.audio_frames import CALL_RATE, FRAME_SECONDS
from ..simulator.both_sides import one_side
from ..simulator.caller import REACTION
from ..simulator.handset import Handset
from ..simulator.sound_file import PlaysSound
from .heard_sound import HeardSound, bounds, place_in
from .turns import Turns

__all__ = ["Sounds"]

#: Nobody waits for longer, in seconds of the call: for a pause in what an application plays, or for an end of it.
_LONGEST = 600.0


class Sounds:
    """The sounds of one call. Used on the thread of the test."""

    def __init__(self, turns: Turns, handset: Handset) -> None:
        self._turns = turns
        self._handset = handset
        # Until when it has been asked for.
        self._asked_until = 0.0

    # The caller's

    def play(self, sound: PlaysSound, *, in_pause: bool) -> None:
        """Have it be heard from when the application listens, to its end; the caller's turn begins there."""
        turns, microphone = self._turns, self._handset.microphone
        turns.must_be_up()
        misfits = microphone.misfits
        microphone.play(sound, in_pause=in_pause)
        self._await_beginning(sound)
        turns.begin_after_caller()
        if microphone.misfits > misfits:
            turns.complain(turns.transcript.of("fault")[-1])
        # The last frame is sent when it is full.
        turns.stay_silent(lambda: False, microphone.track.end + FRAME_SECONDS - turns.now)

    def _await_beginning(self, sound: PlaysSound) -> None:
        turns, handset = self._turns, self._handset
        until = turns.now + _LONGEST

        def begun() -> bool:
            return all(waiting is not sound for waiting in handset.microphone.waiting)

        turns.go_on(lambda: begun() or turns.is_asked, until - turns.now)
        # By a frame before: the rest of a sum of fractions is no time to wait.
        while not begun() and handset.is_listened_to and not turns.ended and turns.now < until - FRAME_SECONDS:
            # Beside a question: nobody who is asked answers with a sound.
            turns.stay_silent(lambda: begun() or not handset.is_listened_to, until - turns.now)
            turns.go_on(lambda: begun() or turns.is_asked, until - turns.now)
        if not begun():
            why = "has not been silent for half a second" if handset.is_listened_to else "does not listen to it"
            turns.complain(f"nobody hears {sound} of the caller, since the application {why}")

    # The application's

    def heard(self, wanted: PlaysSound | None, within: float) -> HeardSound:
        """Go on until a sound is over that the caller hears; return all that was heard and not asked for before."""
        turns, handset = self._turns, self._handset
        began = seen = max(turns.began, self._asked_until)
        until = turns.now + _LONGEST

        def sounds() -> bool:
            return handset.heard_until > seen

        while True:
            turns.go_on(lambda: turns.is_asked or sounds(), min(within, until - turns.now))
            if sounds():
                turns.go_on(lambda: turns.is_asked or turns.now >= handset.heard_until + REACTION, until - turns.now)
            goes_on = sounds() and not turns.is_asked and not turns.ended and turns.now < until - FRAME_SECONDS
            seen = max(seen, min(handset.heard_until, turns.now))
            sound = one_side(handset.heard, began, turns.now) or Sound(b"", CALL_RATE)
            first, last = bounds(sound.data)
            end = last if wanted is None else self._end_of(wanted, sound)
            if wanted is None or end is not None or not goes_on:
                break
        heard = Sound(sound.data[first:last], sound.sample_rate)
        if end is None or not heard.data:
            return HeardSound(heard, self._why_not(wanted, heard))
        self._asked_until = turns.now if wanted is None else began + end / sound.sample_bytes / sound.sample_rate
        return HeardSound(heard)

    @staticmethod
    def _end_of(wanted: PlaysSound, sound: Sound) -> int | None:
        return place_in(sound.data, wanted.sound.data) if wanted.sound.sample_rate == sound.sample_rate else None

    def _why_not(self, wanted: PlaysSound | None, heard: Sound) -> str:
        state = self._turns.state
        if not heard.data:
            missing = (
                "there is no connection for audio" if math.isinf(self._handset.listened_since) else "nothing sounds"
            )
            return f"{missing}: {state}"
        assert wanted is not None
        what = f"what sounds for {heard.seconds:.3g} s is not {wanted}"
        if wanted.sound.sample_rate != heard.sample_rate:
            what += f" of {wanted.sound.sample_rate} samples per second, but has {heard.sample_rate}"
        return f"{what}: {state}"
