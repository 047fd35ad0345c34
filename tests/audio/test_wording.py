"""The sentences about audio: each names what the reader can do."""

from __future__ import annotations

import pytest

from jambonz_sync.audio import wording
from jambonz_sync.wording import wait_timed_out


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        (wording.bad_message("is not JSON", "x"), ["ignored a message that is not JSON: x"]),
        (wording.lagging(1.26), ["1.3 s behind", "stream.catch_up()"]),
        (wording.dropped_audio(0.5), ["dropped 0.50 s", "max_lag"]),
        (wording.too_many_events(1000), ["1000", "wait_for(...)", "on(...)"]),
        (wording.handler_raised("dtmf"), ["the handler of dtmf raised an exception"]),
        (wording.nobody_listens("/audio"), ["/audio", "service.on('connection', fn)"]),
        (wording.not_on_stream_thread("read"), ["read()", "'connection'", "may send"]),
        (wording.stream_over(1000, ""), ["closed (close code 1000)"]),
        (wording.stream_over(1006, "it broke"), ["it broke (close code 1006)"]),
        (wait_timed_out(["mark", "dtmf"], 2.5), ["'dtmf' or 'mark' did not come within 2.5 s"]),
        (wording.clip_not_reported("clip-1"), ["'clip-1'", "bidirectional_audio"]),
        (wording.mixed_modes("send_audio", "play_audio"), ["send_audio() after play_audio()", "'streaming': True"]),
        (wording.other_rate("x.wav", 16_000, 1, 8000), ["x.wav has 16000", "one channel", "-ar 8000", "playout_rate"]),
        (wording.other_rate("x.wav", 8000, 2, 8000), ["2 channels"]),
        (wording.marks_lost(3), ["3 marks", "resamples", "8000"]),
    ],
)
def test_sentences(sentence, parts):
    """Each says what it is about."""
    for part in parts:
        assert part in sentence


def test_names():
    """All of them are public."""
    functions = {
        name for name, value in vars(wording).items() if callable(value) and value.__module__ == wording.__name__
    }
    assert set(wording.__all__) == functions
