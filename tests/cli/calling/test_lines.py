"""What a typed line means."""

from __future__ import annotations

import pytest

from jambonz_sync.audio.wav import Sound, write_wav
from jambonz_sync.cli.calling.lines import HELP, BadLine, Order, parse
from jambonz_sync.simulator import CallsTool, ModelSays, Presses, Says
from jambonz_sync.simulator.sound_file import PlaysSound


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        ("   ", None),
        ("// a comment", None),
        ("  a table for two ", Says("a table for two")),
        ("3", Says("3")),
        ("#1", Presses("1")),
        ("#123#", Presses("123#")),
        ("##", Presses("#")),
        ("#*", Presses("*")),
        ("#12 34 a", Presses("1234A")),
        (r"\#1", Says("#1")),
        (r"\/hangup", Says("/hangup")),
        (r"\\o/", Says(r"\o/")),
        (r"\o/", Says(r"\o/")),
        ("/hangup", Order("hangup")),
        ("/silence", Order("silence")),
        ("/drop", Order("drop")),
        ("/drop 2.5", Order("drop", 2.5)),
        ("/answer 30", Order("answer", 30.0)),
        ("/model  Which order? ", ModelSays("Which order?")),
        ("/tool get_time", CallsTool("get_time")),
        ('/tool find {"order": "42", "city": "New York"}', CallsTool("find", {"order": "42", "city": "New York"})),
    ],
)
def test_meaning(text, meaning):
    """A line is words, keys, something for others to do, or nothing."""
    assert parse(text) == meaning


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#", "behind # stand keys"),
        ("#hello", r"to say it type \#hello"),
        ("/", "there is no /; /help lists"),
        ("/hangupp", "there is no /hangupp; did you mean /hangup?"),
        ("/xyz", "/help lists what there is"),
        ("/hangup now", "/hangup is written by itself"),
        ("/drop 1 2", "/drop is written by itself, or with a number of seconds"),
        ("/drop soon", "such as 3 or 0.5, not soon"),
        ("/drop -1", "not -1"),
        ("/answer inf", "not inf"),
        ("/model", "/model takes what the language model says"),
        ("/tool", "/tool takes the name of a function"),
        ("/tool find 42", "/tool takes the name of a function and its arguments"),
        ("/tool find {order: 42}", "/tool takes the name of a function and its arguments"),
        ("/sound", "/sound takes a WAV file, as in /sound hello.wav"),
        ("/sound nowhere.wav", "cannot read nowhere.wav: No such file"),
    ],
)
def test_no_meaning(text, why):
    """A line that means nothing says what might be meant."""
    with pytest.raises(BadLine) as raised:
        parse(text)
    assert why in str(raised.value)


def test_sound(tmp_path, monkeypatch):
    """A file is read at once; its name is all that follows."""
    monkeypatch.chdir(tmp_path)
    sound = Sound(b"\1\0" * 80, 8000)
    write_wav("my voice.wav", sound)
    assert parse("/sound  my voice.wav ") == PlaysSound("my voice.wav", sound)


def test_help():
    """Help has a line for everything that can be typed."""
    for start in (
        "text",
        "#123#",
        r"\#text",
        "//",
        "/hangup",
        "/silence",
        "/sound FILE",
        "/drop",
        "/busy",
        "/answer",
        "/noanswer",
        "/model",
        "/tool",
    ):
        assert f"\n  {start}" in f"\n{HELP}"
