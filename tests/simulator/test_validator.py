"""What jambonz refuses of a list of verbs."""

from __future__ import annotations

import json
import pathlib
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jambonz_sync.simulator.validator import fault_of
from jambonz_sync.simulator.verb import BadVerbs, parse_verbs
from jambonz_sync.verbs.build import from_wire
from tests.npm import Validators
from tests.verbs.strategies import whole_verbs
from tools import make_verb_specifications

SPEC = json.loads(make_verb_specifications.SOURCE.read_text(encoding="utf-8"))

#: What the validator inside jambonz takes as a verb, by any name that an application may use.
NAMES = sorted({name for name, known in SPEC["verbs"].items() if "v" in known["src"]} - {"pipeline", "rest:dial"})


@pytest.fixture(scope="module")
def validators() -> Iterator[Validators]:
    """The published one, which runs inside jambonz."""
    with Validators() as validators:
        yield validators


# What it says


@pytest.mark.parametrize(
    ("name", "options", "fault"),
    [
        ("sing", {}, "there is no verb 'sing'"),
        ("synthesizer", {"vendor": "x"}, "there is no verb 'synthesizer'"),
        ("say", {"text": "a", "txt": "b"}, "say has no property 'txt'"),
        ("say", {"text": "a", "synthesizer": {"vendor": "x", "sex": 1}}, "say.synthesizer has no property 'sex'"),
        ("say", {"text": "a", "synthesizer": {}}, "say.synthesizer needs vendor"),
        ("say", {"text": "a", "synthesizer": "x"}, "say.synthesizer is no object"),
        ("say", {"text": None}, "say.text must be a string or an array, not null"),
        ("say", {"text": "a", "loop": True}, "say.loop must be a number or a string, not a boolean"),
        ("say", {"text": "a", "loop": []}, "say.loop must be a number or a string, not an array"),
        ("play", {"url": "a", "actionHook": 3}, "play.actionHook must be an object or a string, not a number"),
        ("pause", {"length": "1"}, "pause.length must be a number, not a string"),
        ("pause", {}, "pause needs length"),
        ("gather", {"input": "digits"}, "gather.input must be an array, not a string"),
        (
            "gather",
            {"say": {"verb": "say", "text": "a"}},
            "gather.say has no property 'verb', since only a verb in a list says which it is",
        ),
        ("dial", {"target": "a"}, "dial.target[0] is no object"),
        ("dial", {"target": 7}, "dial.target must be an array"),
        ("dial", {"target": [{}]}, "dial.target[0] needs type"),
        (
            "dial",
            {"target": [{"type": "phone"}, {"type": "fax"}]},
            'dial.target[1].type must be one of phone, sip, user, teams, not "fax"',
        ),
        ("openai_s2s", {"model": "m"}, "openai_s2s needs llmOptions"),
        ("llm", {"llmOptions": {}}, "llm needs vendor"),
        (
            "llm",
            {"vendor": "x", "llmOptions": {}, "mcpServers": [{"url": "a", "roots": [{}]}]},
            "llm.mcpServers[0].roots[0] is refused, since jambonz does not know what a root is",
        ),
    ],
)
def test_fault(name, options, fault):
    """The sentence names the place and what is wrong there."""
    assert fault_of(name, options) == fault


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hangup", {"id": "h", "_": {"anything": 1}}),
        ("openai_s2s", {"llmOptions": {"any": {"thing": None}}}),
        ("stream", {"url": "/audio", "metadata": {}}),
        ("play", {"url": "a", "actionHook": {"url": "/a", "anything": 1}}),
        ("config", {}),
        # What JavaScript takes for an object: nothing is missing from it, and nothing in it is unknown.
        *(("config", {"amd": {"actionHook": "/a", "timers": nothing}}) for nothing in (None, 7, "", [], True)),
    ],
)
def test_no_fault(name, options):
    """What jambonz takes is not found fault with."""
    assert fault_of(name, options) is None


def test_every_list_is_checked():
    """One fault in one verb, and the whole list is refused, with its number in the list."""
    with pytest.raises(BadVerbs, match=r"^element 1: say has no property 'txt'$"):
        parse_verbs([{"verb": "answer"}, {"say": {"text": "a", "txt": "b"}}])


# Where it comes from


def test_specifications_are_current(capsys):
    """The file that is shipped is made from the facts that the other tests use."""
    assert make_verb_specifications.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_specifications_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys):
    """The tool tells whether the file is up to date, and writes it."""
    made = tmp_path / "made.json"
    monkeypatch.setattr(make_verb_specifications, "MADE", made)
    assert make_verb_specifications.main(["--check"]) == 1
    assert "is not up to date" in capsys.readouterr().err
    assert make_verb_specifications.main([]) == 0
    assert make_verb_specifications.main(["--check"]) == 0
    assert json.loads(made.read_text(encoding="utf-8"))["version"] == SPEC["versions"]["verb-specifications"]


# Beside the real one


def accepted(verb: dict[str, Any]) -> bool:
    """Whether our validator takes a verb."""
    return fault_of(verb["verb"], {key: value for key, value in verb.items() if key != "verb"}) is None


thorough = settings(
    deadline=None,
    max_examples=10,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)

VALUES: list[Any] = [None, True, 7, -0.5, "", "word", [], ["word"], [7], [None], {}, {"key": 1}, [{}], [{"key": 1}]]


def mutations(verb: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the verb with one thing changed, in any of its objects."""
    copy = json.dumps(verb)
    for place in range(len(list(objects(verb)))):
        for _ in range(3):
            changed = json.loads(copy)
            spot = list(objects(changed))[place]
            keys = sorted(spot)
            kind = chance.choice(["unknown", "value", "missing", "verb"] if keys else ["unknown", "verb"])
            if kind == "unknown":
                spot["noSuchProperty"] = 1
            elif kind == "verb" and spot is not changed:
                spot["verb"] = "say"
            elif kind == "missing":
                del spot[chance.choice(keys)]
            else:
                spot[chance.choice(keys or ["id"])] = chance.choice(VALUES)
            yield changed


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a value, itself first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


@pytest.mark.parametrize("name", NAMES)
@thorough
@given(data=st.data())
def test_agreement(validators: Validators, name: str, data: st.DataObject) -> None:
    """Of valid verbs and of verbs with one fault the simulator takes those, and only those, that jambonz takes."""
    (built,) = from_wire([data.draw(whole_verbs(name, newer=False))], jambonz_version="0.9")
    verb = dict(built.wire())
    chance = random.Random(data.draw(st.integers(0, 10_000)))
    lists = [[verb], *([{"verb": "hangup"}, changed] for changed in mutations(verb, chance))]
    # What is no name of a verb at all trips jambonz over elsewhere.
    lists = [verbs for verbs in lists if isinstance(verbs[-1].get("verb"), str)]
    said = validators.judge(lists)
    assert said[0].validator is None
    assert [accepted(verbs[-1]) for verbs in lists] == [verdict.validator is None for verdict in said]
