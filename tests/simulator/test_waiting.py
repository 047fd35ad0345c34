"""What callers who wait hear, and for how long they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import JoinsConference, Transcript

from .server import HANGUP, App, call, say


def waiting(*answers: Any, hook: Any = "/wait", at: float = 12, **options: Any) -> tuple[list[str], Transcript]:
    """Call an application that has the caller wait for a conference; return what it is asked, and the transcript."""
    asked: list[str] = []
    left = list(answers)

    def application(app: App) -> None:
        verb = {"verb": "conference", "name": "standup", "startConferenceOnEnter": False, "actionHook": "/over"}
        app.begin(verb if hook is None else {**verb, "waitHook": hook}, HANGUP)
        while True:
            message = app.receive()
            asked.append(message["hook"])
            if message["hook"] == "/over":
                break
            app.ack(message, left.pop(0) if left else [])
        app.ack(message)
        app.until_closed()

    others = [JoinsConference("standup", at=at, seconds=1, ends=True)]
    return asked, call(application, others=others, **options)


def test_asked_again():
    """When the prompts have been heard the hook is asked again, until an answer has none."""
    asked, transcript = waiting([say("One.")], [say("Two."), say("Three.")], [])
    assert asked == ["/wait", "/wait", "/wait", "/over"]
    assert transcript.heard == ["One.", "Two.", "Three."]


def test_silence_before_each_asking():
    """Some silence goes before each asking, so that it never goes round without time passing."""
    _, transcript = waiting([{"verb": "pause", "length": 0}], [{"verb": "pause", "length": 0}])
    times = [record.time for record in transcript.wire if record.message.get("hook") == "/wait"]
    assert times == pytest.approx([0.75, 1.5, 2.25])


def test_no_hook():
    """Without a hook the caller waits in silence."""
    assert waiting(hook=None)[0] == ["/over"]


def test_hook_as_an_object():
    """A hook may be an object, as elsewhere."""
    assert waiting([], hook={"url": "/music"})[0] == ["/music", "/over"]


def test_hook_by_http():
    """A hook that would be called by HTTP is not asked."""
    asked, transcript = waiting(hook="https://example.com/wait")
    assert asked == ["/over"]
    assert "would be called by HTTP" in transcript.of("note")[0]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (None, "the verbs are no array"),
        ([{"verb": "say", "txt": "x"}], "no property 'txt'"),
        ([say(), {"verb": "tag", "data": {}}], "tag may not be in the answer"),
        ([HANGUP, {"verb": "leave"}], "hangup and leave may not be in the answer"),
    ],
)
def test_answer_that_will_not_do(answer, fault):
    """What is wrong with an answer is noted; none of it is heard, and the hook is not asked again."""
    asked, transcript = waiting(answer)
    assert asked == ["/wait", "/over"]
    assert transcript.heard == []
    assert fault in transcript.of("fault")[0]


def test_prompts_are_broken_off():
    """When the wait is over no more is heard of the prompts, nor of those behind."""
    asked, transcript = waiting([say("One two three four five six."), say("Never.")], at=1)
    assert asked == ["/wait", "/over"]
    assert transcript.heard == ["One two three four five six."]


def test_prompts_are_not_reported():
    """What a waiting caller hears is not reported, even with notifyEvents."""

    def application(app: App) -> None:
        verb = {"verb": "enqueue", "name": "support", "waitHook": "/wait"}
        app.begin({"verb": "config", "notifyEvents": True}, verb, HANGUP)
        app.ack(app.receive(), [say("One."), {"verb": "play", "url": "a.mp3"}, {"verb": "leave"}])
        app.until_closed()

    transcript = call(application)
    assert transcript.heard == ["One.", "a.mp3"]
    reported = [message["data"].get("name") for message in transcript.messages("in", "verb:status")]
    assert reported == ["config", "enqueue", "enqueue", "hangup"]
