from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

import pytest
from typing_extensions import Required, TypedDict, is_typeddict

from jambonz_sync.protocol.hooks import HookKind
from jambonz_sync.verbs.describe import Option, options_of
from jambonz_sync.verbs.markers import Doc, Ignored, Needed, SameOnWire, Since, Wire
from jambonz_sync.verbs.registry import VERBS


class Sample(TypedDict, total=False):
    """Something of each kind."""

    plain_one: Annotated[str, Doc("A line.")]
    needed: Required[Annotated[int, Doc("Must be there.")]]
    needed_too: Annotated[Required[int], Doc("Must be there.")]
    hinted: Required[Annotated[int, Needed(hint="why")]]
    server_url: Annotated[str, Wire("serverURL"), Since("10")]
    max_delay: Annotated[float, SameOnWire]
    hook: Annotated[str, HookKind.NOTIFY, Ignored("nobody reads it")]
    bare: str


SAMPLE = {option.name: option for option in options_of(Sample)}


def test_options_keep_their_order() -> None:
    """They come as they stand in the class."""
    assert list(SAMPLE)[:3] == ["plain_one", "needed", "needed_too"]


def test_names_on_the_wire() -> None:
    """The wire name is the camelCase, unless a marker says otherwise."""
    assert SAMPLE["plain_one"].wire == "plainOne"
    assert SAMPLE["server_url"].wire == "serverURL"
    assert SAMPLE["max_delay"].wire == "max_delay"


def test_what_is_needed() -> None:
    """Required counts wherever it stands, and takes its hint from a marker."""
    assert SAMPLE["plain_one"].needed is None
    assert SAMPLE["needed"].needed == SAMPLE["needed_too"].needed == Needed()
    assert SAMPLE["hinted"].needed == Needed(hint="why")


def test_what_markers_say() -> None:
    """Each marker shows as a property, and is absent where there is none."""
    assert SAMPLE["plain_one"].doc == "A line."
    assert SAMPLE["bare"].doc == ""
    assert SAMPLE["server_url"].since == "10"
    assert SAMPLE["bare"].since is None
    assert SAMPLE["hook"].hook is HookKind.NOTIFY
    assert SAMPLE["hook"].ignored == "nobody reads it"
    assert SAMPLE["bare"].hook is SAMPLE["bare"].ignored is None
    assert SAMPLE["needed_too"].annotation is int


def test_two_threads_get_the_same_options() -> None:
    """The description is read once, whoever comes first."""

    class Fresh(TypedDict, total=False):
        text: str

    seen: list[object] = []
    barrier = threading.Barrier(4)

    def read() -> None:
        barrier.wait()
        seen.append(options_of(Fresh))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(options) for options in seen}) == 1


def objects_in(tp: Any) -> Iterator[type]:
    """Yield every description that can be reached from a type."""
    if is_typeddict(tp):
        yield tp
        for option in options_of(tp):
            yield from objects_in(option.annotation)
    for arg in get_args(tp):
        yield from objects_in(arg)


EVERY = sorted(
    {typed for verb in VERBS.values() for typed in objects_in(verb.options)}, key=lambda typed: typed.__name__
)
EVERY_OPTION = [
    pytest.param(option, id=f"{typed.__name__}.{option.name}") for typed in EVERY for option in options_of(typed)
]


@pytest.mark.parametrize("option", EVERY_OPTION)
def test_every_option_is_described_in_one_line(option: Option) -> None:
    """A sentence, short enough for an editor's hint."""
    assert option.doc.endswith(".")
    assert "\n" not in option.doc
    assert len(option.doc) <= 110


@pytest.mark.parametrize("typed", EVERY, ids=lambda typed: typed.__name__)
def test_every_object_is_described(typed: type) -> None:
    """Each has a docstring of its own, and no two options share a name."""
    assert typed.__doc__
    names = [name for option in options_of(typed) for name in {option.name, option.wire}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("option", EVERY_OPTION)
def test_every_hook_has_its_kind(option: Option) -> None:
    """What is called a hook is one, and nothing else is."""
    assert (option.hook is not None) == option.name.endswith("_hook")
    assert option.hook is None or not issubclass(get_origin(option.annotation) or str, Mapping)
