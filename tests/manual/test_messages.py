"""The page of each message that is no hook."""

from __future__ import annotations

from jambonz_sync.manual.carried import messages
from jambonz_sync.manual.messages import chapter


def test_every_message_has_a_page():
    """It says what has happened, and what the message carries; there is nothing to write."""
    pages = chapter().pages
    assert [page.topic.name for page in pages] == list(messages())
    for page in pages:
        assert page.carries == messages()[page.topic.name]
        assert (page.example, page.entries) == ("", ())
        assert page.summary.endswith(".")
        assert page.topic.doc.startswith(page.summary.rstrip("."))


def test_the_line_is_of_the_message_itself():
    """Not of what other messages have too."""
    line = next(page.line for page in chapter().pages if page.topic.name == "call:status")
    assert line == "The call, or a leg it has dialled, is in another state."
