from __future__ import annotations

import pytest

from jambonz_sync.verbs.versions import too_new, version_of


@pytest.mark.parametrize(
    ("since", "version", "refused"),
    [("10", "0.9", True), ("10", "0.9.8", True), ("10", "10", False), ("10.3", "10", False), ("10.3", "10.2", True)],
)
def test_versions_are_compared_as_far_as_both_go(since: str, version: str, refused: bool) -> None:
    """A plain 10 stands for any 10.x."""
    assert too_new(since, version_of(version)) is refused
    assert not too_new(since, None)


def test_a_version_must_look_like_one() -> None:
    """The error says how."""
    assert version_of("v10.1") == (10, 1)
    with pytest.raises(ValueError, match=r"looks like '0.9' or '10'; not 'new'"):
        version_of("new")
