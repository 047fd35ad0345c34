"""Helpers that read like talk: ask something, and offer a menu; and what the guide shows of all that."""

from __future__ import annotations

import logging
import pathlib
import re

import pytest

from jambonz_sync import Answer, InvalidCommand, InvalidVerb, NoInput
from jambonz_sync.simulator import Answers, Busy, NoAnswer
from tests.phone import Phone
from tests.scenarios.jambonz_side import names, texts


@pytest.fixture
def phone(jambonz):
    return Phone(jambonz)


def gathers(call):
    """The gathers the application has sent, as on the wire."""
    return [verb for verb in call.verbs if verb["verb"] == "gather"]


class TestAsk:
    def test_speech(self, phone):
        """What is said is the answer."""
        call = phone.call(lambda session: session.ask("What is your name?"))
        assert call.heard("What is your name?")
        call.says("Ada Lovelace", confidence=0.8)
        call.finish()
        answer = phone.hears()
        assert answer
        assert (answer.text, answer.value, str(answer)) == ("Ada Lovelace",) * 3
        assert (answer.transcript, answer.digits, answer.confidence) == ("Ada Lovelace", "", 0.8)
        assert answer.reason == "speechDetected"
        assert answer.event["reason"] == "speechDetected"

    def test_keys(self, phone):
        """Keys are an answer too; the finishing key is none of it."""
        call = phone.call(lambda session: session.ask("Your number?"))
        call.presses("4711#")
        call.finish()
        answer = phone.hears()
        assert (answer.text, answer.digits, answer.transcript, answer.confidence) == ("4711", "4711", "", None)
        assert answer.reason == "dtmfDetected"

    def test_keys_without_the_finishing_one(self, phone, jambonz):
        """Three seconds after the last key no further one is waited for."""
        call = phone.call(lambda session: session.ask("Your number?", timeout=30))
        call.presses("12")
        call.is_silent()
        assert phone.hears().digits == "12"
        assert jambonz.now < 20

    def test_what_goes_out(self, phone):
        """Speech may interrupt the prompt, and keys end by themselves; the options of gather pass through."""
        call = phone.call(lambda session: session.ask("Name?", recognizer={"vendor": "google"}, minBargeinWordCount=2))
        call.hangs_up()
        (gather,) = gathers(call)
        assert gather.pop("id")
        assert gather == {
            "verb": "gather",
            "input": ["speech", "digits"],
            "say": {"text": "Name?"},
            "timeout": 10,
            "bargein": True,
            "minDigits": 1,
            "interDigitTimeout": 3,
            "finishOnKey": "#",
            "recognizer": {"vendor": "google"},
            "minBargeinWordCount": 2,
            "actionHook": "/run",
        }

    @pytest.mark.parametrize("spelling", ["num_digits", "numDigits"])
    def test_a_number_of_keys(self, phone, spelling):
        """With a number of keys given nothing else ends them, and too few are no answer."""
        call = phone.call(lambda session: session.ask("Code?", input=["digits"], timeout=4, **{spelling: 4}))
        call.presses("12")
        call.is_silent()
        (gather,) = gathers(call)
        assert not {"minDigits", "finishOnKey", "interDigitTimeout", "bargein"} & gather.keys()
        answer = phone.hears()
        assert (bool(answer), answer.reason, answer.text) == (False, "timeout", "")

    @pytest.mark.parametrize("option", [{"min_digits": 2}, {"minDigits": 2}])
    def test_options_win(self, phone, option):
        """What the application chooses itself is not chosen for it, in either spelling."""
        call = phone.call(lambda session: session.ask("Code?", bargein=False, finish_on_key="*", **option))
        call.hangs_up()
        (gather,) = gathers(call)
        assert (gather["minDigits"], gather["bargein"], gather["finishOnKey"]) == (2, False, "*")

    @pytest.mark.parametrize(
        ("prompt", "sent"),
        [
            ("https://example.com/ask.mp3", {"play": {"url": "https://example.com/ask.mp3"}}),
            ({"url": "ask.wav"}, {"play": {"url": "ask.wav"}}),
            ({"text": "Name?", "loop": 2}, {"say": {"text": "Name?", "loop": 2}}),
        ],
    )
    def test_prompts(self, phone, prompt, sent):
        """A URL is played; a dict has the options of what says or plays it."""
        call = phone.call(lambda session: session.ask(prompt))
        call.hangs_up()
        (gather,) = gathers(call)
        assert {key: gather[key] for key in ("say", "play") if key in gather} == sent

    @pytest.mark.parametrize("given", ["speech", ["speech"], ("speech",)])
    def test_one_way_to_answer(self, phone, given):
        """Where only one way to answer is wanted, its name will do; nothing is set for keys then."""
        call = phone.call(lambda session: session.ask("Name?", input=given))
        call.hangs_up()
        (gather,) = gathers(call)
        assert gather["input"] == ["speech"]
        assert not {"minDigits", "finishOnKey", "interDigitTimeout"} & gather.keys()

    def test_queued_verbs_go_along(self, phone):
        """Verbs queued before are heard first."""
        call = phone.call(lambda session: session.say("Welcome.").ask("Name?"))
        assert call.heard("Welcome.")
        assert call.heard("Name?")
        call.says("Ada")
        call.finish()
        assert phone.hears().text == "Ada"

    def test_interrupted_prompt(self, phone, jambonz):
        """The caller need not listen to the end."""
        story = "Once upon a time " * 40
        call = phone.call(lambda session: session.ask(story))
        call.interrupts("yes")
        call.finish()
        assert phone.hears().text == "yes"
        assert jambonz.now < 10

    def test_silence(self, phone, jambonz):
        """Nobody says anything: that is no answer, and by default the question is asked once."""
        call = phone.call(lambda session: session.ask("Name?", timeout=7))
        call.is_silent()
        assert call.ended
        answer = phone.hears()
        assert not answer
        assert (answer.text, answer.value, answer.reason) == ("", None, "timeout")
        assert len(gathers(call)) == 1

    def test_attempts(self, phone):
        """It is asked as often as it is allowed, in the words for the second time and the later ones."""
        call = phone.call(lambda session: session.ask("Name?", attempts=4, reprompt=["Pardon?", "Once more."]))
        for words in ("Name?", "Pardon?", "Once more.", "Once more."):
            assert call.heard(words)
            call.is_silent(12)
        call.finish()
        assert phone.hears().reason == "timeout"
        assert [gather["say"]["text"] for gather in gathers(call)] == ["Name?", "Pardon?", "Once more.", "Once more."]

    @pytest.mark.parametrize(("reprompt", "second"), [(None, "Name?"), ("Pardon?", "Pardon?")])
    def test_reprompt(self, phone, reprompt, second):
        """By default the prompt is repeated; an answer ends the asking."""
        call = phone.call(lambda session: session.ask("Name?", attempts=5, reprompt=reprompt))
        assert call.heard("Name?")
        call.is_silent(12)
        assert call.heard(second)
        call.says("Ada")
        call.finish()
        assert phone.hears().text == "Ada"
        assert len(gathers(call)) == 2

    def test_validate(self, phone):
        """What the function returns is the value; a ValueError means that this was no answer."""
        call = phone.call(lambda session: session.ask("Age?", validate=int, attempts=2, reprompt="A number, please."))
        call.says("quite old")
        assert call.heard("A number, please.")
        call.presses("0#")
        call.finish()
        answer = phone.hears()
        assert answer
        assert (answer.text, answer.value) == ("0", 0)

    def test_refused(self, phone):
        """What was refused is no answer, but can be read."""
        call = phone.call(lambda session: session.ask("City?", validate={"rome": "Rome"}.get))
        call.says("atlantis")
        call.finish()
        answer = phone.hears()
        assert (bool(answer), answer.text, answer.value, answer.reason) == (False, "atlantis", None, "invalid")

    @pytest.mark.parametrize(("least", "reason"), [(0.0, "speechDetected"), (0.6, "stt-low-confidence")])
    def test_confidence(self, phone, least, reason):
        """What was not understood surely enough is no answer."""
        call = phone.call(lambda session: session.ask("Name?", min_confidence=least))
        call.says("Ada", confidence=0.5)
        call.finish()
        answer = phone.hears()
        assert (answer.reason, answer.text, bool(answer)) == (reason, "Ada", reason == "speechDetected")

    def test_only_the_finishing_key(self, phone):
        """Nothing but the finishing key is nothing."""
        call = phone.call(lambda session: session.ask("Number?"))
        call.presses("#")
        call.finish()
        assert phone.hears().reason == "empty"

    def test_fault_of_the_application(self, phone):
        """An error in what the application wrote is no wrong answer of the caller's."""

        def check(text):
            raise InvalidVerb("say has no text")

        call = phone.call(lambda session: session.ask("Name?", validate=check, attempts=3))
        call.says("Ada")
        call.finish()
        assert isinstance(phone.hears(), InvalidVerb)
        assert len(gathers(call)) == 1

    @pytest.mark.parametrize(
        ("options", "error", "match"),
        [
            ({"attempts": 0}, ValueError, "at least one attempt"),
            ({"say": "Name?"}, TypeError, "takes no say="),
            ({"numDigit": 4}, InvalidVerb, "num_digits"),
            ({"action_hook": "https://example.com/x"}, InvalidCommand, "https://example.com/x"),
        ],
    )
    def test_refused_at_once(self, phone, options, error, match):
        """What cannot work raises, and nothing is sent."""

        def handler(session):
            with pytest.raises(error, match=match):
                session.ask("Name?", **options)
            session.say("Hello.").send()

        call = phone.call(handler)
        assert call.heard("Hello.")
        assert gathers(call) == []

    def test_no_prompt(self, phone):
        """What is no text is no prompt."""
        call = phone.call(lambda session: session.ask(["Name?"]))
        call.finish()
        assert "a prompt is a text" in str(phone.hears())

    def test_in_a_handler(self, phone):
        """A handler may ask as well."""

        def handler(session):
            session.on("/first", lambda evt: session.say(f"So {session.ask('And your age?')}.").reply())
            session.gather(input=["speech"], action_hook="/first", say="Name?").send()
            session.sleep(8)

        call = phone.call(handler)
        call.says("Ada")
        assert call.heard("And your age?")
        call.says("thirty six")
        assert call.heard("So thirty six.")
        call.hangs_up()


class TestAskOverASocket:
    """What the kit cannot bring about: told by a jambonz that a test plays."""

    def asked(self, app, **options):
        """A call whose handler asks, twice if it may, and tells the answer."""

        @app.answer
        def answer(session):
            app.told.put(session.ask("Name?", attempts=2, **options))
            session.wait_for("call:status")

        jambonz = app.call()
        *_, gather, _ = jambonz.expect_ack()
        return jambonz, gather

    def test_killed(self, app):
        """A killed gather sends no hook: the question was interrupted, and is not asked again."""
        jambonz, gather = self.asked(app)
        with jambonz:
            jambonz.verb_status("starting", gather["id"])
            jambonz.verb_status("finished", gather["id"])
            answer = app.hears()
            assert (bool(answer), answer.reason, answer.event) == (False, "interrupted", None)

    def test_interrupted_by_another_thread(self, app):
        """So is one that another thread's verbs take the place of."""
        jambonz, _ = self.asked(app)
        with jambonz:
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("We close now.").send()
            assert texts(jambonz.expect_redirect()) == ["We close now."]
            assert app.hears() == Answer(reason="interrupted")
            jambonz.nothing_for(0.05)

    def test_error(self, app):
        """A recogniser that fails is no answer: it is asked again."""
        jambonz, gather = self.asked(app)
        with jambonz:
            jambonz.hook(gather["actionHook"], reason="error", details="no such vendor")
            gather, _ = jambonz.expect_ack()
            jambonz.hook(gather["actionHook"], reason="error", details="no such vendor")
            answer = app.hears()
            assert (bool(answer), answer.reason, answer.event.details) == (False, "error", "no such vendor")

    def test_failed(self, app):
        """A gather that is skipped has failed, as often as it is tried."""
        jambonz, _ = self.asked(app)
        with jambonz:
            jambonz.verb_status("starting", jambonz.received[-1]["data"][-1]["id"])
            _, sentinel = jambonz.expect_redirect()
            jambonz.verb_status("starting", sentinel["id"])
            assert app.hears() == Answer(reason="failed")

    def test_nothing_understood(self, app):
        """Speech without words is nothing."""
        jambonz, gather = self.asked(app, timeout=3)
        with jambonz:
            jambonz.speech(gather["actionHook"], " ")
            gather, _ = jambonz.expect_ack()
            jambonz.speech(gather["actionHook"], " ")
            assert app.hears().reason == "empty"


def team(session, **options):
    """A menu of keys."""
    return session.menu("For sales press 1, for support press 2.", {"1": "sales", "2": "support"}, **options)


class TestMenu:
    def test_key(self, phone):
        """The value of the key is returned; there is no speech to listen for."""
        call = phone.call(team)
        assert call.heard("For sales press 1")
        call.presses("2")
        call.finish()
        assert phone.hears() == "support"
        (gather,) = gathers(call)
        assert (gather["input"], gather["numDigits"], gather["timeout"]) == (["digits"], 1, 5)
        assert "bargein" not in gather

    def test_wrong_key(self, phone):
        """After a wrong key the caller is told so, and hears the prompt again."""
        call = phone.call(lambda session: team(session, invalid="No such choice.", no_input="Are you there?"))
        call.presses("7")
        assert call.heard("No such choice.")
        assert call.heard("For sales press 1")
        call.presses("1")
        call.finish()
        assert phone.hears() == "sales"

    def test_silence(self, phone):
        """So after a silence, in other words."""
        call = phone.call(lambda session: team(session, invalid="No such choice.", no_input="Are you there?"))
        call.is_silent(12)
        assert call.heard("Are you there?")
        call.presses("1")
        call.finish()
        assert phone.hears() == "sales"

    def test_what_is_told_can_be_interrupted(self, phone, jambonz):
        """The caller need not hear again what was wrong."""
        call = phone.call(lambda session: team(session, invalid="That was wrong. " * 40))
        call.presses("7")
        call.interrupts(keys="1")
        call.finish()
        assert phone.hears() == "sales"
        assert jambonz.now < 20

    def test_a_file_before_a_text(self, phone):
        """What cannot be one prompt is heard one after the other."""
        call = phone.call(lambda session: team(session, invalid="https://example.com/wrong.mp3"))
        call.presses("7")
        assert call.heard("wrong.mp3")
        assert call.heard("For sales press 1")
        call.presses("1")
        call.finish()
        assert phone.hears() == "sales"

    def test_nothing_chosen(self, phone):
        """After the last attempt it says what was asked and what came."""
        call = phone.call(team)
        call.presses("7")
        call.is_silent(12)
        call.presses("8")
        call.finish()
        error = phone.hears()
        assert isinstance(error, NoInput)
        assert str(error) == (
            "nothing was chosen when asked 'For sales press 1, for support press 2.'; "
            "there came '7', then silence, then '8'. menu(default=...) goes on then"
        )
        assert error.prompt == "For sales press 1, for support press 2."
        assert [answer.text for answer in error.answers] == ["7", "", "8"]

    @pytest.mark.parametrize("default", [None, "support", lambda session: "by " + session.path])
    def test_default(self, phone, default):
        """With a default there is always a result; ``None`` is one too."""
        call = phone.call(lambda session: team(session, default=default, attempts=1))
        call.is_silent()
        assert call.ended
        assert phone.hears() == ("by /app" if callable(default) else default)

    def test_functions(self, phone):
        """A function is called with the session, and what it returns is returned."""

        def hours(session):
            session.say("We open at nine.").run()
            return "told"

        call = phone.call(lambda session: session.menu("1 for hours.", {"1": hours}))
        call.presses("1")
        assert call.heard("We open at nine.")
        call.finish()
        assert phone.hears() == "told"

    def test_words(self, phone):
        """With words among the choices speech is listened for; keys still count."""
        choices = {"1": "s", "sales": "s", "sales abroad": "a"}
        call = phone.call(lambda session: [session.menu("Whom?", choices) for _ in range(4)])
        call.says("Sales, please")
        call.says("I want SALES ABROAD please")
        call.presses("1")
        call.says("number 1")
        call.finish()
        assert phone.hears() == ["s", "a", "s", "s"]
        assert gathers(call)[0]["input"] == ["speech", "digits"]
        assert gathers(call)[0]["bargein"] is True

    def test_not_understood(self, phone):
        """What was not understood surely enough is a wrong choice."""
        choices = {"sales": 1}
        call = phone.call(
            lambda session: session.menu("Whom?", choices, min_confidence=0.6, invalid="Pardon?", attempts=2)
        )
        call.says("sales", confidence=0.3)
        assert call.heard("Pardon?")
        call.says("sales")
        call.finish()
        assert phone.hears() == 1

    def test_options(self, phone):
        """The options of gather pass through, and win."""
        call = phone.call(lambda session: team(session, numDigits=2, dtmf_bargein=False, default=0, attempts=1))
        call.presses("12")
        call.finish()
        assert phone.hears() == 0
        (gather,) = gathers(call)
        assert (gather["numDigits"], gather["dtmfBargein"]) == (2, False)

    @pytest.mark.parametrize("options", [{}, {"default": "support"}])
    def test_interrupted(self, app, options):
        """A menu that other verbs have replaced is not repeated."""

        @app.answer
        def answer(session):
            try:
                app.told.put(team(session, **options))
            except NoInput as error:
                app.told.put(str(error))
            session.wait_for("call:status")

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.live()
            jambonz.all_read()
            app.endpoint.sessions[jambonz.call_sid].say("We close now.").send()
            jambonz.expect_redirect()
            told = app.hears()
            assert told == "support" if options else "there came an interruption" in told
            jambonz.nothing_for(0.05)

    def test_no_attempts(self, phone):
        """A menu is offered at least once."""
        phone.call(lambda session: team(session, attempts=0)).finish()
        assert "at least one attempt" in str(phone.hears())


@pytest.mark.parametrize(
    "talk",
    [
        lambda session: session.ask("Name?"),
        lambda session: session.menu("1 or 2?", {"1": 1, "2": 2}),
        lambda session: session.put_through("+15550100"),
    ],
    ids=["ask", "menu", "put_through"],
)
def test_on_another_thread(app, talk):
    """What waits works on the call's own thread only; elsewhere it raises, and leaves nothing queued there."""

    @app.answer
    def answer(session):
        session.say("Hello.").send()
        session.wait_for("call:status")

    with app.call() as jambonz:
        jambonz.expect_ack()
        jambonz.live()
        jambonz.all_read()
        session = app.endpoint.sessions[jambonz.call_sid]
        with pytest.raises(RuntimeError, match="works on the call's own thread only"):
            talk(session)
        session.say("Excuse me.").send()
        assert names(jambonz.expect_redirect()) == ["say"]


class TestTheGuide:
    """What the page on how it works shows of all this."""

    @pytest.fixture
    def handlers(self):
        """The functions in its blocks of code, in order."""
        page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "explanation" / "how-it-works.md"
        text = page.read_text(encoding="utf-8")
        section = text.partition("\n## Talk\n")[2].partition("\n## ")[0]
        found = []
        for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
            names = {"count_the_roses": lambda session: session.sleep(30) or 7}
            exec(compile(block, page.name, "exec"), names)
            found.append(names["answer"])
        return found

    def test_the_shop(self, phone, handlers):
        """The shop on the page asks, looks something up with music, and puts the caller through."""
        call = phone.call(handlers[0], dials=[NoAnswer()])
        assert call.heard("Welcome to the flower shop.")
        call.is_silent(15)
        assert call.heard("I did not get your name.")
        call.says("Ada")
        assert call.heard("Ada, for roses press 1")
        call.presses("1")
        assert call.heard("music.mp3")
        assert call.heard("We have 7 roses.")
        assert call.heard("The shop is closed.")

    def test_the_legs(self, phone, handlers, log):
        """The legs on the page are logged with whom was called."""
        call = phone.call(handlers[1], dials=[[Busy(), Answers(seconds=5)]])
        call.is_silent(30)
        assert call.ended
        lines = log.lines(logging.INFO)
        for end in ("+15550100: busy", "sip:desk@example.com: in-progress", "sip:desk@example.com: completed"):
            assert any(line.endswith(end) for line in lines), end
