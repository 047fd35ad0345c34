"""Hooks: where jambonz asks the application what to do next."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from .auth import Auth
from .markers import Doc, Secret, Since

__all__ = ["Hook", "HookObject"]


class HookObject(TypedDict, total=False):
    """A hook with more to say than its name."""

    url: Required[Annotated[str, Doc("The hook's name, such as `/menu`, or an absolute URL.")]]
    method: Annotated[Literal["GET", "POST"], Doc("HTTP method, where the hook is an http URL; POST if left out.")]
    username: Annotated[str, Doc("User name for HTTP Basic authentication.")]
    password: Annotated[str, Secret, Doc("Password for HTTP Basic authentication.")]
    basic_auth: Annotated[Auth, Since("10"), Doc("User name and password together; older servers overlook it.")]


#: The name of a hook, or a dict with the name and credentials.
Hook: TypeAlias = str | HookObject
