"""What docs/guides/errors.md says of each error is what it says itself."""

from __future__ import annotations

import concurrent.futures
import re

import pytest

import jambonz_sync
from jambonz_sync import CallNotActive, EndpointError, JambonzError, create_endpoint
from tests.docs.page import Page

PAGE = Page("guides/errors")
FIRST, *TEN = PAGE.blocks("python")
IN_A_CALL = [block for block in TEN if "caller" not in block.text and "create_endpoint" not in block.text]


def is_said(error, block):
    """Whether an error says what the block announces."""
    (announced,) = block.errors
    pattern = ".*".join(map(re.escape, announced.split("…")))
    return re.fullmatch(pattern, f"{type(error).__name__}: {error}") is not None


def test_ten():
    """There are as many as the page promises."""
    assert len(TEN) == 10


def test_the_first(calling, capsys):
    """The sentence is printed."""
    calling(FIRST.run()["answer"])
    (said,) = re.findall(r"# (.*)", FIRST.text)
    assert capsys.readouterr().out.strip() == said


@pytest.mark.parametrize("block", IN_A_CALL, ids=lambda block: block.errors[0].partition(":")[0])
def test_in_a_call(jambonz, block):
    """The line raises what stands below it."""
    jambonz.tolerates("/menu|heard nothing|queued but not sent")
    endpoint = create_endpoint()
    errors = []

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        try:
            block.run(session=session, concurrent=concurrent)
        except (JambonzError, AttributeError, RuntimeError, ValueError) as error:
            errors.append(error)

    call = jambonz.call(endpoint, "/app")
    if "num_digits=" in block.text:
        call.presses("1")
    if not call.ended:
        call.is_silent(10)
    (error,) = errors
    assert is_said(error, block)


def test_a_call_that_is_over(jambonz):
    """Another thread is told so."""
    (block,) = [block for block in TEN if "caller" in block.text]
    endpoint = create_endpoint()

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        session.gather(input=["speech"], action_hook="/said").send()
        session.wait_for("/said")

    caller = jambonz.call(endpoint, "/app")
    (call_sid,) = endpoint.sessions
    with pytest.raises(CallNotActive) as raised:
        block.run(endpoint=endpoint, caller=caller, call_sid=call_sid)
    assert is_said(raised.value, block)


def test_a_port_that_is_taken():
    """The second endpoint is told so."""
    (block,) = [block for block in TEN if "create_endpoint" in block.text]
    with create_endpoint(host="127.0.0.1", port=0) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(EndpointError) as raised:
            block.run(create_endpoint=create_endpoint, port=port)
    assert is_said(raised.value, block)


def test_those_of_single_guides():
    """They exist."""
    names = re.findall(r"^\| `(\w+)` \|", PAGE.text, re.MULTILINE)
    assert len(names) == 5
    assert all(hasattr(jambonz_sync, name) for name in names)
