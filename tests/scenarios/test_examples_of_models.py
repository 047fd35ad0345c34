"""The example programs in which a language model talks, told with the test kit that users have."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.simulator import Answers, CallsTool, ModelEnds, ModelSays, NoAnswer


def test_order_desk__calls_the_function(jambonz, example):
    """What the model wants to know is looked up by a plain function, whose answer it gets."""
    model = [ModelSays("What can I do for you?"), CallsTool("lookup_order", {"orderId": "42"}), ModelEnds()]
    call = jambonz.call(example, "/app", model=model)
    assert call.heard("What can I do for you?")
    call.is_silent()
    (output,) = [record.message for record in call.wire if record.message.get("command") == "llm:tool-output"]
    assert json.loads(output["data"]["item"]["output"]) == {"state": "shipped"}


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


@pytest.mark.parametrize("vendor", ["openai", "google", "deepgram", "ultravox", "elevenlabs"])
def test_speech_to_speech__whose_model_it_is(jambonz, example, vendor):
    """The operator's variable chooses the vendor, which is told what it needs."""
    model = [ModelSays("Good morning, this is the bakery."), ModelSays("Until tomorrow."), ModelEnds()]
    call = jambonz.call(example, "/app", env={"VENDOR": vendor, "KEY": "not a real key"}, model=model)
    assert call.heard("this is the bakery")
    call.says("a loaf for tomorrow please")
    assert call.heard("Until tomorrow.")
    call.says("thank you")
    call.is_silent()
    assert call.ended
    (verb,) = [verb for verb in call.verbs if verb["verb"] == "llm"]
    assert verb["vendor"] == vendor
    assert [*verb["auth"].values()] == ["not a real key"]
    # An agent of that vendor has been told before.
    assert ("the phone of a bakery" in str(verb["llmOptions"])) is (vendor != "elevenlabs")


def test_speech_to_speech__by_default(jambonz, example):
    """Without an operator's choice it is the first of them."""
    call = jambonz.call(example, "/app", model=[ModelSays("Good morning.")])
    assert call.heard("Good morning.")
    assert [verb["vendor"] for verb in call.verbs if verb["verb"] == "llm"] == ["openai"]
    call.hangs_up()


def test_speech_to_speech__the_model_is_gone(jambonz, example):
    """A caller whose model fails is told so."""
    jambonz.tolerates("the model of google is gone: server failure")
    model = [ModelSays("Good morning."), ModelEnds("server failure")]
    call = jambonz.call(example, "/app", env={"VENDOR": "google"}, model=model)
    call.says("hello")
    assert call.heard("Sorry, something went wrong.")


def test_speech_to_speech__what_the_operator_may_set(example):
    """The portal offers the vendors as a list, and masks the key."""
    variables = example.find_service("/app").schema
    assert variables["VENDOR"]["enum"] == ["openai", "google", "deepgram", "ultravox", "elevenlabs"]
    assert variables["KEY"]["obscure"] is True


def test_voice_agent__books(jambonz, example):
    """Seats are booked by a plain function, as long as there are any."""
    call = jambonz.call(example, "/app", model=[ModelSays("For which day, and for how many?")])
    assert call.heard("For which day")
    call.says("three of us on friday")
    assert call.tool_call("book", {"day": "Friday", "people": 3}) == {"booked": True}
    assert call.tool_call("book", {"day": "Friday", "people": 2}) == {"booked": False, "free": 1}
    assert call.tool_call("book", {"day": "sunday", "people": 2}) == {"booked": False, "free": 0}
    call.hangs_up()


def test_voice_agent__hands_over(jambonz, example):
    """A caller who wants a person is put through to one, and the model is gone."""
    model = [ModelSays("For which day?"), CallsTool("call_a_person"), ModelSays("Never said.")]
    call = jambonz.call(example, "/app", model=model, dials=[Answers(seconds=60)])
    assert call.heard("For which day?")
    call.says("let me talk to somebody")
    assert call.heard("I am putting you through.")
    call.is_silent()
    assert call.ended
    assert jambonz.now > 60
    assert "Never said." not in str(call.transcript)


def test_voice_agent__nobody_to_hand_over_to(jambonz, example):
    """A caller whom nobody can take is told so."""
    call = jambonz.call(example, "/app", model=[CallsTool("call_a_person")], dials=[NoAnswer()])
    call.says("let me talk to somebody")
    assert call.heard("Nobody is free.")


def test_voice_agent__ends(jambonz, example):
    """When the model ends the conversation the call is over."""
    call = jambonz.call(example, "/app", model=[ModelSays("Goodbye."), ModelEnds()])
    assert call.heard("Goodbye.")
    call.says("bye")
    call.is_silent()
    assert call.ended
