from __future__ import annotations

import typing

from typing_extensions import get_type_hints

from jambonz_sync.verbs import markers
from jambonz_sync.verbs.say import SayOptions


def test_every_marker_is_exported() -> None:
    """The module exports what it defines."""
    for name in markers.__all__:
        assert hasattr(markers, name)


def test_markers_cost_the_type_nothing() -> None:
    """Without extras an option is of its plain type."""
    assert get_type_hints(SayOptions)["id"] is str


def test_free_form_is_a_dict_of_anything() -> None:
    """The type of a free-form object is that of any dict, and its marker says so."""
    assert typing.get_args(markers.FreeForm)[1] is markers.Free
