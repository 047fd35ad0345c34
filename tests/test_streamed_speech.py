"""The session: speech that is streamed, on a real socket and from any thread, and with the test kit."""

from __future__ import annotations

import itertools
import pathlib
import queue
import re
import threading
import time

import pytest

from jambonz_sync import CallEnded, CallNotActive, InvalidCommand, StreamedText, TtsStreamFailed, create_endpoint
from jambonz_sync.simulator import StreamFails
from jambonz_sync.testing import Jambonz
from tests.scenarios.application import TIMEOUT
from tests.scenarios.jambonz_side import NEUTRAL, names, texts, without_ids
from tests.scenarios.threads import on_another_thread

ON = {"ttsStream": {"enable": True}}
FULL = {"status": "failed", "reason": "full"}


class Words:
    """An iterator that can be closed."""

    def __init__(self, *words):
        self.words = iter(words)
        self.closed = threading.Event()

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.words)

    def close(self):
        self.closed.set()


def expect_piece(jambonz, text=None):
    """The next message must be a piece, and this may be its text. Return its id."""
    message = jambonz.receive()
    assert message["command"] == "tts:tokens", message
    if text is not None:
        assert message["data"]["tokens"] == text
    return message["data"]["id"]


def answer_piece(jambonz, text=None, **result):
    """The next message must be a piece; accept it, or say something else of it."""
    jambonz.send("tts:tokens-result", {"id": expect_piece(jambonz, text), **(result or {"status": "ok"})})


def expect_command(jambonz, name, data=None):
    """The next message must be this command."""
    assert jambonz.receive() == {"type": "command", "command": name, **({} if data is None else {"data": data})}


def expect_flush(jambonz):
    """The next must be a flush, and what makes it act at once."""
    expect_command(jambonz, "tts:flush")
    answer_piece(jambonz, " ")


def says(jambonz, event):
    """Something happens to the stream."""
    jambonz.send("tts:streaming-event", {"event_type": event})


def begin(jambonz):
    """The stream is asked for in the first verbs, and opened."""
    assert without_ids(jambonz.expect_ack()) == [{"verb": "config", **ON}]
    says(jambonz, "stream_open")


class TestStreamTts:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("One. Two.", ["One. Two."]),
            (["One. ", None, "", "Two."], ["One. ", "Two."]),
            (("One. ",), ["One. "]),
            ((word for word in ("One. ", "Two. ", "Three.")), ["One. ", "Two. Three."]),
        ],
    )
    def test_text(self, app, given, said):
        """Pieces leave as they come, the last word is flushed, and it tells what was accepted."""
        app.answer(lambda session: session.stream_tts(given))
        with app.call() as jambonz:
            begin(jambonz)
            first = expect_piece(jambonz, said[0])
            if len(said) > 1:
                jambonz.all_read()
            jambonz.send("tts:tokens-result", {"id": first, "status": "ok"})
            for text in said[1:]:
                answer_piece(jambonz, text)
            expect_flush(jambonz)
            jambonz.expect_goodbye()
        result = app.outcome()
        assert result == StreamedText("".join(said), interrupted=False)
        assert result

    @pytest.mark.parametrize("given", ["", [], [None, ""], iter(())])
    def test_nothing(self, app, given):
        """Where there is nothing to say, nothing is said; what was said before is flushed."""
        app.answer(lambda session: session.stream_tts(given))
        with app.call() as jambonz:
            begin(jambonz)
            expect_flush(jambonz)
            jambonz.expect_goodbye()
        assert app.outcome() == StreamedText("", interrupted=False)

    def test_no_flush(self, app):
        """The last word may be left to wait for more."""
        app.answer(lambda session: session.stream_tts("One", flush=False))
        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "One")
            jambonz.expect_goodbye()
        assert app.outcome().text == "One"

    def test_back_pressure(self, app):
        """The iterator is not asked for more than about 1,000 characters that nobody has accepted."""
        asked = []

        def words():
            for number in range(500):
                asked.append(number)
                yield "12345678. "

        app.answer(lambda session: session.stream_tts(words()))
        with app.call() as jambonz:
            begin(jambonz)
            first = expect_piece(jambonz)
            # Its thread may be slow to get so far.
            deadline = time.monotonic() + TIMEOUT
            while len(asked) < 101:
                assert time.monotonic() < deadline, len(asked)
                time.sleep(0.01)
            jambonz.all_read()
            assert len(asked) == 101
            jambonz.send("tts:tokens-result", {"id": first, "status": "ok"})
            total = len("12345678. ")
            while total < 5_000:
                message = jambonz.receive()
                total += len(message["data"]["tokens"])
                assert len(asked) * 10 <= total + 1_010
                jambonz.send("tts:tokens-result", {"id": message["data"]["id"], "status": "ok"})
            expect_flush(jambonz)
            jambonz.expect_goodbye()
        assert app.outcome().text == "12345678. " * 500

    def test_interruption(self, app):
        """The caller barges in: it returns, the iterator is closed, and nothing more is said."""
        words = Words(*["word "] * 3, *["x" * 900 + " "] * 5)

        @app.answer
        def answer(session):
            app.told.put(session.stream_tts(words))
            session.sleep(30)

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "word ")
            expect_piece(jambonz)
            says(jambonz, "user_interruption")
            expect_command(jambonz, "tts:clear")
            result = app.hears()
            assert (result.text, result.interrupted, bool(result)) == ("word ", True, False)
            assert words.closed.is_set()
            jambonz.all_read()

    def test_interruption_between_two_words(self, app):
        """Also while the model thinks."""
        thought = threading.Event()

        def words():
            yield "One. "
            thought.wait(10)
            yield "Two."

        @app.answer
        def answer(session):
            app.told.put(session.stream_tts(words()))
            session.sleep(30)

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "One. ")
            says(jambonz, "user_interruption")
            jambonz.all_read()
            thought.set()
            assert app.hears() == StreamedText("One. ", interrupted=True)
            jambonz.all_read()

    def test_hang_up(self, app):
        """The caller hangs up: the iterator is closed, and the handler unwound."""
        words = Words(*["x" * 500] * 10)
        app.answer(lambda session: session.stream_tts(words))
        with app.call() as jambonz:
            begin(jambonz)
            expect_piece(jambonz)
        assert isinstance(app.outcome(), CallEnded)
        assert words.closed.is_set()

    def test_an_iterator_that_fails(self, app):
        """What it raises is passed on; what it gave before is still said."""

        class Broken(Words):
            def __next__(self):
                return next(self.words)()

        words = Broken(lambda: "One. ", lambda: 1 / 0)

        @app.answer
        def answer(session):
            with pytest.raises(ZeroDivisionError):
                session.stream_tts(words)
            session.sleep(30)

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "One. ")
            assert words.closed.wait(10)

    def test_failed_vendor(self, app):
        """jambonz says why it cannot speak, and it is an ordinary error; the next text opens the stream anew."""
        words = Words("One. ", *["x" * 900] * 4)

        @app.answer
        def answer(session):
            with pytest.raises(TtsStreamFailed, match=r"connection to acme failed.*synthesizer") as failed:
                session.stream_tts(words)
            assert failed.value.reason == "connection to acme failed"
            return session.stream_tts("Again.", flush=False)

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "One. ", status="failed", reason="connection to acme failed")
            expect_command(jambonz, "config", ON)
            answer_piece(jambonz, "Again.")
            jambonz.expect_goodbye()
        assert app.outcome().text == "Again."
        assert words.closed.is_set()

    def test_handlers_run_meanwhile(self, app):
        """Between two pieces, and while it waits."""

        go_on = threading.Event()

        @app.answer
        def answer(session):
            session.on("call:status", lambda evt: app.told.put(evt.call_status))

            def words():
                yield "One. "
                assert go_on.wait(10)
                yield "Two. "

            result = session.stream_tts(words(), flush=False)
            app.told.put("said")
            return result

        with app.call() as jambonz:
            begin(jambonz)
            first = expect_piece(jambonz, "One. ")
            jambonz.status("in-progress")
            jambonz.all_read()
            go_on.set()
            # The handler runs before anything has been accepted.
            assert app.hears() == "in-progress"
            jambonz.status("completed")
            assert app.hears() == "completed"
            jambonz.send("tts:tokens-result", {"id": first, "status": "ok"})
            answer_piece(jambonz, "Two. ")
            assert app.hears() == "said"
            jambonz.expect_goodbye()

    def test_in_a_handler(self, app):
        """A handler streams like everybody else."""

        @app.answer
        def answer(session):
            session.on("/menu", lambda evt: app.told.put(session.stream_tts(f"Key {evt.digits}.")))
            session.config(tts_stream={"enable": True}).gather(action_hook="/menu").say("Behind.").send()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu", digits="1")
            assert jambonz.expect_ack() == NEUTRAL
            answer_piece(jambonz, "Key 1.")
            expect_command(jambonz, "tts:flush")
            assert app.hears().text == "Key 1."
            expect_piece(jambonz, " ")
            assert texts(jambonz.expect_redirect()) == ["Behind."]
        assert "no reply to /menu came" in app.log.expect("no reply to /menu came")

    def test_a_hook_that_was_taken(self, app):
        """It is answered before the text is streamed, without a warning; a reply still arrives."""

        @app.answer
        def answer(session):
            session.config(tts_stream={"enable": True}).gather(action_hook="/menu").say("Behind.").send()
            session.wait_for("/menu")
            session.stream_tts("One.", flush=False)
            session.say("Two.").reply()

        with app.call() as jambonz:
            jambonz.expect_ack()
            jambonz.hook("/menu")
            assert jambonz.expect_ack() == NEUTRAL
            answer_piece(jambonz, "One.")
            assert texts(jambonz.expect_redirect()) == ["Two."]
            jambonz.expect_goodbye()

    def test_forgotten_verbs(self, app):
        """Verbs that are queued and not sent are sent first, with a warning."""

        @app.answer
        def answer(session):
            session.say("Hello.").config(tts_stream={"enable": True})
            session.stream_tts("One.", flush=False)

        with app.call() as jambonz:
            assert names(jambonz.expect_ack()) == ["say", "config"]
            answer_piece(jambonz, "One.")
            jambonz.expect_goodbye()
        app.log.expect("say, config: queued but not sent before streaming speech")

    def test_own_thread_only(self, app):
        """It runs handlers, which is for the call's own thread."""

        @app.answer
        def answer(session):
            return on_another_thread(lambda: session.stream_tts("One."))

        with app.call() as jambonz:
            jambonz.expect_ack()
        error = app.outcome()
        assert isinstance(error, RuntimeError)
        assert "session.stream_tts() works on the call's own thread only" in str(error)

    @pytest.mark.parametrize(
        ("given", "complaint"),
        [
            (1, "stream_tts needs text or an iterator of it, not int"),
            (None, "stream_tts needs text or an iterator of it, not NoneType"),
            (b"One.", "stream_tts needs text or an iterator of it, not bytes"),
            ({"text": "One."}, "stream_tts needs text or an iterator of it, not dict"),
            ([b"One."], r"stream_tts needs pieces of text, not bytes: take the text out of each, as in .*"),
            ([1], r"stream_tts needs pieces of text, not int: .*"),
            ("async", r"stream_tts needs a plain iterator of text, .*, not an async one \(async_generator\)"),
        ],
    )
    def test_anything_else(self, app, given, complaint):
        """What is no text is refused, in a sentence that names it."""

        async def words():
            yield "One."

        @app.answer
        def answer(session):
            with pytest.raises(TypeError, match=f"^{complaint}$"):
                session.stream_tts(words() if given == "async" else given)
            session.hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
        app.outcome()

    def test_half_a_character(self, app):
        """What is no text in UTF-8 either is refused before anything is sent."""

        @app.answer
        def answer(session):
            with pytest.raises(InvalidCommand, match="this text cannot be sent"):
                session.stream_tts(["One. ", "\ud83d"])
            with pytest.raises(InvalidCommand, match="this text cannot be sent"):
                session.send_tts_tokens("\ud83d")
            return session.send_tts_tokens("Two. ")

        with app.call() as jambonz:
            begin(jambonz)
            expected = "One. Two. "
            while expected:
                message = jambonz.receive()
                jambonz.send("tts:tokens-result", {"id": message["data"]["id"], "status": "ok"})
                assert expected.startswith(message["data"]["tokens"])
                expected = expected.removeprefix(message["data"]["tokens"])
            jambonz.expect_goodbye()
        assert app.outcome() is True


class TestSendTtsTokens:
    def test_accepted(self, app):
        """It waits until all of it has been accepted."""

        @app.answer
        def answer(session):
            return session.send_tts_tokens("x" * 1_500), session.send_tts_tokens("")

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "x" * 1_000)
            answer_piece(jambonz, "x" * 500, **FULL)
            says(jambonz, "stream_resumed")
            answer_piece(jambonz, "x" * 500)
            jambonz.expect_goodbye()
        assert app.outcome() == (True, True)

    @pytest.mark.parametrize("event", ["user_interruption", "stream_closed"])
    def test_interrupted(self, app, event):
        """It says so when the caller barges in meanwhile, or the stream is closed."""

        @app.answer
        def answer(session):
            app.told.put(session.send_tts_tokens("One. "))
            session.sleep(30)

        with app.call() as jambonz:
            begin(jambonz)
            expect_piece(jambonz)
            says(jambonz, event)
            assert app.hears() is False

    def test_hang_up(self, app):
        """The end of the call unwinds the call's own thread."""
        app.answer(lambda session: session.send_tts_tokens("One. "))
        with app.call() as jambonz:
            begin(jambonz)
            expect_piece(jambonz)
        assert isinstance(app.outcome(), CallEnded)

    def test_failed(self, app):
        """A vendor that cannot be reached is an error."""

        @app.answer
        def answer(session):
            with pytest.raises(TtsStreamFailed):
                session.send_tts_tokens("One. ")

        with app.call() as jambonz:
            begin(jambonz)
            answer_piece(jambonz, "One. ", status="failed", reason="connection to acme failed")
            jambonz.expect_goodbye()
        app.outcome()

    @pytest.mark.parametrize("given", [1, None, ["One."], b"One."])
    def test_anything_else(self, app, given):
        """What is no text is refused."""

        @app.answer
        def answer(session):
            with pytest.raises(TypeError, match=f"send_tts_tokens needs text, not {type(given).__name__}"):
                session.send_tts_tokens(given)
            session.hangup().send()

        with app.call() as jambonz:
            jambonz.expect_ack()
        app.outcome()


class TestOtherThreads:
    def begun(self, app, jambonz):
        """The session of a call that waits, with a stream that is open."""
        begin(jambonz)
        jambonz.live()
        return app.endpoint.sessions[jambonz.call_sid]

    def waiting(self, app):
        @app.answer
        def answer(session):
            session.config(tts_stream={"enable": True}).send()
            session.sleep(60)

    def results(self, work):
        """Do this on a thread of its own; what it returns or raises comes in this queue."""
        results = queue.SimpleQueue()

        def do():
            try:
                results.put(work())
            except Exception as error:  # noqa: BLE001 - it is what the test looks at
                results.put(error)

        threading.Thread(target=do).start()
        return results

    def test_accepted(self, app):
        """Another thread waits too."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            results = self.results(lambda: session.send_tts_tokens("One. "))
            piece = expect_piece(jambonz, "One. ")
            assert results.empty()
            jambonz.send("tts:tokens-result", {"id": piece, "status": "ok"})
            assert results.get(timeout=10) is True

    @pytest.mark.parametrize("event", ["user_interruption", "stream_closed", "clear"])
    def test_dropped(self, app, event):
        """It is told when its text was dropped, be it by a third thread."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            results = self.results(lambda: session.send_tts_tokens("One. "))
            expect_piece(jambonz, "One. ")
            if event == "clear":
                session.clear_tts_tokens()
                expect_command(jambonz, "tts:clear")
            else:
                says(jambonz, event)
            assert results.get(timeout=10) is False

    def test_failed(self, app):
        """Or why it cannot be spoken."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            results = self.results(lambda: session.send_tts_tokens("One. "))
            answer_piece(jambonz, "One. ", status="failed", reason="connection to acme failed")
            assert isinstance(results.get(timeout=10), TtsStreamFailed)

    def test_hang_up(self, app):
        """Or that the call is over; then nothing can be streamed any more."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            results = self.results(lambda: session.send_tts_tokens("One. "))
            expect_piece(jambonz, "One. ")
        error = results.get(timeout=10)
        assert isinstance(error, CallNotActive)
        assert (error.call_sid, error.code) == (jambonz.call_sid, 1000)
        for work in (
            session.flush_tts_tokens,
            session.clear_tts_tokens,
            lambda: session.send_tts_tokens("Two. "),
        ):
            assert isinstance(on_another_thread(work), CallNotActive)

    def test_flush_does_not_wait(self, app):
        """A flush takes its place behind the text of others."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            results = self.results(lambda: session.send_tts_tokens("One"))
            piece = expect_piece(jambonz, "One")
            session.flush_tts_tokens()
            jambonz.all_read()
            jambonz.send("tts:tokens-result", {"id": piece, "status": "ok"})
            expect_flush(jambonz)
            assert results.get(timeout=10) is True

    def test_clear_ends_the_stream_of_the_calls_own_thread(self, app):
        """What that is streaming is interrupted."""

        @app.answer
        def answer(session):
            app.told.put(session.stream_tts(["One. ", "x" * 1_200, "Two."]))
            session.sleep(60)

        with app.call() as jambonz:
            session = self.begun(app, jambonz)
            answer_piece(jambonz, "One. ")
            piece = expect_piece(jambonz)
            session.clear_tts_tokens()
            expect_command(jambonz, "tts:clear")
            jambonz.send("tts:tokens-result", {"id": piece, "status": "ok"})
            assert app.hears() == StreamedText("One. ", interrupted=True)

    def test_texts_do_not_mix(self, app):
        """Of two threads that stream, each text arrives whole."""
        self.waiting(app)
        with app.call() as jambonz:
            session = self.begun(app, jambonz)

            def speaker(letter):
                return [session.send_tts_tokens(f"<{letter * 700}>") for _ in range(10)]

            results = [self.results(lambda letter=letter: speaker(letter)) for letter in "ab"]
            said = ""
            while len(said) < 20 * 702:
                message = jambonz.receive()
                said += message["data"]["tokens"]
                jambonz.send("tts:tokens-result", {"id": message["data"]["id"], "status": "ok"})
            assert [result.get(timeout=10) for result in results] == [[True] * 10] * 2
            runs = ["".join(run) for _, run in itertools.groupby(said.replace("<", "").replace(">", " ").split())]
            assert sorted("".join(runs).count(letter) for letter in "ab") == [7_000, 7_000]
            assert sorted(said.removesuffix(">").removeprefix("<").split("><")) == ["a" * 700] * 10 + ["b" * 700] * 10


class TestByPhone:
    """With the test kit, as users have it."""

    @pytest.fixture
    def endpoint(self):
        return create_endpoint()

    def agent(self, endpoint, answer):
        service = endpoint.make_service("/app")

        @service.on("session:new")
        def agent(session):
            barge_in = {"enable": True, "sticky": True, "input": ["speech"], "action_hook": "/heard"}
            session.config(tts_stream={"enable": True}, barge_in=barge_in).say("Ask me.").send()
            while True:
                answer(session, session.wait_for("/heard"))

    def test_heard(self, jambonz, endpoint):
        """What is streamed is heard as it comes, to the last word."""
        self.agent(endpoint, lambda session, evt: session.stream_tts(f"{word} " for word in ("One.", "Two.", "three")))
        call = jambonz.call(endpoint, "/app")
        assert call.heard("Ask me.")
        call.says("go on")
        assert call.heard("One.")
        assert call.heard("Two.")
        assert call.heard("three")
        call.hangs_up()

    def test_barge_in(self, endpoint):
        """The caller breaks in: the iterator is closed, and the next answer is all that is heard. Then it hangs up."""
        ended = []

        def words(session, question):
            try:
                while True:
                    session.sleep(0.02)
                    yield f"{question} answer. "
            finally:
                ended.append(question)

        results = []
        self.agent(endpoint, lambda session, evt: results.append(session.stream_tts(words(session, evt.transcript))))
        with Jambonz() as jambonz:
            call = jambonz.call(endpoint, "/app")
            call.says("first")
            assert call.heard("first answer.")
            call.interrupts("second")
            assert call.heard("second answer.")
            assert ended == ["first"]
        assert results[0].interrupted
        assert results[0].text.startswith("first answer. first answer. ")
        # What was said until the recognizer had understood the caller is over.
        said = [entry.what for entry in call.transcript.entries if entry.who == "app"]
        assert not any("first" in text for text in said[said.index("second answer.") :])
        assert ended == ["first", "second"]

    def test_vendor_that_cannot_be_reached(self, jambonz, endpoint):
        """The application can say it otherwise."""

        def answer(session, evt):
            try:
                session.stream_tts("One.")
            except TtsStreamFailed:
                session.say("Out of order.").send()

        self.agent(endpoint, answer)
        call = jambonz.call(endpoint, "/app", streams=[StreamFails()])
        call.says("go on")
        assert call.heard("Out of order.")
        call.hangs_up()

    def test_opened_by_itself(self, jambonz, endpoint):
        """Nothing need be said of streams at all."""
        service = endpoint.make_service("/app")

        @service.on("session:new")
        def answer(session):
            session.stream_tts(["Hel", "lo"])
            session.sleep(5)

        call = jambonz.call(endpoint, "/app")
        assert call.heard("Hello")


def test_the_guide(jambonz):
    """The agent on the page on how it works answers, and can be interrupted."""
    page = pathlib.Path(__file__).resolve().parent.parent / "docs" / "explanation" / "how-it-works.md"
    section = page.read_text(encoding="utf-8").partition("\n## Streaming speech\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    names = {"model": lambda question: (f"{question} is {what}. " for what in ("one", "two", "three"))}
    exec(compile(block, page.name, "exec"), names)
    endpoint = create_endpoint()
    endpoint.make_service("/app").on("session:new", names["agent"])
    call = jambonz.call(endpoint, "/app")
    assert call.heard("Ask me anything.")
    call.says("this")
    assert call.heard("this is one.")
    call.interrupts("that")
    assert call.heard("that is one.")
    assert call.heard("that is three.")
    call.hangs_up()
