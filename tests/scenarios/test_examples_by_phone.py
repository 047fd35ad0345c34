"""The example programs, as their callers know them: told with the test kit that users have."""

from __future__ import annotations

import importlib.util
import json
import pathlib

import pytest

from jambonz_sync.simulator import Answers, Busy, CallsTool, ModelEnds, ModelSays, NoAnswer

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def example(request):
    """The endpoint of the example that the test is named for."""
    name = request.node.originalname.removeprefix("test_").partition("__")[0]
    spec = importlib.util.spec_from_file_location(f"phoned_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.endpoint


def test_hello_world__greets(jambonz, example):
    """A caller is greeted, and the call is over."""
    call = jambonz.call(example, "/app")
    assert call.heard("Hello from the test bench.")
    call.is_silent()
    assert call.ended


def test_hello_world__in_the_operators_words(jambonz, example):
    """The operator's variable replaces the greeting."""
    call = jambonz.call(example, "/app", env={"GREETING": "Dag"})
    assert call.heard("Dag from the test bench.")


def test_echo__says_it_back(jambonz, example):
    """What is said is said back, and after a silence the application says goodbye."""
    call = jambonz.call(example, "/app")
    for words in ("good morning", "the kettle is on"):
        call.says(words)
        assert call.heard(words)
        assert call.heard("Again please.")
    call.is_silent()
    assert call.heard("Goodbye.")
    call.is_silent()
    assert call.ended


def test_ivr_menu__hours(jambonz, example):
    """One is for the opening hours."""
    call = jambonz.call(example, "/app")
    assert call.heard("One for hours")
    call.presses("1")
    assert call.heard("We open at nine.")


def test_ivr_menu__a_person_who_is_there(jambonz, example):
    """Two is for a person; when they have talked the call is over."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=120)])
    call.presses("2")
    assert call.heard("One moment.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 120


@pytest.mark.parametrize("outcome", [Busy(), NoAnswer()])
def test_ivr_menu__nobody_is_there(jambonz, example, outcome):
    """A person who is busy, or does not answer, is not waited for any longer."""
    call = jambonz.call(example, "/app", dials=[outcome])
    call.presses("2")
    assert call.heard("Nobody is free.")


def test_ivr_menu__three_mistakes(jambonz, example):
    """After three wrong choices the caller is asked to call again, and not for a fourth one."""
    call = jambonz.call(example, "/app")
    for _ in range(3):
        call.presses("9")
        assert call.heard("No such choice.")
    assert call.heard("Please call again.")
    assert not call.heard("One for hours")
    assert call.ended


def test_pin_entry__by_voice(jambonz, example):
    """The code may be spoken."""
    call = jambonz.call(example, "/app")
    assert call.heard("Your code, please.")
    call.says("four seven one one")
    assert call.heard("You entered four seven one one.")


def test_pin_entry__at_the_second_try(jambonz, example):
    """Who is silent is asked once more, for keys."""
    call = jambonz.call(example, "/app")
    assert call.heard("Your code, please.")
    call.is_silent()
    assert call.heard("Use the keypad.")
    call.presses("4711")
    assert call.heard("You entered 4711.")


def test_pin_entry__never(jambonz, example):
    """Who stays silent hears the goodbye that stood behind the second question."""
    call = jambonz.call(example, "/app")
    call.is_silent()
    assert call.heard("Use the keypad.")
    call.is_silent()
    assert call.heard("Goodbye.")
    assert not call.heard("Nothing came through.")


def test_watch_verbs__reports(jambonz, example):
    """Each verb's start and end is reported to the handler for statuses."""
    call = jambonz.call(example, "/app")
    call.presses("5")
    call.is_silent()
    reports = [record.message["data"] for record in call.wire if record.message["type"] == "verb:status"]
    assert ("starting", "gather") in [(report["event"], report.get("name")) for report in reports]


def test_order_desk__calls_the_function(jambonz, example):
    """What the model wants to know is looked up by a plain function, whose answer it gets."""
    model = [ModelSays("What can I do for you?"), CallsTool("lookup_order", {"orderId": "42"}), ModelEnds()]
    call = jambonz.call(example, "/app", model=model)
    assert call.heard("What can I do for you?")
    call.is_silent()
    (output,) = [record.message for record in call.wire if record.message.get("command") == "llm:tool-output"]
    assert json.loads(output["data"]["item"]["output"]) == {"state": "shipped"}
