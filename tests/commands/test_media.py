"""Commands to what runs beside the verbs."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.commands.media import decibels

from .sending import message, refused


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda s: s.inject_listen_status("stop"), "inject_listen_status.listen_status"),
        (lambda s: s.inject_stream_status("stop"), "inject_stream_status.stream_status"),
        (lambda s: s.inject_transcribe_status(True), "inject_transcribe_status.transcribe_status"),
        (lambda s: s.inject_media_path("full"), "inject_media_path.media_path"),
        (lambda s: s.inject_record("start"), "inject_record.action"),
        (lambda s: s.inject_record("startCallRecording", type="disk"), "inject_record.type"),
        (lambda s: s.inject_noise_isolation("on"), "inject_noise_isolation.noise_isolation_status"),
        (lambda s: s.inject_stt_reconfigure("de-DE"), "inject_stt_reconfigure.language_hints"),
        (lambda s: s.inject_listen_status(), "inject_listen_status.listen_status"),
        (lambda s: s.inject_record(), "inject_record.action"),
        (lambda s: s.inject_stt_reconfigure(), "inject_stt_reconfigure.language_hints"),
    ],
)
def test_words(call: Any, path: str) -> None:
    """What is no word of jambonz is refused, and so is nothing at all."""
    text, where = refused(call)
    assert where == path
    assert text.startswith((f"{path} must be ", f"{path.partition('.')[0]} needs "))


# Gain


@pytest.mark.parametrize(
    ("gain", "data"),
    [
        (6, 6),
        (-2.5, -2.5),
        ("+6 dB", "+6 dB"),
        ("-6dB", "-6dB"),
        ("6 DB", "6 DB"),
        ("-2.5", "-2.5 dB"),
        ("6", "6 dB"),
        ("0", "0 dB"),
        (0, "0 dB"),
        (-0.0, "0 dB"),
    ],
)
def test_gain(gain: Any, data: Any) -> None:
    """jambonz refuses a 0, and takes a string without the unit for one."""
    sent = message(lambda s: s.inject_boost(gain))["data"]
    assert (sent, type(sent)) == (data, type(data))
    assert decibels({"gain": gain}) == [data]


@pytest.mark.parametrize("gain", ["", "loud", "6 decibels", "dB", "++6", "6\n", "٣ dB", " 6"])
def test_a_gain_is_a_number(gain: str) -> None:
    """jambonz would take anything else for 0."""
    assert refused(lambda s: s.inject_boost(gain)) == (
        f'inject_boost takes a gain in dB, such as 6 or "-6 dB"; not {gain!r}',
        "inject_boost.gain",
    )


@pytest.mark.parametrize("gain", [None, True, [6], float("nan")])
def test_a_gain_of_another_type(gain: Any) -> None:
    """So is what is no gain at all."""
    assert refused(lambda s: s.inject_boost(gain))[1] == "inject_boost.gain"
