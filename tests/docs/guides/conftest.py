"""Fixtures of the tests of the guides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jambonz_sync import JambonzError, Session, create_endpoint
from jambonz_sync.testing import Jambonz, PhoneCall
from tests.docs.page import Block


@pytest.fixture
def calling(jambonz: Jambonz) -> Callable[..., PhoneCall]:
    """Calls a function of a page: ``calling(answer, dials=[Busy()])``."""

    def place(answer: Callable[[Session], Any], **options: Any) -> PhoneCall:
        endpoint = create_endpoint()
        endpoint.make_service("/app").on("session:new", answer)
        return jambonz.call(endpoint, "/app", **options)

    return place


@pytest.fixture
def raised(calling: Callable[..., PhoneCall]) -> Callable[..., str]:
    """Runs a block in a call, and returns what it raises: ``InvalidVerb: gather has no option …``."""

    def run(block: Block, **names: Any) -> str:
        errors = []

        def answer(session: Session) -> None:
            try:
                block.run(session=session, **names)
            except (JambonzError, TypeError, ValueError, RuntimeError) as error:
                errors.append(f"{type(error).__name__}: {error}")

        calling(answer)
        (error,) = errors
        return error

    return run
