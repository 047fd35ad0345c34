from __future__ import annotations

import copy
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import official_sdk, ours
from benchmarks.side import NotInstalled, Side, Way
from benchmarks.starting import start

# As much of the SDK as is used of it, which notes what it is given.
FILES = {
    "__init__": """
class JambonzValidator:
    def validate_app(self, verbs):
        return [f"looked at {verb['verb']}" for verb in verbs]
""",
    "websocket": """
class Session:
    def __init__(self, ws, data, msgid):
        self.queued = []

    def say(self, model=None, **options):
        return self.queue("say", model, options)

    def gather(self, model=None, **options):
        return self.queue("gather", model, options)

    def queue(self, verb, model, options):
        self.queued.append({"verb": verb, **(vars(model) if model is not None else options)})
        return self

    def to_list(self):
        queued, self.queued = self.queued, []
        return queued
""",
    "components": """
import types

class Recognizer(types.SimpleNamespace): ...
class Synthesizer(types.SimpleNamespace): ...
""",
    "verbs": """
import types

class Say(types.SimpleNamespace): ...
class Gather(types.SimpleNamespace): ...
""",
}


def forget() -> dict[str, Any]:
    """Take the SDK out of the modules imported so far."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "jambonz_sdk"}


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """Where the stand-in for the SDK is, before any that is installed."""
    package = tmp_path / "jambonz_sdk"
    package.mkdir()
    for name, text in FILES.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    before = forget()
    yield package
    forget()
    sys.modules.update(before)


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence says how to get it."""
    monkeypatch.setitem(sys.modules, "jambonz_sdk", None)
    with pytest.raises(NotInstalled, match=r'^jambonz-python-sdk, .* pip install -e "\.\[bench\]" installs it$'):
        official_sdk.side()


def test_installed_in_part(folder: pathlib.Path) -> None:
    """What the SDK itself misses is shown as Python shows it."""
    (folder / "__init__.py").write_text("import no_such_module\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        official_sdk.side()


@pytest.mark.usefixtures("folder")
def test_by_keywords() -> None:
    """The session is called as its docs have it, and its queue is empty again after each turn."""
    turns = official_sdk.by_keywords().turns
    for _ in range(2):
        assert turns["plain"]() == [
            {"verb": "say", "text": "Say something."},
            {"verb": "gather", "input": ["speech"], "actionHook": "/transcript", "timeout": 15},
        ]


@pytest.mark.usefixtures("folder")
def test_the_turns_are_ours() -> None:
    """Said by keywords or by models, it is what we say."""
    for name, turn in official_sdk.by_keywords().turns.items():
        assert turn() == [verb.wire() for verb in getattr(ours, name)(ours.session())]

    def plainly(value: Any) -> Any:
        return {key: plainly(item) for key, item in vars(value).items()} if hasattr(value, "__dict__") else value

    for name, turn in official_sdk.by_models().turns.items():
        said = [{key: plainly(value) for key, value in verb.items()} for verb in turn()]  # type: ignore[attr-defined]
        for verb in said:
            if "action_hook" in verb:
                verb["actionHook"] = verb.pop("action_hook")
        assert said == [verb.wire() for verb in getattr(ours, name)(ours.session())]


@pytest.mark.usefixtures("folder")
def test_by_schema() -> None:
    """The validator gets both verbs, as dicts that are made already."""
    for turn in official_sdk.by_schema().turns.values():
        assert turn() == ["looked at say", "looked at gather"]


@pytest.mark.usefixtures("folder")
def test_side() -> None:
    """All ways have the same turns as ours; the first turn runs in a fresh interpreter."""
    side = official_sdk.side()
    assert (side.name, side.module) == ("jambonz-python-sdk", "jambonz_sdk")
    assert len(side.ways) == 3
    assert {tuple(way.turns) for way in side.ways} == {tuple(ours.side().ways[0].turns)}
    start(side.first_turn)


def _side(keywords: Any, models: Any, faults: Any = ()) -> Side:
    """An SDK whose ways have these results for the plain turn."""
    ways = [
        Way(name, {"plain": lambda made=made: copy.deepcopy(made)})
        for name, made in (("keywords", keywords), ("models", models), ("schema", list(faults)))
    ]
    return Side("stand-in", "stand_in", "", ways, [])


def _plain(**more: Any) -> list[dict[str, Any]]:
    say, gather = (verb.wire() for verb in ours.plain(ours.session()))
    return [say, {**gather, **more}]


def test_the_same_work() -> None:
    """What both sides would send is the same, but for defaults that the SDK spells out."""
    made = _plain(listenDuringPrompt=True)
    official_sdk.check(_side(made, made))


@pytest.mark.parametrize(
    ("keywords", "models", "faults", "complaint"),
    [
        (_plain(), _plain(timeout=1), (), "do not agree"),
        (_plain(), _plain(), ("a fault",), "do not agree"),
        (_plain(listenDuringPrompt=False), _plain(listenDuringPrompt=False), (), "other defaults"),
        (_plain(timeout=1), _plain(timeout=1), (), "something else than we do"),
    ],
)
def test_other_work(keywords: Any, models: Any, faults: Any, complaint: str) -> None:
    """Figures of different work are not printed."""
    with pytest.raises(ValueError, match=complaint):
        official_sdk.check(_side(keywords, models, faults))


def test_missing_is_said_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK that is not installed is not checked."""
    monkeypatch.setitem(sys.modules, "jambonz_sdk", None)
    with pytest.raises(NotInstalled):
        official_sdk.checked_side()
