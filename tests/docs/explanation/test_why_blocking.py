"""What docs/explanation/why-blocking.md shows."""

from __future__ import annotations

import asyncio
import threading
import types

import pytest

from jambonz_sync import create_endpoint
from tests.docs.page import Page

LOOP, ASYNCIO = Page("explanation/why-blocking").blocks("python")


@pytest.fixture
def endpoint():
    """One that asks for the code of an account."""
    accounts = types.SimpleNamespace(find={"4711": "Grace"}.get)
    names = {"accounts": accounts, "serve": lambda session, account: session.say(f"Hello {account}.").run()}
    made = create_endpoint()
    made.make_service("/app").on("session:new", LOOP.run(names)["answer"])
    return made


def test_a_loop(jambonz, endpoint):
    """Who gives a wrong code is asked again."""
    call = jambonz.call(endpoint, "/app")
    call.presses("1111")
    assert call.heard("Your code, please.")
    call.presses("4711")
    assert call.heard("Hello Grace.")


def test_the_end_of_the_loop(jambonz, endpoint):
    """After three wrong codes it is over."""
    call = jambonz.call(endpoint, "/app")
    for _ in range(3):
        call.presses("1111")
    assert call.heard("Please call again.")


def test_a_coroutine(jambonz):
    """A coroutine runs on the loop of another thread, and the function waits for it."""

    async def find(name):
        await asyncio.sleep(0)
        return f"Ms. {name}"

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        endpoint = create_endpoint()
        names = ASYNCIO.run({"asyncio": asyncio, "find": find, "loop": loop})
        endpoint.make_service("/app").on("session:new", names["answer"])
        call = jambonz.call(endpoint, "/app")
        call.says("Hopper")
        assert call.heard("Hello Ms. Hopper.")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
