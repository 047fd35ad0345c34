from __future__ import annotations

import json
from typing import Any

import pytest

from jambonz_sync.application_variables import ApplicationVariables, merge_env_vars_with_defaults
from jambonz_sync.variable_definitions import get_app_config, validate_app_config
from tests.definitions import NO_NAME, SECRET, boolean, number, string, written
from tests.npm.variables import Question, ask
from tests.type_checkers import CHECKERS, know_right_from_wrong

# What is valid, and what the library for Node makes of it

VALID: list[tuple[str, Any, str, Any]] = [
    ("nothing", {}, "/", None),
    ("no default", {"A": string()}, "/", {}),
    ("every key", {"A": string(required=True, default="a", enum=["a", "b"], obscure=True)}, "/", None),
    ("how it is shown", {"A": string(uiHint="textarea"), "B": string(jambonzResource="carriers")}, "/", None),
    ("each type", {"A": string(default=""), "B": number(default=0), "C": boolean(default=False)}, "/x", {}),
    ("a fraction", {"A": number(default=1.5, enum=[1, 1.5])}, "/x", {"B": "not defined"}),
    ("a section", {"A": string(), "/menu": {"B": number(default=1)}}, "/menu", {"A": "x"}),
    ("a section of another path", {"A": string(), "/menu": {"B": number(default=1)}}, "/", None),
    ("a section of a path above", {"/menu": {"B": number(default=1)}}, "/menu/sales", None),
    ("a section of a path below", {"/menu/sales": {"B": number(default=1)}}, "/menu", None),
    ("a section of the root is for that alone", {"/": {"B": number(default=1)}}, "/menu", None),
    ("a section of the root", {"/": {"B": number(default=1)}}, "/", None),
    ("an empty section", {"A": string(default="x"), "/menu": {}}, "/menu", None),
    ("a section first", {"/menu": {"B": number(default=1)}, "A": string(default="x")}, "/menu", {"C": 1}),
    ("overlaid", {"A": string(default="common"), "B": string(), "/m": {"A": number(default=7)}}, "/m", None),
    ("a default in the section alone", {"A": string(), "/m": {"A": string(default="special")}}, "/m", None),
    ("what is there is kept", {"A": string(default="x"), "/m": {"B": number(default=7)}}, "/m", {"A": "", "B": 0}),
    ("even null", {"A": string(default="x"), "/m": {"B": number(default=7)}}, "/m", {"A": None, "B": None}),
    ("a value", {"A": string(value="shown")}, "/", None),
    ("a secret", {"A": string(obscure=True, value=SECRET), "B": string(obscure=True)}, "/", None),
    ("no secret yet", {"A": string(obscure=True, value="")}, "/", None),
    ("a secret in a section", {"A": string(), "/m": {"A": string(obscure=True, value=SECRET)}}, "/m", None),
    ("a secret that a section overlays", {"A": string(obscure=True, value=SECRET), "/m": {"A": number()}}, "/m", {}),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """The answers of the library for Node, in the order of the above."""
    folder = tmp_path_factory.mktemp("files")
    questions = [
        Question(written(folder, config, f"{index}.json"), path, received)
        for index, (_, config, path, received) in enumerate(VALID)
    ]
    return ask(questions)


@pytest.mark.parametrize("index", range(len(VALID)), ids=[case[0] for case in VALID])
def test_as_the_library_for_node(index, node):
    """Definitions are found sound, selected, and completed just as the helpers of the library for Node do it."""
    _, config, path, received = VALID[index]
    assert node[index].faults == validate_app_config(config) == []
    assert get_app_config(path, config) == node[index].config
    assert merge_env_vars_with_defaults(received, path, config) == node[index].merged


@pytest.mark.parametrize("case", VALID, ids=[case[0] for case in VALID])
def test_as_an_object(case):
    """The variables of a service do with one app.json what the functions do."""
    _, config, path, received = case
    variables = ApplicationVariables(app_json=config, path=path)
    assert variables.schema == get_app_config(path, config)
    assert list(variables.schema) == list(get_app_config(path, config))
    assert variables.merged(received) == merge_env_vars_with_defaults(received, path, config)


def test_some_answers_are_not_empty(node):
    """What the comparison rests on: asterisks, an overlay, and a common default that goes before that of a path."""
    answers = {case[0]: answer for case, answer in zip(VALID, node, strict=True)}
    assert answers["a secret"].config["A"]["value"] == "*******"
    assert answers["overlaid"].config == {"A": number(default=7), "B": string()}
    assert answers["overlaid"].merged == {"A": "common"}


# The variables of a service


def test_none():
    """A service without definitions has no variables, and takes what comes."""
    variables = ApplicationVariables()
    assert variables.schema == {}
    assert variables.merged(None) == {}
    assert variables.merged({"A": 1}) == {"A": 1}
    assert variables.faults({"A": 1}) == []
    assert repr(variables) == "<ApplicationVariables none>"


def test_definitions_in_code():
    """They are spelled as Python or as JSON has it, and the portal gets the latter."""
    variables = ApplicationVariables(
        {"A": {**string(default="x"), "ui_hint": "textarea"}, "B": string(jambonz_resource="carriers"), "C": number()}
    )
    assert variables.schema == {
        "A": string(default="x", uiHint="textarea"),
        "B": string(jambonzResource="carriers"),
        "C": number(),
    }
    assert variables.merged({"C": 3}) == {"C": 3, "A": "x"}
    assert repr(variables) == "<ApplicationVariables A, B, C>"


def test_code_goes_before_a_file():
    """A definition and a default in the code count, where the app.json has others; the rest is from the file."""
    section = {"B": string(default="section"), "D": string(default="section")}
    app_json = {name: string(default="file") for name in "ABC"} | {"/m": section}
    env = {"A": number(default=1), "C": string()}
    variables = ApplicationVariables(env, app_json=app_json, path="/m")
    assert variables.schema == {
        "A": number(default=1),
        "B": string(default="section"),
        "C": string(),
        "D": string(default="section"),
    }
    assert variables.merged({}) == {"A": 1, "B": "file", "C": "file", "D": "section"}


def test_faults_in_code():
    """Each is on a line of its own; a section for a path has no place there."""
    with pytest.raises(ValueError) as raised:
        ApplicationVariables({"A": {}, "/menu": {"B": string()}})
    assert str(raised.value) == (
        f'env: A needs type; "string", "number" or "boolean"\nenv: \'/menu\' {NO_NAME}; did you mean \'menu\'?'
    )


def test_without_strictness():
    """Keys that are unknown here are passed on, and none that is known is checked any less."""
    config = {"A": string(placeholder="type here")}
    with pytest.raises(ValueError, match="app_json: A has no option 'placeholder'"):
        ApplicationVariables(app_json=config)
    with pytest.raises(ValueError, match="env: A has no option 'placeholder'"):
        ApplicationVariables(config)
    assert ApplicationVariables(config, strict=False).schema == config
    assert ApplicationVariables(app_json=config, strict=False).schema == config
    with pytest.raises(ValueError, match="env: A needs a number as its default"):
        ApplicationVariables({"A": number(default="x")}, strict=False)


def test_the_variables_of_a_call_cannot_be_changed():
    """They are a read-only copy of what was received."""
    received = {"A": 1}
    merged = ApplicationVariables().merged(received)
    received["A"] = 2
    assert merged == {"A": 1}
    with pytest.raises(TypeError):
        merged["A"] = 3


def test_the_definitions_of_a_service_cannot_be_changed():
    """Nothing can be set on them."""
    variables = ApplicationVariables()
    with pytest.raises(AttributeError):
        variables.schema = {}
    with pytest.raises(AttributeError):
        variables.more = {}


@pytest.mark.parametrize("received", [[], "A", 7])
def test_something_else_than_variables(received):
    """What is no object is as good as none."""
    assert ApplicationVariables({"A": string(default="x")}).merged(received) == {"A": "x"}


def test_definitions_are_left_as_they_were():
    """What was given is neither changed nor kept: a later change of it changes nothing."""
    config = {"A": string(obscure=True, value=SECRET, enum=[SECRET])}
    before = json.dumps(config)
    variables = ApplicationVariables(app_json=config)
    schema = variables.schema
    assert json.dumps(config) == before
    config["A"]["enum"].append("more")
    schema["A"]["enum"].append("more")
    del schema["A"]["type"]
    assert variables.schema == {"A": string(obscure=True, value="*******", enum=[SECRET])}


def test_a_file_is_read_once(tmp_path):
    """The variables of a service stay as they were when it was made."""
    file = written(tmp_path, {"A": string(default="x")})
    variables = ApplicationVariables(app_json=file)
    file.unlink()
    assert variables.merged({}) == {"A": "x"}


# What a call brings

UNSET = "the application variable A is required and not set: set it in the portal"
UNLISTED = "the application variable A is none of the values in its enum: choose one in the portal"


def mistyped(kind: str) -> str:
    return f"the application variable A must be {kind}, and is not: set it again in the portal"


@pytest.mark.parametrize(
    ("definition", "received", "faults"),
    [
        (string(), {}, []),
        (string(), None, []),
        (string(required=False), {}, []),
        (string(required=True), {}, [UNSET]),
        (string(required=True), None, [UNSET]),
        (string(required=True), {"A": ""}, []),
        (string(required=True, default="x"), {}, []),
        (string(required=True), {"A": None}, [mistyped("a string")]),
        (string(), {"A": None}, [mistyped("a string")]),
        (string(), {"A": 5}, [mistyped("a string")]),
        (string(), {"A": [SECRET]}, [mistyped("a string")]),
        (number(), {"A": 5}, []),
        (number(), {"A": 1.5}, []),
        (number(), {"A": True}, [mistyped("a number")]),
        (number(), {"A": SECRET}, [mistyped("a number")]),
        (boolean(), {"A": False}, []),
        (boolean(), {"A": 0}, [mistyped("True or False")]),
        (boolean(), {"A": "true"}, [mistyped("True or False")]),
        (string(enum=["a", SECRET]), {"A": SECRET}, []),
        (string(enum=["a", SECRET]), {"A": "other"}, [UNLISTED]),
        (number(enum=[1, 2]), {"A": 2.0}, []),
        (number(enum=[1, 2]), {"A": True}, [mistyped("a number")]),
        (number(enum=[1, 2]), {"A": 3}, [UNLISTED]),
        (string(obscure=True, enum=["a"]), {"A": SECRET}, [UNLISTED]),
        (string(), {"A": "x", "B": SECRET}, []),
    ],
)
def test_what_a_call_brings(definition, received, faults):
    """Types are those of JavaScript; a default makes up for what is not set; no sentence repeats a value."""
    assert ApplicationVariables({"A": definition}).faults(received) == faults
    assert SECRET not in "".join(faults)


def test_a_sentence_for_each_variable():
    """They come in the order of the definitions, of the file first."""
    variables = ApplicationVariables(
        {"B": string(required=True)}, app_json={"A": number(), "/m": {"C": boolean()}}, path="/m"
    )
    assert [fault.split()[3] for fault in variables.faults({"A": "1", "C": 1})] == ["A", "C", "B"]


# What editors know

ACCEPTED = """
from jambonz_sync.application_variables import ApplicationVariables
from jambonz_sync.variable_definitions import VariableDefinition

voice: VariableDefinition = {"type": "string", "description": "x", "enum": ["a", "b"], "default": "a"}
ApplicationVariables({"VOICE": voice, "TRIES": {"type": "number", "description": "x", "default": 3, "required": True}})
ApplicationVariables({"KEY": {"type": "string", "description": "x", "obscure": True, "ui_hint": "filepicker"}})
ApplicationVariables(app_json="app.json", path="/menu")
ApplicationVariables(app_json={"KEY": {"type": "string", "description": "x", "uiHint": "input"}})
"""

REFUSED = """
from jambonz_sync.application_variables import ApplicationVariables
from jambonz_sync.variable_definitions import VariableDefinition

missing: VariableDefinition = {"type": "string"}  # description
unknown: VariableDefinition = {"type": "string", "description": "x", "requried": True}  # requried
wrong: VariableDefinition = {"type": "integer", "description": "x"}  # type
ApplicationVariables(app_json=7)  # app_json
"""


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_know_right_from_wrong(checker, tmp_path):
    """Keys of a definition and what they take are known; all else is refused."""
    (tmp_path / "accepted.py").write_text(f"from __future__ import annotations\n{ACCEPTED}")
    (tmp_path / "refused.py").write_text(f"from __future__ import annotations\n{REFUSED}")
    know_right_from_wrong(checker, tmp_path)
