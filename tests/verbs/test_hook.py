from __future__ import annotations

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_a_hook_is_a_name_or_a_dict() -> None:
    """Either way it is known by its name."""
    plain = build("play", {"url": "a", "action_hook": "/played"})
    dressed = build("play", {"url": "a", "action_hook": {"url": "/played", "method": "GET", "username": "u"}})
    assert plain.hooks == dressed.hooks == (HookUse("/played", HookKind.ACTION),)
    assert dressed.options["actionHook"] == {"url": "/played", "method": "GET", "username": "u"}


def test_an_http_hook_never_comes_over_the_socket() -> None:
    """It goes out to jambonz, and is nobody's business here."""
    verb = build("play", {"url": "a", "action_hook": {"url": "https://example.com/played"}})
    assert verb.hooks == ()
    assert verb.action_hook is None
