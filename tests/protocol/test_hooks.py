"""The kinds of hook: the whole table, row by row. What comes of it on the wire is in test_call_acks.py."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.hooks import HookKind, HookUse, Late, Settlement

TABLE = {
    HookKind.SESSION: (Settlement.NEUTRAL, Late.REDIRECT, False),
    HookKind.LEG_SESSION: (Settlement.NEUTRAL, Late.DROP, False),
    HookKind.ACTION: (Settlement.EMPTY, Late.REDIRECT, False),
    HookKind.BARGE_IN: (Settlement.EMPTY, Late.REDIRECT, False),
    HookKind.WAIT: (Settlement.STANDING, Late.KEEP, False),
    HookKind.CONFIRM: (Settlement.REFUSE, Late.DROP, False),
    HookKind.ENTER: (Settlement.EMPTY, Late.DROP, False),
    HookKind.REPORT: (Settlement.EMPTY, Late.REDIRECT, False),
    HookKind.LEG_REPORT: (Settlement.EMPTY, Late.DROP, False),
    HookKind.NOTIFY: (Settlement.EMPTY, Late.DROP, True),
}


@pytest.mark.parametrize("kind", HookKind)
def test_policy(kind):
    """Each kind has its stand-in, its treatment of late replies, and says whether the stand-in goes out at once."""
    assert (kind.settlement, kind.late, kind.at_once) == TABLE[kind]


def test_kinds_of_equal_policy_are_kept_apart():
    """No two kinds are one member of the enum, although some share a policy."""
    assert len(HookKind) == len(TABLE)


def test_use_names_hook_and_kind():
    """A use of a hook is its name and its kind, and is compared by them."""
    assert HookUse("/a", HookKind.WAIT) == HookUse(name="/a", kind=HookKind.WAIT)
    assert HookUse("/a", HookKind.WAIT) != HookUse("/a", HookKind.ENTER)
