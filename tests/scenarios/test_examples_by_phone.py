"""The example programs, as their callers know them: told with the test kit that users have."""

from __future__ import annotations

import importlib.util
import json
import pathlib

import pytest

from jambonz_sync.simulator import Answers, Busy, CallsTool, ModelEnds, ModelSays, NoAnswer, Presses
from tests.scenarios import test_examples_of_audio

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


def test_quiz__all_right(jambonz, example):
    """Who knows everything, by voice or keys, has all the points."""
    call = jambonz.call(example, "/app")
    call.says("Ada")
    assert call.heard("seven times eight")
    call.says("56")
    assert call.heard("That is right.")
    call.presses("8#")
    assert call.heard("walk on the moon")
    call.says("1969")
    assert call.heard("3 of 3 points. Goodbye, Ada.")
    call.is_silent()
    assert call.ended


def test_quiz__wrong_and_silent(jambonz, example):
    """What is no number is asked for again; a wrong one and silence bring no points."""
    call = jambonz.call(example, "/app")
    call.is_silent(15)
    assert call.heard("seven times eight")
    call.says("a lot")
    assert call.heard("Just the number, please.")
    call.says("57")
    assert call.heard("No, it is 56.")
    call.is_silent(25)
    assert call.heard("No, it is 8.")
    call.says("1969")
    assert call.heard("1 of 3 points. Goodbye, stranger.")


def test_call_screening__taken(jambonz, example):
    """Who is called hears the name, and is connected after pressing 1."""
    call = jambonz.call(example, "/app")
    call.answers(seconds=60, confirms=[Presses("1")])
    call.says("Ada")
    assert call.heard("One moment.")
    assert not call.heard("Nobody can take your call")
    assert call.ended
    assert jambonz.now > 60
    told = str(call.transcript)
    assert "callee  hears: Ada is calling. Press 1 to take the call." in told
    assert "callee  hears: Connecting you." in told


@pytest.mark.parametrize("confirms", [[Presses("2")], []], ids=["another key", "no key"])
def test_call_screening__not_taken(jambonz, example, confirms):
    """Who presses anything else, or nothing, is not connected, and the caller is told."""
    call = jambonz.call(example, "/app")
    call.answers(confirms=confirms)
    call.is_silent(60)
    assert call.heard("Nobody can take your call now.")
    assert call.ended
    assert "callee  hears: Somebody without a name is calling." in str(call.transcript)


def test_call_screening__nobody_there(jambonz, example):
    """Somebody who does not answer is asked nothing."""
    call = jambonz.call(example, "/app", dials=[NoAnswer()])
    call.says("Ada")
    assert call.heard("Nobody can take your call now.")
    assert "Ada is calling." not in str(call.transcript)


def test_two_stage_transfer__the_desk_answers(jambonz, example):
    """When the two have talked the call is over."""
    call = jambonz.call(example, "/app", dials=[Answers(seconds=120)])
    assert call.heard("For sales press 1")
    call.presses("1")
    assert call.heard("I am trying the desk.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 120
    (dial,) = [verb for verb in call.verbs if verb["verb"] == "dial"]
    assert dial["target"] == [{"type": "phone", "number": "+15550143210"}]


def test_two_stage_transfer__nobody_anywhere(jambonz, example):
    """First the desk is tried, then the mobile phone; a wrong choice is told, and at last support is tried."""
    call = jambonz.call(example, "/app", dials=[Busy(), NoAnswer()])
    call.says("the boss please")
    assert call.heard("There is no such team.")
    call.says("well, support")
    assert call.heard("I am trying the desk.")
    assert call.heard("I am trying the mobile phone.")
    assert call.heard("Nobody is there.")


def test_queue_with_hold_music__taken_by_an_agent(jambonz, example):
    """A caller hears music until an agent takes the call; the agent waits for the next one after that."""
    call = jambonz.call(example, "/app")
    assert call.heard("Please hold.")
    assert call.heard("hold-music.mp3")
    call.is_silent(5)
    agent = jambonz.call(example, "/agent", from_="200")
    assert agent.heard("Stay on the line")
    agent.is_silent(60)
    call.hangs_up()
    assert agent.heard("Nobody is waiting yet.")
    agent.hangs_up()
    assert "connected to" in str(call.transcript)


def test_every_example_is_told():
    """Each example has at least one call here, or where callers make a sound."""
    told = {name.removeprefix("test_").partition("__")[0] for name in globals() if "__" in name.strip("_")}
    told |= {name.removeprefix("test_").partition("__")[0] for name in vars(test_examples_of_audio)}
    assert {path.stem for path in EXAMPLES.glob("*.py")} <= told


def test_llm_agent__answers(jambonz, example):
    """What the model writes is heard sentence by sentence, and so are its last words."""
    call = jambonz.call(example, "/app")
    assert call.heard("Ask me anything.")
    for question in ("when do you open", "why is that"):
        call.says(question)
        assert call.heard(f"You asked me: {question}.")
        assert call.heard("There is a lot to say about that")
    call.hangs_up()


def test_llm_agent__is_interrupted(jambonz, example):
    """A caller who breaks in is answered, and hears no more of the answer before."""
    call = jambonz.call(example, "/app")
    call.says("when do you open")
    assert call.heard("You asked me: when do you open.")
    call.interrupts("stop please")
    assert call.heard("You asked me: stop please.")
    assert call.heard("There is a lot to say about that")
    answers = [entry.what for entry in call.transcript.entries if entry.who == "app"]
    assert answers.count("There is a lot to say about that") == 1
    call.hangs_up()


def test_parcel_desk__found(jambonz, example):
    """There is music until the parcel is found."""
    call = jambonz.call(example, "/app")
    assert call.heard("Please key in the number of your parcel.")
    call.presses("1234")
    assert call.heard("One moment, please.")
    assert call.heard("hold-music.mp3")
    assert call.heard("Your parcel is on its way.")


def test_parcel_desk__not_found(jambonz, example):
    """A number that means nothing is said to be so."""
    call = jambonz.call(example, "/app")
    call.presses("9999")
    assert call.heard("I do not know that parcel.")


def test_parcel_desk__silent(jambonz, example):
    """Who keys in nothing is asked twice, and then told goodbye."""
    call = jambonz.call(example, "/app")
    for _ in range(2):
        assert call.heard("Please key in the number of your parcel.")
        call.is_silent()
    assert call.heard("I got no number.")


def test_flask_app__waits(jambonz, example):
    """A caller gives a name, and is thanked for waiting again and again."""
    call = jambonz.call(example, "/app")
    assert call.heard("What is your name?")
    call.says("Ada")
    assert call.heard("Hello Ada. Somebody is with you soon.")
    for _ in range(3):
        assert call.heard("Thank you for waiting.")
        call.is_silent(20)
    call.hangs_up()
