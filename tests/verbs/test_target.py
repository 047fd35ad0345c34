from __future__ import annotations

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_it_says_of_which_type_it_is() -> None:
    """From a short list."""
    with pytest.raises(InvalidVerb, match=r"dial\.target\[0\] needs type"):
        build("dial", positional=[{"number": "1"}])
    with pytest.raises(
        InvalidVerb, match=r'dial\.target\[1\]\.type must be "phone", "sip", "user" or "teams", not \'fone\''
    ):
        build("dial", positional=[{"type": "phone", "number": "1"}, {"type": "fone"}])


def test_from_is_spelled_with_an_underscore_or_as_on_the_wire() -> None:
    """Python keeps the plain word for itself."""
    for key in ("from_", "from"):
        verb = build("dial", positional=[{"type": "sip", "sip_uri": "sip:a@b", key: {"user": "me"}}])
        assert verb.options["target"] == [{"type": "sip", "sipUri": "sip:a@b", "from": {"user": "me"}}]


def test_each_may_have_its_own_confirm_hook() -> None:
    """It is a confirm hook like the dial's."""
    verb = build("dial", positional=[{"type": "phone", "number": "1", "confirm_hook": {"url": "/ok"}}])
    assert verb.hooks == (HookUse("/ok", HookKind.CONFIRM),)


@pytest.mark.parametrize(
    ("kind", "needed"), [("phone", "number"), ("teams", "number"), ("sip", "sip_uri"), ("user", "name")]
)
def test_each_type_has_its_address(kind: str, needed: str) -> None:
    """Others beside it do not matter."""
    others = {name: "1" for name in ("number", "sip_uri", "name") if name != needed}
    assert build("dial", positional=[{"type": kind, **others, needed: "1"}])
    with pytest.raises(InvalidVerb, match=rf"^dial\.target\[0\] needs {needed}, since type is {kind}$"):
        build("dial", positional=[{"type": kind, **others}])
