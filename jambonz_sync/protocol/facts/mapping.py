"""A mapping of what jambonz said, whose keys are attributes too."""

from __future__ import annotations

import difflib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .fact import in_words, sources_of

__all__ = ["Facts"]


class Facts(Mapping[str, Any]):
    """The data of one message, read-only: ``facts["key"]``, ``facts.get("key")``, ``facts.key``.

    The classes beside this one declare which keys there are. At run time whatever the data holds is an attribute,
    known or not; a type checker accepts those that are declared, and ``facts["key"]`` for any other.
    """

    #: The data as jambonz sent them.
    data: dict[str, Any]

    @property
    @abstractmethod
    def _title(self) -> str:
        """What this is, for an error: it continues "this"."""

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    # One is told from another by what it is, not by what it says: two equal statuses are two.
    def __hash__(self) -> int:
        return object.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __dir__(self) -> Iterable[str]:
        keys = (_attribute(key) for key in self.__dict__.get("data", ()))
        return {*super().__dir__(), *(key for key in keys if key.isidentifier())}

    if not TYPE_CHECKING:  # pragma: no branch
        # Hidden from type checkers: to them it would make every misspelt name an attribute.
        def __getattr__(self, name: str) -> Any:
            data = self.__dict__.get("data", {})
            key = "from" if name == "from_" else name
            if key in data:
                return data[key]
            # Python itself probes for such names, also before there are any data, as copy and pickle do.
            if name.startswith("_") or "data" not in self.__dict__:
                raise AttributeError(name)
            # Without obj= Python would add a suggestion of its own.
            raise AttributeError(self._missing(name), name=name)

    def _missing(self, name: str) -> str:
        """The sentence for an attribute that is not there."""
        sources = sources_of(name)
        near = () if sources else difflib.get_close_matches(name, _public(dir(self)), n=1, cutoff=0.66)
        has = f"has {', '.join(sorted(self.data))}" if self.data else "is empty"
        text = f"this {self._title} has no {name!r}"
        if near:
            return f"{text}; did you mean {near[0]!r}? Its data {has}"
        others = f" ({in_words(sources, 'or')} may have it)" if sources else ""
        return f"{text}{others}; its data {has}"


def _attribute(key: str) -> str:
    # A keyword of Python.
    return "from_" if key == "from" else key


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]
