from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jambonz_sync.verbs.registry import VERBS
from tests.npm import FOLDER
from tests.npm.install import install, need
from tools import follow_upstream
from tools.follow_upstream import DELIBERATE, differences, facts, main, report

TOOL = pathlib.Path(follow_upstream.__file__)
SPEC = pathlib.Path(__file__).parents[1] / "data" / "spec.json"


@pytest.fixture(scope="module")
def installed() -> pathlib.Path:
    """The packages in the versions that we follow."""
    need("node")
    return install(FOLDER)


@pytest.fixture
def copy(installed: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of them, to be changed."""
    for name in ("schema", "verb-specifications"):
        shutil.copytree(installed / "@jambonz" / name, tmp_path / "@jambonz" / name)
    return tmp_path


def edited(path: pathlib.Path, edit: Callable[[Any], object]) -> None:
    """Change a JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_nothing_differs_from_the_versions_we_follow(
    installed: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But for what is on purpose."""
    assert main([str(installed)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "no differences from schema 0.4.15, verb-specifications 0.1.13\n"


def test_the_facts_for_tests_without_npm_are_of_these_versions(installed: pathlib.Path) -> None:
    """What the file has, and what the packages say, is the same."""
    kept = json.loads(SPEC.read_text(encoding="utf-8"))
    read = facts(installed)
    assert {key: kept[key] for key in read} == read


def schema(kind: str, name: str) -> str:
    return f"@jambonz/schema/{kind}/{name}.schema.json"


SPECIFICATIONS = "@jambonz/verb-specifications/specs.json"


def put(*path: str, **values: Any) -> Callable[[Any], None]:
    """Return an edit that sets keys of an inner object."""

    def edit(content: Any) -> None:
        for key in path:
            content = content[key]
        content.update(values)

    return edit


def drop(*path: str) -> Callable[[Any], None]:
    """Return an edit that removes an inner key."""

    def edit(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        del content[path[-1]]

    return edit


def changes() -> Iterator[tuple[str, list[tuple[str, Callable[[Any], object]]], list[str]]]:
    """Yield a change to the packages, and what must be said about it."""
    yield (
        "a new option",
        [(schema("verbs", "say"), put("properties", mood={"type": "string", "description": "How."}))],
        ["say.mood is an option that is not described here (string)"],
    )
    yield (
        "a new option of both, in an object that many verbs have",
        [
            (schema("components", "synthesizer"), put("properties", speed={"type": ["number", "string"]})),
            (SPECIFICATIONS, put("synthesizer", "properties", speed="number | string")),
        ],
        ["synthesizer.speed is an option that is not described here (number or string)"],
    )
    yield (
        "an option that has gone from both",
        [
            (schema("verbs", "pause"), drop("properties", "length")),
            (SPECIFICATIONS, drop("pause", "properties", "length")),
        ],
        ["pause.length is an option that neither package knows"],
    )
    yield (
        "another type",
        [(schema("verbs", "dtmf"), put("properties", "duration", type=["number", "string"]))],
        ["dtmf.duration has the type number or string there, number here"],
    )
    yield (
        "another word",
        [(schema("components", "vad"), lambda vad: vad["properties"]["vendor"]["enum"].append("krisp"))],
        ["vad.vendor has the words krisp or silero or webrtc there, silero or webrtc here"],
    )
    yield (
        "another range",
        [(schema("components", "vad"), put("properties", "mode", maximum=4))],
        ["vad.mode has the bounds (0, 4) there, (0, 3) here"],
    )
    yield (
        "an option that is needed now",
        [(SPECIFICATIONS, put("enqueue", required=["name", "actionHook"]))],
        ["enqueue.actionHook is needed there, and not here"],
    )
    yield (
        "an option that the server has learnt",
        [(SPECIFICATIONS, put("dial", "properties", codecs="array"))],
        ["dial.codecs is known to the validator inside jambonz, and has Since here"],
    )
    yield (
        "an option deep inside an object of the schema",
        [
            (
                schema("verbs", "agent"),
                put("properties", "llm", "properties", "llmOptions", "properties", topP={"type": "number"}),
            )
        ],
        ["agent.llm.llmOptions.topP is an option that is not described here (number)"],
    )
    yield (
        "a list that may be empty",
        [(schema("verbs", "dial"), drop("properties", "codecs", "minItems"))],
        ["dial.codecs must not be empty here only"],
    )
    yield (
        "an object whose options are known now",
        [(schema("verbs", "tag"), put("properties", "data", properties={"customer": {"type": "string"}}))],
        ["tag.data is an object with known options there, and any object here"],
    )
    yield (
        "a difference on purpose that has gone",
        [(schema("verbs", "say"), put(required=["text"]))],
        ["say.text no longer differs (needed): take it off DELIBERATE"],
    )


@pytest.mark.parametrize(("edits", "lines"), [pytest.param(*rest, id=name) for name, *rest in changes()])
def test_a_change_is_reported_and_nothing_else(
    copy: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    edits: list[tuple[str, Callable[[Any], object]]],
    lines: list[str],
) -> None:
    """One line for each, and a status for scripts."""
    for path, edit in edits:
        edited(copy / path, edit)
    assert main([str(copy / "@jambonz")]) == 1
    assert capsys.readouterr().out.splitlines() == lines


def test_verbs_come_and_go(copy: pathlib.Path) -> None:
    """A verb may be new or gone; another name may be new, or stand for something else."""
    new = {"properties": {"verb": {"const": "sing"}, "song": {"type": "string"}}}
    (copy / schema("verbs", "sing")).write_text(json.dumps(new), encoding="utf-8")
    (copy / schema("verbs", "transfer")).unlink()
    aliases = copy / "@jambonz" / "schema" / "lib" / "normalize.js"
    text = aliases.read_text(encoding="utf-8")
    text = text.replace("['s2s', {verb: 'llm'}],", "['talk', {verb: 'llm'}],")
    aliases.write_text(text.replace("vendor: 'qwen'", "vendor: 'wen'"), encoding="utf-8")
    assert report(facts(copy)) == [
        "qwen_s2s is another name for llm now, with {'vendor': 'wen'}",
        "sing is a verb that is not described here",
        "talk is a verb that is not described here",
        "transfer is a verb that neither package knows any more",
    ]


def test_another_name_may_become_a_verb_of_its_own(copy: pathlib.Path) -> None:
    """Then it is no alias any more."""
    (copy / schema("verbs", "room")).write_text(
        json.dumps({"properties": {"verb": {"const": "room"}}, "required": ["verb"]}), encoding="utf-8"
    )
    assert report(facts(copy)) == ["room is no longer another name for conference"]


def test_the_server_may_learn_a_verb(copy: pathlib.Path) -> None:
    """Then it is no longer for newer servers alone."""
    edited(copy / SPECIFICATIONS, put(transfer={"properties": {"id": "string"}}))
    assert "transfer is known to the validator inside jambonz, and has a since here" in report(facts(copy))


def test_every_difference_says_where() -> None:
    """By the names on the wire, beginning with a verb or with an object that several verbs have."""
    found = differences(json.loads(SPEC.read_text(encoding="utf-8")))
    assert {(one.where, one.what) for one in found} == DELIBERATE.keys()
    assert any(one.where.partition(".")[0] in VERBS for one in found)


def test_the_facts_can_be_brought_up_to_date(copy: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What else is in the file stays as it is, and so does its layout."""
    path = tmp_path / "spec.json"
    shutil.copy(SPEC, path)
    assert main([str(copy), "--write", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == SPEC.read_text(encoding="utf-8")
    edited(copy / schema("verbs", "say"), put("properties", mood={"type": "string"}))
    assert main([str(copy), "--write", str(path)]) == 1
    assert "mood" in json.loads(path.read_text(encoding="utf-8"))["verbs"]["say"]["props"]


def test_it_runs_as_a_script(installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """From anywhere, with a help worth reading, and an error that says what to do."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOL), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run(str(installed)).returncode == 0
    said = run("--help").stdout
    assert "npm install @jambonz/schema @jambonz/verb-specifications" in said
    assert "exit status is 1" in said
    missing = run()
    assert missing.returncode == 2
    assert "there is no package schema in node_modules; npm install" in missing.stderr
