"""What an endpoint has been told, and checked."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

from .basic_auth import Auth, checked
from .request import Middleware
from .variable_definitions import AppJson

__all__ = ["Settings", "WSGIApplication"]

#: An application as PEP 3333 has it.
WSGIApplication = Callable[..., Any]


@dataclasses.dataclass
class Settings:
    """The settings of an endpoint, as :func:`~jambonz_sync.create_endpoint` explains them.

    Whoever needs one reads it when it is needed, so that they may change until then. Raises :exc:`ValueError` and
    :exc:`TypeError` for what cannot be meant.
    """

    # Neither is shown by repr(), which ends up in error reports.
    auth: Auth | None = dataclasses.field(default=None, repr=False)
    middlewares: Sequence[Middleware] = ()
    fallback: WSGIApplication | None = None
    max_calls: int | None = None
    ack_timeout: float = 4.0
    reconnect_timeout: float = 15.0
    siblings: str | os.PathLike[str] | None = None
    app_json: AppJson | None = dataclasses.field(default=None, repr=False)
    jambonz_version: str | None = None
    strict: bool = True
    permessage_deflate: bool = False
    logger: logging.Logger = dataclasses.field(default_factory=lambda: logging.getLogger("jambonz_sync"))

    def __post_init__(self) -> None:
        self.auth = checked(self.auth)
        if not isinstance(self.logger, (logging.Logger, logging.LoggerAdapter)):
            raise TypeError(f"logger is one of the module logging, not {self.logger!r}")
        if not 0 < self.ack_timeout < 5:
            raise ValueError(
                f"ack_timeout must be between 0 and 5 seconds, since jambonz waits 5; not {self.ack_timeout!r}"
            )
        if self.reconnect_timeout < 0:
            raise ValueError(
                f"reconnect_timeout is a number of seconds, not {self.reconnect_timeout!r}; 0 does not wait"
            )
        if self.max_calls is not None and self.max_calls < 1:
            raise ValueError(f"max_calls is how many calls may be up, or None for no limit; not {self.max_calls!r}")

    def change(self, **changes: Any) -> None:
        """Take over what is given, all of it or, where it raises, nothing."""
        self.__dict__.update(dataclasses.replace(self, **changes).__dict__)
