"""A mapping of what jambonz said, whose keys are attributes too."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from jambonz_sync.protocol.facts.mapping import Facts


class Note(Facts):
    """The least that makes it whole."""

    def __init__(self, **data: Any) -> None:
        self.data = data

    @property
    def _title(self) -> str:
        return "note"

    @property
    def weight(self) -> int:
        """An attribute that is no key."""
        return 3


def error_of(note: Note, name: str) -> str:
    """The sentence for an attribute that is not there."""
    with pytest.raises(AttributeError) as raised:
        getattr(note, name)
    return str(raised.value)


def test_mapping_of_the_data():
    """It is a mapping of its data."""
    note = Note(**{"from": "1", "to": "2"})
    assert note["from"] == "1"
    assert note.get("to") == "2"
    assert note.get("x") is None
    assert note.get("x", 5) == 5
    assert "from" in note
    assert "x" not in note
    assert dict(note) == note.data == {"from": "1", "to": "2"}
    assert len(note) == 2
    with pytest.raises(KeyError):
        note["x"]


def test_read_only():
    """The mapping cannot be written."""
    with pytest.raises(TypeError):
        Note()["x"] = 1


def test_needs_a_title():
    """What cannot be named in an error cannot be made."""
    with pytest.raises(TypeError):
        Facts()


def test_told_apart_by_identity():
    """Two of the same content are two."""
    one, other = Note(a=1), Note(a=1)
    assert one == one
    assert one != other
    assert one != {"a": 1}
    assert len({one, other}) == 2


# Attributes


def test_data_as_attributes():
    """What the data holds can be read as an attribute, known or not."""
    assert Note(sip_status=200).sip_status == 200
    assert Note(colour=None).colour is None


def test_from_is_a_keyword():
    """What is called ``from`` can be read as ``from_``."""
    note = Note(**{"from": "1"})
    assert note.from_ == "1"
    assert getattr(note, "from") == "1"


def test_own_attributes_come_first():
    """A key never hides an attribute of the object itself; it is read as a key."""
    note = Note(weight="heavy", get="x", data="y")
    assert (note.weight, note["weight"]) == (3, "heavy")
    assert note.get("get") == "x"
    assert (note.data["data"], note["data"]) == ("y", "y")


def test_hasattr():
    """``hasattr`` and ``getattr`` with a default tell whether a key is there."""
    note = Note(a=1)
    assert hasattr(note, "a")
    assert not hasattr(note, "queue_size")
    assert getattr(note, "b", 5) == 5


def test_dir():
    """``dir`` lists what can be read as an attribute, beside what any object has."""
    names = dir(Note(**{"from": "1", "digits": "2", "no-name": 3}))
    assert {"from_", "digits", "weight", "get", "__len__"} <= set(names)
    assert not {"from", "no-name"} & set(names)
    assert names == sorted(names)


def test_unfinished():
    """What has not been initialised, as copy makes one, raises a plain error instead of recursing."""
    note = Note.__new__(Note)
    for name in ("x", "data", "from_", "__deepcopy__"):
        assert error_of(note, name) == name
    assert "weight" in dir(note)


@pytest.mark.parametrize("name", ["__fspath__", "_repr_html_"])
def test_special_attributes_are_not_looked_up_in_words(name):
    """Whoever probes for special names gets a plain error."""
    assert error_of(Note(a=1), name) == name


# Attributes that are not there


def test_unknown_attribute():
    """The error names the key, and the keys there are."""
    assert error_of(Note(bravo=1, alpha=2), "x") == "this note has no 'x'; its data has alpha, bravo"


def test_attribute_of_nothing():
    """Where there are no data the error says so."""
    assert error_of(Note(), "x") == "this note has no 'x'; its data is empty"


def test_misspelt_key():
    """The error proposes the key that was probably meant."""
    assert error_of(Note(sip_status=1), "sip_statu") == (
        "this note has no 'sip_statu'; did you mean 'sip_status'? Its data has sip_status"
    )


def test_misspelt_property():
    """What is an attribute without being a key is proposed too."""
    assert "; did you mean 'weight'?" in error_of(Note(), "wieght")


def test_misspelt_keyword():
    """What is called ``from`` is proposed as one has to write it."""
    assert "; did you mean 'from_'?" in error_of(Note(**{"from": "1"}), "form")


def test_private_names_are_not_proposed():
    """What is private is not proposed."""
    assert "did you mean" not in error_of(Note(), "title")


def test_key_of_another_hook():
    """A key that other messages are known to carry is no misspelling: the error says which."""
    assert error_of(Note(queue_time=7), "queue_size") == (
        "this note has no 'queue_size' (the wait_hook of enqueue may have it); its data has queue_time"
    )
    assert "(the action_hook of dial or the action_hook of transfer may have it)" in error_of(Note(), "dial_call_sid")
    assert "(call:status and most hooks may have it)" in error_of(Note(), "from_")


def test_error_knows_the_name():
    """The error carries the name, as that of any other object does."""
    with pytest.raises(AttributeError) as raised:
        _ = Note().colour
    assert raised.value.name == "colour"


def test_one_proposal():
    """Python adds no proposal of its own to the traceback."""
    program = "from jambonz_sync import Outcome; Outcome('completed').fialed"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.lower().count("did you mean") == 1
    assert "AttributeError: this outcome (completed) has no 'fialed'; did you mean 'failed'?" in done.stderr
