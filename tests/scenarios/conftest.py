"""The example that a test is about."""

from __future__ import annotations

import pytest

from tests.scenarios.examples import load_example


@pytest.fixture
def example(request):
    """The endpoint of the example that the test is named for: ``test_echo__says_it_back``."""
    name = request.node.originalname.removeprefix("test_").partition("__")[0]
    return load_example(name).endpoint
