from __future__ import annotations

import pathlib
import traceback
from types import MappingProxyType
from typing import Any

import pytest

from jambonz_sync.application_variables import ApplicationVariables, merge_env_vars_with_defaults
from jambonz_sync.variable_definitions import get_app_config, validate_app_config
from tests.definitions import NO_NAME, SECRET, boolean, number, string, written
from tests.npm.variables import Question, ask

EXAMPLE = '{"type": "string", "description": "..."}'

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


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """The answers of the library for Node to the faulty definitions."""
    folder = tmp_path_factory.mktemp("files")
    return ask(
        [
            Question(written(folder, {"A": definition}, f"{index}.json"), "/", None)
            for index, (definition, _) in enumerate(FAULTY_DEFINITIONS)
        ]
    )


@pytest.mark.parametrize("index", range(len(FAULTY_DEFINITIONS)))
def test_the_library_for_node_refuses_it_too(index, node):
    """What is checked of a definition, so far as that library checks it, is refused by it."""
    assert len(node[index].faults) >= 1


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


@pytest.mark.parametrize(("value", "asterisks"), [(1234, "****"), (True, "****"), (0, "*")])
def test_other_secrets_than_strings(value, asterisks):
    """They are masked too, by as many asterisks as they have characters."""
    kind = "boolean" if value is True else "number"
    definition = {"type": kind, "description": "x", "obscure": True, "value": value}
    assert get_app_config("/", {"A": definition})["A"]["value"] == asterisks


def test_values_to_choose_from_without_a_default():
    """An enum alone is sound."""
    assert validate_app_config({"A": string(enum=["a", "b"])}) == []


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
