"""A user name with its password."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Required, TypedDict

from .markers import Doc, Secret

__all__ = ["Auth"]


class Auth(TypedDict, total=False):
    """Credentials for HTTP Basic or SIP digest authentication."""

    username: Required[Annotated[str, Doc("User name.")]]
    password: Required[Annotated[str, Secret, Doc("Password.")]]
