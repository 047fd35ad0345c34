"""The keys of what jambonz sends."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator.key_case import snake_cased


@pytest.mark.parametrize(
    ("key", "converted"),
    [
        ("serverContent", "server_content"),
        ("httpURL", "http_u_r_l"),
        ("a1B2", "a1b2"),
        ("already_snake", "already_snake"),
        ("already_withHump", "already_withhump"),
        ("User-Agent", "user_agent"),
        ("x.y:Z", "x_y_z"),
        ("Two Words", "two_words"),
        ("_customerData", "customerdata"),
        ("TOTAL", "total"),
        ("Error", "error"),
    ],
)
def test_keys(key, converted):
    """A hump begins a word, unless something else sets words apart."""
    assert snake_cased({key: 1}) == {converted: 1}


def test_depth():
    """Keys are converted at any depth, in lists too; values are not."""
    assert snake_cased({"aB": [{"cD": "eF"}, "gH"]}) == {"a_b": [{"c_d": "eF"}, "gH"]}


@pytest.mark.parametrize("key", ["customerData", "sip", "env_vars", "args"])
def test_untouched(key):
    """Four keys keep their name and all that is in them."""
    assert snake_cased({key: {"orderNo": {"aB": 1}}}) == {key: {"orderNo": {"aB": 1}}}
