"""SIP headers that go along with a request or a response."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Headers"]

#: Header names, which are never respelled, with their values.
Headers = Mapping[str, str | float]
