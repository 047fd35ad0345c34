from __future__ import annotations

import json
import pathlib
import traceback
from types import MappingProxyType
from typing import Any

import pytest

from jambonz_sync.application_variables import (
    ApplicationVariables,
    get_app_config,
    merge_env_vars_with_defaults,
    validate_app_config,
)
from tests.npm.variables import Question, ask
from tests.type_checkers import CHECKERS, know_right_from_wrong

EXAMPLE = '{"type": "string", "description": "..."}'
NO_NAME = "is no name of a variable, which has letters from A to Z, digits and _ only"
SECRET = "hunter2"


def string(**more: Any) -> dict[str, Any]:
    return {"type": "string", "description": "a text", **more}


def number(**more: Any) -> dict[str, Any]:
    return {"type": "number", "description": "a number", **more}


def boolean(**more: Any) -> dict[str, Any]:
    return {"type": "boolean", "description": "yes or no", **more}


def written(folder: pathlib.Path, config: object, name: str = "app.json") -> pathlib.Path:
    """Write an app.json; return its path."""
    file = folder / name
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


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
    """The answers of the library for Node, in the order of the above and the below."""
    folder = tmp_path_factory.mktemp("files")
    questions = [
        Question(written(folder, config, f"{index}.json"), path, received)
        for index, (_, config, path, received) in enumerate([*VALID, *REFUSED_BY_NODE])
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
    answers = {case[0]: answer for case, answer in zip(VALID, node, strict=False)}
    assert answers["a secret"].config["A"]["value"] == "*******"
    assert answers["overlaid"].config == {"A": number(default=7), "B": string()}
    assert answers["overlaid"].merged == {"A": "common"}


# What is not

#: What is wrong, at the place of VALUE in {"A": VALUE}, and the sentence.
FAULTY_DEFINITIONS: list[tuple[Any, str]] = [
    ({}, 'A needs type; "string", "number" or "boolean"'),
    ({"description": "x"}, 'A needs type; "string", "number" or "boolean"'),
    ({"type": "string"}, "A needs description; the operator reads it"),
    ({"type": "integer", "description": "x"}, 'A.type must be "string", "number" or "boolean", not \'integer\''),
    (string(description=5), "A.description must be a string, not 5"),
    (string(required="yes"), "A.required must be True or False, not 'yes'"),
    (string(obscure=1), "A.obscure must be True or False, not 1"),
    (string(default=["a"]), "A.default must be a string, a number, True or False"),
    (string(enum="a"), "A.enum must be a list of one or more strings, numbers, True and/or False"),
    (string(uiHint="area"), 'A.uiHint must be "input", "textarea" or "filepicker", not \'area\''),
    (string(jambonzResource="numbers"), "A.jambonzResource must be \"carriers\", not 'numbers'"),
]

REFUSED_BY_NODE = [("", {"A": definition}, "/", None) for definition, _ in FAULTY_DEFINITIONS]

#: What the helper of the library for Node lets pass, and jambonz or the operator would stumble over.
FAULTY: list[tuple[Any, str]] = [
    *(({"A": definition}, sentence) for definition, sentence in FAULTY_DEFINITIONS),
    ({"/menu": {"B": {}}}, '/menu.B needs type; "string", "number" or "boolean"'),
    ({"A": string(requried=True)}, "A has no option 'requried'; did you mean required?"),
    ({"A": string(ui_hint="input", uiHint="input")}, "A has ui_hint twice, as 'ui_hint' and as 'uiHint'; keep one"),
    ({"A": string(enum=[])}, "A.enum must not be an empty list"),
    ({"A": string(default=5)}, "A needs a string as its default, since type is string"),
    ({"A": number(default="5")}, "A needs a number as its default, since type is number"),
    ({"A": number(default=True)}, "A needs a number as its default, since type is number"),
    ({"A": boolean(default=1)}, "A needs True or False as its default, since type is boolean"),
    ({"A": number(default=float("nan"))}, "A.default must be a finite number"),
    ({"A": number(value="5")}, "A needs a number as its value, since type is number"),
    ({"A": number(enum=[1, "2"])}, "A needs a number for each value of its enum, since type is number"),
    ({"A": string(enum=["a"], default="b")}, "A needs one of the values of its enum as its default"),
    ({"MY-KEY": string()}, f"'MY-KEY' {NO_NAME}; did you mean 'MY_KEY'?"),
    ({"Größe": string()}, f"'Größe' {NO_NAME}; did you mean 'Gr_e'?"),
    ({"": string()}, f"'' {NO_NAME}"),
    ({7: string()}, f"7 {NO_NAME}; did you mean '7'?"),
    ({"A\n": string()}, f"'A\\n' {NO_NAME}; did you mean 'A'?"),
    ({"/menu": {"/sales": {"A": string()}}}, f"'/menu./sales' {NO_NAME}; did you mean 'sales'?"),
    ({"A": SECRET}, f"A needs a definition, such as {EXAMPLE}"),
    ({"A": None}, f"A needs a definition, such as {EXAMPLE}"),
    ({"menu": {"A": string()}}, "menu holds definitions and is none; did you mean '/menu', the path of a service?"),
    ({"/menu": SECRET}, f'/menu must hold definitions by name, such as {{"NAME": {EXAMPLE}}}'),
    ({"/menu?x=1": {}}, "a path has no query and no fragment: '/menu?x=1'"),
    ({"/menu#x": {}}, "a path has no query and no fragment: '/menu#x'"),
    ({"/menu": {}, "/menu/": {}}, "'/menu/' is there twice, but for its slashes: make one section of the two"),
    ([string()], f'it must hold definitions by name, such as {{"NAME": {EXAMPLE}}}'),
]


@pytest.mark.parametrize(("config", "sentence"), FAULTY, ids=[sentence for _, sentence in FAULTY])
def test_fault(config, sentence):
    """A sentence says where the fault is, what is wrong, and what to write."""
    assert validate_app_config(config) == [sentence]


@pytest.mark.parametrize("index", range(len(FAULTY_DEFINITIONS)))
def test_the_library_for_node_refuses_it_too(index, node):
    """What is checked of a definition, so far as that library checks it, is refused by it."""
    assert len(node[len(VALID) + index].faults) >= 1


def test_one_sentence_for_each_faulty_definition():
    """Those in sections come after the common ones; sound ones between them are not mentioned."""
    config = {"/menu": {"A": {}, "B": string()}, "B": {}, "C": string(), "D-E": string()}
    assert validate_app_config(config) == [
        'B needs type; "string", "number" or "boolean"',
        f"'D-E' {NO_NAME}; did you mean 'D_E'?",
        '/menu.A needs type; "string", "number" or "boolean"',
    ]


@pytest.mark.parametrize(
    "definition",
    [
        SECRET,
        [SECRET],
        string(default=[SECRET]),
        number(default=SECRET),
        string(value={"x": SECRET}),
        number(value=SECRET),
        number(enum=[SECRET]),
        string(enum=[[SECRET]]),
        string(enum=SECRET),
        string(default=SECRET, enum=["other"]),
        string(default="other", enum=[SECRET]),
    ],
    ids=repr,
)
def test_no_value_is_repeated(definition):
    """A fault tells nothing of a value, whether or not the definition says that it is obscure."""
    (sentence,) = validate_app_config({"A": definition})
    assert SECRET not in sentence
    with pytest.raises(ValueError) as raised:
        ApplicationVariables({"A": definition})
    assert SECRET not in "".join(traceback.format_exception_only(raised.type, raised.value))


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


@pytest.mark.parametrize(("value", "asterisks"), [(1234, "****"), (True, "****"), (0, "*")])
def test_other_secrets_than_strings(value, asterisks):
    """They are masked too, by as many asterisks as they have characters."""
    kind = "boolean" if value is True else "number"
    definition = {"type": kind, "description": "x", "obscure": True, "value": value}
    assert get_app_config("/", {"A": definition})["A"]["value"] == asterisks


def test_none_is_not_given():
    """As everywhere else, a key with the value None is left out."""
    config = {"A": string(default=None, enum=None)}
    assert validate_app_config(config) == []
    assert get_app_config("/", config) == {"A": string()}
    assert merge_env_vars_with_defaults({}, "/", config) == {}


def test_read_only_mappings():
    """Any mapping will do for the definitions and for what was received."""
    config = MappingProxyType({"A": MappingProxyType(string(default="x"))})
    assert get_app_config("/", config) == {"A": string(default="x")}
    assert merge_env_vars_with_defaults(MappingProxyType({"B": 1}), "/", config) == {"B": 1, "A": "x"}


# Paths


@pytest.mark.parametrize(
    ("section", "path", "found"),
    [
        ("/menu", "/menu/", True),
        ("/menu/", "/menu", True),
        ("/menu/sales", "/menu/sales", True),
        ("/menu", "/menu/adulting", False),
        ("/menu", "/Menu", False),
        ("/menu", "/menus", False),
        ("/menu", "*", False),
        ("/", "/", True),
        ("/", "", True),
        ("/", "*", True),
        ("/", "/menu", False),
    ],
)
def test_the_section_of_a_path(section, path, found):
    """It is for a service at the same path, whatever the slashes at its ends; "*" is the root."""
    assert get_app_config(path, {section: {"A": string()}}) == ({"A": string()} if found else {})


# Files


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_file(kind, tmp_path):
    """An app.json is named by a string, or by a path."""
    file = kind(written(tmp_path, {"A": string(default="ä"), "/m": {"B": number(default=2)}}))
    assert get_app_config("/", file) == {"A": string(default="ä")}
    assert merge_env_vars_with_defaults({"C": 1}, "/m", file) == {"C": 1, "A": "ä", "B": 2}
    assert ApplicationVariables(app_json=file, path="/m").merged(None) == {"A": "ä", "B": 2}


def test_a_file_is_read_once(tmp_path):
    """The variables of a service stay as they were when it was made."""
    file = written(tmp_path, {"A": string(default="x")})
    variables = ApplicationVariables(app_json=file)
    file.unlink()
    assert variables.merged({}) == {"A": "x"}


def test_a_file_that_is_not_there(tmp_path, monkeypatch):
    """The sentence says where it was looked for, and how to name one beside the code."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError) as raised:
        get_app_config("/", "conf/app.json")
    assert str(raised.value) == (
        f"cannot read {tmp_path / 'conf' / 'app.json'}: No such file or directory. A relative path is seen from the "
        "folder in which the program was started; pathlib.Path(__file__).with_name('app.json') is beside the code"
    )
    assert isinstance(raised.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"A": hunter2}', "Expecting value: line 1 column 7 (char 6)"),
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'"\xff"', "can't decode byte 0xff"),
        (b"[" * 200_000, "recursion"),
    ],
    ids=["without quotes", "empty", "not UTF-8", "too deep"],
)
def test_a_file_without_json(content, fault, tmp_path):
    """The sentence names the file and the place in it, and repeats nothing of it."""
    file = tmp_path / "app.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="must hold JSON in UTF-8, and does not: ") as raised:
        get_app_config("/", file)
    assert str(raised.value).startswith(str(file))
    assert fault in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_file_with_faults(tmp_path):
    """Each of them is on a line of its own, behind the name of the file, even one in the section of another path."""
    file = written(tmp_path, {"A": {}, "/other": {"B": string(defalt="x")}})
    for read in (
        lambda: get_app_config("/", file),
        lambda: merge_env_vars_with_defaults({}, "/", file),
        lambda: ApplicationVariables(app_json=file),
    ):
        with pytest.raises(ValueError) as raised:
            read()
        assert str(raised.value) == (
            f'{file}: A needs type; "string", "number" or "boolean"\n'
            f"{file}: /other.B has no option 'defalt'; did you mean default?"
        )


@pytest.mark.parametrize(("content", "written_as"), [([], "[]"), ("x", '"x"'), (None, "null")])
def test_a_file_with_something_else(content, written_as, tmp_path):
    """A file that holds no object is no app.json."""
    file = written(tmp_path, content)
    assert file.read_text() == written_as
    with pytest.raises(ValueError, match=r"app\.json: it must hold definitions by name, such as "):
        get_app_config("/", file)


@pytest.mark.parametrize("app_json", [7, b"app.json", ["app.json"]])
def test_neither_a_file_nor_its_content(app_json):
    """What is neither a path nor a mapping is a TypeError."""
    with pytest.raises(TypeError):
        get_app_config("/", app_json)


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
from jambonz_sync.application_variables import ApplicationVariables, VariableDefinition

voice: VariableDefinition = {"type": "string", "description": "x", "enum": ["a", "b"], "default": "a"}
ApplicationVariables({"VOICE": voice, "TRIES": {"type": "number", "description": "x", "default": 3, "required": True}})
ApplicationVariables({"KEY": {"type": "string", "description": "x", "obscure": True, "ui_hint": "filepicker"}})
ApplicationVariables(app_json="app.json", path="/menu")
ApplicationVariables(app_json={"KEY": {"type": "string", "description": "x", "uiHint": "input"}})
"""

REFUSED = """
from jambonz_sync.application_variables import ApplicationVariables, VariableDefinition

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
