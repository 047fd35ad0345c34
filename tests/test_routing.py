from __future__ import annotations

import pytest

from jambonz_sync.routing import Router


def router(*paths: str) -> Router[str]:
    """A router whose targets are the paths themselves."""
    made: Router[str] = Router()
    for path in paths:
        made.add(path, path)
    return made


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/menu", "/menu"),
        ("/menu/", "/menu"),
        ("//menu//", "/menu"),
        ("/menu/other", "/menu"),
        ("/menu/sales", "/menu/sales"),
        ("/menu/sales/", "/menu/sales"),
        ("/menu/sales/north/1", "/menu/sales"),
        ("/menu/salesman", "/menu"),
        ("/menus", None),
        ("/Menu", None),
        ("/sales", None),
        ("/", None),
        ("", None),
    ],
)
def test_the_longest_beginning_by_segment_wins(path: str, found: str | None) -> None:
    """Whole segments count, not letters; slashes at the end, or double, do not matter."""
    assert router("/menu", "/menu/sales").find(path) == found


def test_the_order_of_registration_does_not_matter() -> None:
    """The longest wins, first or last."""
    assert router("/a/b", "/a").find("/a/b/c") == "/a/b"
    assert router("/a", "/a/b").find("/a/b/c") == "/a/b"


def test_a_detached_leg_finds_the_service_of_its_call() -> None:
    """jambonz appends ``/adulting``, once for each time a leg is detached."""
    made = router("/x", "/y")
    assert made.find("/x/adulting") == "/x"
    assert made.find("/x/adulting/adulting") == "/x"
    assert made.find("/adulting") is None


@pytest.mark.parametrize("everything", ["/", "*"])
def test_the_rest_is_for_the_catch_all(everything: str) -> None:
    """``/`` and ``*`` answer what no other does."""
    made = router("/menu", everything)
    assert made.find("/menu/x") == "/menu"
    for path in ("/", "", "/menus", "/x/y", "*"):
        assert made.find(path) == everything


def test_nothing_is_found_where_nothing_is() -> None:
    """Without routes there is no route."""
    assert router().find("/") is None


@pytest.mark.parametrize("path", ["/a%20b", "/caf%C3%A9", "/a%2Fb"])
def test_percent_encoding_is_not_undone(path: str) -> None:
    """A router compares as it is told: decoding is the listener's, once."""
    made = router(path)
    assert made.find(path) == path
    assert made.find(path.lower() if path != path.lower() else path.replace("%", "%25")) is None
    assert router("/a/b").find("/a%2Fb") is None


def test_paths_are_listed_in_order() -> None:
    """As they were written."""
    assert router("/b/", "*", "/a").paths == ["*", "/a", "/b/"]


@pytest.mark.parametrize("path", ["menu", "", "*/x", "ws://host/menu"])
def test_a_path_without_a_slash_is_refused(path: str) -> None:
    """The error shows the path that was meant."""
    with pytest.raises(ValueError, match=r"a path starts with '/' \(or is '\*'\)") as refusal:
        router(path)
    assert repr("/" + path) in str(refusal.value)


@pytest.mark.parametrize("path", ["/menu?x=1", "/menu#rc=3", "/?"])
def test_a_path_with_a_query_is_refused(path: str) -> None:
    """What does not belong to the path would never match."""
    with pytest.raises(ValueError, match="no query and no fragment") as refusal:
        router(path)
    assert repr(path) in str(refusal.value)


@pytest.mark.parametrize(("first", "second"), [("/a", "/a"), ("/a", "/a/"), ("/a/b", "//a//b"), ("*", "/"), ("/", "*")])
def test_a_path_is_registered_once(first: str, second: str) -> None:
    """The error names the one there is, and that one stays."""
    made = router(first)
    with pytest.raises(ValueError, match="already") as refusal:
        made.add(second, "other")
    assert repr(first) in str(refusal.value)
    assert made.find(first) == first
    assert made.paths == [first]
