"""Commands about the call as a whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .sending import message, refused


def test_ending_a_call_is_one_of_two() -> None:
    """Whether it was answered makes the difference."""
    assert refused(lambda s: s.inject_call_status("busy")) == (
        'inject_call_status.call_status must be "completed" or "no-answer", not \'busy\'',
        "inject_call_status.call_status",
    )
    assert refused(lambda s: s.inject_call_status()) == (
        "inject_call_status needs call_status",
        "inject_call_status.call_status",
    )


@pytest.mark.parametrize("given", [None, {}, {"call_hook": None}])
def test_somebody_is_asked(given: object) -> None:
    """A redirect without a hook says nothing."""
    assert refused(lambda s: s.inject_redirect(given)) == (
        "inject_redirect needs call_hook or child_call_hook",
        "inject_redirect.call_hook",
    )


def test_a_hook_is_a_name() -> None:
    """The object form is not read."""
    assert refused(lambda s: s.inject_redirect(call_hook={"url": "/menu"}))[1] == "inject_redirect.call_hook"


@pytest.mark.parametrize("name", ["call_hook", "child_call_hook"])
def test_another_application_is_out_of_reach(name: str, warned: Callable[[], list[str]]) -> None:
    """A websocket URL is asked here all the same, which is hardly what was meant."""
    message(lambda s: s.inject_redirect(**{name: "/menu"}))
    message(lambda s: s.inject_redirect(**{name: "https://example.com/menu"}))
    assert warned() == []
    message(lambda s: s.inject_redirect(**{name: "wss://example.com/menu"}))
    assert warned() == [
        f"inject_redirect.{name} asks on this socket, whatever the URL: only the verb redirect goes to another"
    ]
