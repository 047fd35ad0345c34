"""How a question is put to the caller."""

from __future__ import annotations

import pytest

from jambonz_sync.talk.question import Prompt, completed, keys_of_any_number, prompt_of, with_lead

URL = "https://example.com/ask.mp3"


@pytest.mark.parametrize(
    ("prompt", "verb", "heard"),
    [
        ("Name?", "say", ["Name?"]),
        (URL, "play", [URL]),
        (URL.upper(), "play", [URL.upper()]),
        ("http://example.com/ask.mp3", "play", ["http://example.com/ask.mp3"]),
        ("Go to https://example.com", "say", ["Go to https://example.com"]),
        ({"text": ["Hello.", "Name?"]}, "say", ["Hello.", "Name?"]),
        ({"url": "ask.wav", "loop": 2}, "play", ["ask.wav"]),
        ({"stream": True}, "say", []),
    ],
)
def test_prompt(prompt, verb, heard):
    """A URL is played, any other text said; a dict has the options of one of these verbs."""
    made = prompt_of(prompt)
    assert (made.verb, made.heard) == (verb, heard)


@pytest.mark.parametrize("prompt", [None, 7, ["Name?"]])
def test_no_prompt(prompt):
    """What is none of these is refused."""
    with pytest.raises(TypeError, match="a prompt is a text"):
        prompt_of(prompt)


def test_lead():
    """Two that are said, or two that are played, become one; the options are those of the second."""
    both = with_lead(prompt_of("Wrong."), prompt_of({"text": "Name?", "loop": 2}))
    assert both == Prompt("say", {"text": ["Wrong.", "Name?"], "loop": 2})
    assert with_lead(prompt_of(URL), prompt_of(URL)) == Prompt("play", {"url": [URL, URL]})
    assert with_lead(prompt_of(URL), prompt_of("Name?")) is None


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ({}, {"min_digits": 1, "timeout": 5}),
        ({"minDigits": 2}, {"timeout": 5, "minDigits": 2}),
        ({"min_digits": 2, "timeout": 0}, {"min_digits": 2, "timeout": 0}),
        ({"min_digits": None}, {"min_digits": 1, "timeout": 5}),
    ],
)
def test_completed(given, whole):
    """What is given wins in either spelling; None is not given."""
    assert completed(given, {"min_digits": 1, "timeout": 5}) == whole


@pytest.mark.parametrize(
    ("options", "ends"),
    [({}, True), ({"max_digits": 4}, True), ({"num_digits": None}, True), ({"num_digits": 4}, False)],
)
def test_keys_of_any_number(options, ends):
    """Keys whose number is not known end with a key of their own, or a pause."""
    assert bool(keys_of_any_number(options)) is ends
    assert keys_of_any_number({"numDigits": 4}) == {}
