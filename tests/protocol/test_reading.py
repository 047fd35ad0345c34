from __future__ import annotations

import json
import math
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jambonz_sync.protocol import reading
from jambonz_sync.protocol.message import BadMessage, parse
from jambonz_sync.protocol.reading import read_json


@pytest.fixture(params=[None, orjson.loads], ids=["as Python does", "by orjson"])
def _reader(request, monkeypatch):
    monkeypatch.setattr(reading, "_read_fast", request.param)


def test_orjson_is_used_where_it_is_installed(monkeypatch):
    """It is an extra: without it the standard library does."""
    assert reading._fast_reader() is orjson.loads
    monkeypatch.setitem(sys.modules, "orjson", None)
    assert reading._fast_reader() is None


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, -2.5, true, false, null, "\u20ac", {"b": {}}], "a": 2}',
        '"\\ud800"',
        "-0.0",
        "1e400",
        "[-Infinity]",
        " [18446744073709551615] ",
    ],
)
def test_the_same_either_way(text):
    """What one of them refuses, the other reads."""
    found = read_json(text)
    assert repr(found) == repr(json.loads(text))


@pytest.mark.usefixtures("_reader")
def test_not_a_number():
    """It is read, although it is no JSON."""
    assert math.isnan(read_json("NaN"))


def test_whole_numbers_without_end(monkeypatch):
    """Those of more than 64 bits are where the two differ: in the type, for the value is as near as can be."""
    found = read_json("100000000000000000000")
    assert found == 10**20
    assert isinstance(found, float)
    monkeypatch.setattr(reading, "_read_fast", None)
    assert isinstance(read_json("100000000000000000000"), int)


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        ("[1,]", "is not JSON"),
        ("\ufeff{}", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("[" * 200_000 + "]" * 200_000, "is nested too deeply"),
    ],
    ids=["nothing", "quotes", "comma", "byte order mark", "list", "nested"],
)
def test_faults(text, fault):
    """They are told in the same words."""
    with pytest.raises(BadMessage, match=fault):
        parse(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_whatever_is_written_is_read(value):
    """Both read what has been written, in all its types."""
    text = json.dumps(value)
    assert repr(read_json(text)) == repr(json.loads(text)) == repr(value)
