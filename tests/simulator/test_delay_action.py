"""actionHookDelayAction: fillers while the application thinks, and giving up."""

from __future__ import annotations

from typing import Any

import pytest

from jambonz_sync.simulator import HangsUp, Says, Transcript

from .server import HANGUP, App, call, gather, say
from .test_session import late_clock

NOTIFY = {"verb": "config", "notifyEvents": True}
FILLER = say("One moment please.", id="filler")
MUSIC = {"verb": "play", "url": "music.mp3", "id": "filler"}


def delay(**options: Any) -> dict[str, Any]:
    return {"verb": "config", "actionHookDelayAction": {"enabled": True, **options}}


def until(app: App, event: str, verb_id: str = "filler", times: int = 1) -> None:
    """Wait until something has happened to a verb so many times."""
    for _ in range(times):
        while True:
            data = app.receive("verb:status")["data"]
            if (data["event"], data.get("id")) == (event, verb_id):
                break


def times(transcript: Transcript, what: str) -> list[float]:
    return [entry.time for entry in transcript.entries if entry.what == what]


def asked_at(transcript: Transcript) -> float:
    return next(record.time for record in transcript.wire if record.message["type"] == "verb:hook")


def thinking(*verbs: dict[str, Any], event: str, answer: Any, repeated: int = 1, ack: bool = True) -> Transcript:
    """Call an application that answers a gather's hook after something has happened to the filler."""

    def application(app: App) -> None:
        app.begin(NOTIFY, *verbs, gather("speech"), say("Queued."))
        hook = app.receive("verb:hook")
        until(app, event, times=repeated)
        if ack:
            app.ack(hook, answer)
        app.until_closed()

    return call(application, "hello", clock=late_clock(), limit=60)


# Fillers


def test_filler():
    """A filler is heard when the application has not answered after noResponseTimeout seconds; once by default."""

    def application(app: App) -> None:
        app.begin(NOTIFY, delay(noResponseTimeout=0.3, actions=[FILLER]), gather("speech"), say("Queued."))
        hook = app.receive("verb:hook")
        until(app, "stop-playback")
        app.ack(hook, [HANGUP])
        app.until_closed()

    transcript = call(application, "hello")
    (filled,) = times(transcript, "One moment please.")
    assert filled - asked_at(transcript) == pytest.approx(0.3)


def test_quick_answer():
    """An application that answers with verbs in time is not filled in for."""

    def application(app: App) -> None:
        app.begin(delay(noResponseTimeout=1, actions=[FILLER]), gather("speech"))
        app.ack(app.receive(), [say("one two three four five six"), HANGUP])
        app.until_closed()

    assert call(application, "hello").heard == ["one two three four five six"]


def test_fillers_in_turn():
    """As many fillers as retries says, taken in turn."""
    config = delay(noResponseTimeout=0.1, retries=3, actions=[say("A.", id="filler"), say("B.", id="filler")])
    transcript = thinking(config, event="stop-playback", repeated=3, answer=[HANGUP])
    assert transcript.heard == ["A.", "B.", "A."]


def test_spoken_filler_ends():
    """A filler that is spoken is allowed to end before the verbs begin."""
    config = delay(noResponseTimeout=0.1, actions=[FILLER])
    transcript = thinking(config, event="start-playback", answer=[say("New."), HANGUP])
    assert transcript.heard == ["One moment please.", "New."]
    (new,), (filler,) = times(transcript, "New."), times(transcript, "One moment please.")
    assert new - filler >= 1.2


def test_played_filler_is_cut():
    """A filler that is played is cut."""
    config = delay(noResponseTimeout=0.1, actions=[MUSIC])
    transcript = thinking(config, event="start-playback", answer=[say("New."), HANGUP])
    assert transcript.heard == ["music.mp3", "New."]
    events = [message["data"]["event"] for message in transcript.messages("in", "verb:status")]
    assert "kill-playback" in events


def test_redirect_stops_it():
    """So does a redirect."""

    def application(app: App) -> None:
        app.begin(NOTIFY, {"verb": "answer"}, delay(noResponseTimeout=0.1, actions=[MUSIC], noResponseGiveUpTimeout=30))
        until(app, "start-playback")
        app.redirect({"verb": "pause", "length": 40}, HANGUP)
        app.until_closed()

    transcript = call(application, clock=late_clock(), patience=20, limit=100)
    assert "hung up by the application" in transcript.ending.reason


def test_silent_call():
    """The clock starts too when the verbs have run out, and the caller bears it with patience."""
    transcript = call(
        lambda app: (app.begin(say(), delay(noResponseTimeout=2, actions=[FILLER])), app.until_closed()),
        clock=late_clock(),
    )
    assert transcript.heard == ["One two three.", "One moment please."]
    assert transcript.of("caller") == ["hangs up"]


def test_filler_of_a_gather():
    """A gather may have a delay action of its own, or none by it."""

    def application(app: App) -> None:
        session = delay(noResponseTimeout=0.1, actions=[MUSIC])
        own = {"enabled": True, "noResponseTimeout": 0.1, "actions": [FILLER]}
        app.begin(NOTIFY, session, gather("speech", actionHookDelayAction=own))
        hook = app.receive("verb:hook")
        until(app, "start-playback")
        app.ack(hook, [HANGUP])
        app.until_closed()

    assert call(application, "hello", clock=late_clock()).heard == ["One moment please."]


# Giving up


def test_give_up():
    """Without giveUpActions the call is hung up after noResponseGiveUpTimeout seconds."""
    transcript = call(
        lambda app: (app.begin(delay(noResponseGiveUpTimeout=0.3), gather("speech")), app.until_closed()), "hello"
    )
    assert transcript.ending.reason == "hung up, since the application has taken too long"
    assert transcript.entries[-1].time - asked_at(transcript) == pytest.approx(0.3)


def test_answer_without_verbs_leaves_it_running():
    """An answer without verbs is none: the call is hung up although the application has answered in time."""

    def application(app: App) -> None:
        app.begin(delay(noResponseGiveUpTimeout=3), gather("speech"), {"verb": "pause", "length": 30})
        app.ack(app.receive(), [])
        app.until_closed()

    assert "taken too long" in call(application, "hello").ending.reason


def test_give_up_actions():
    """giveUpActions take the place of the queue."""

    def application(app: App) -> None:
        config = delay(noResponseGiveUpTimeout=3, giveUpActions=[say("Sorry."), HANGUP])
        app.begin(config, gather("speech"), {"verb": "pause", "length": 30}, say("Never."))
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, "hello")
    assert transcript.heard == ["Sorry."]


def test_give_up_actions_that_make_no_sense():
    """giveUpActions that are no verbs do nothing."""

    def application(app: App) -> None:
        app.begin(delay(noResponseGiveUpTimeout=3, giveUpActions=[{"verb": "fly"}]), gather("speech"), say("Queued."))
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, "hello", HangsUp(at=9), clock=late_clock(), patience=20)
    assert "giveUpActions do nothing" in str(transcript)


# Settings


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"noResponseTimeout": 1}, "needs actions"),
        ({"noResponseTimeout": 1, "actions": [{"verb": "pause", "length": 1}]}, "may be say and play"),
    ],
)
def test_bad_combination(options, why):
    """A bad combination does nothing, without a word to the application."""

    def application(app: App) -> None:
        app.begin(
            delay(noResponseGiveUpTimeout=0.5, **options), gather("speech"), {"verb": "pause", "length": 2}, HANGUP
        )
        app.ack(app.receive())
        app.until_closed()

    transcript = call(application, Says("hello"))
    assert why in transcript.of("fault")[0]
    assert "hung up by the application" in transcript.ending.reason


@pytest.mark.parametrize(("before", "gives_up"), [((), True), ((delay(noResponseGiveUpTimeout=1),), False)])
def test_switched_off(before, gives_up):
    """enabled: false switches an earlier setting off; as the first setting it counts all the same."""

    def application(app: App) -> None:
        off = delay(enabled=False, noResponseGiveUpTimeout=1)
        app.begin(*before, off, gather("speech"), {"verb": "pause", "length": 5}, HANGUP)
        app.ack(app.receive())
        app.until_closed()

    assert ("taken too long" in call(application, "hello").ending.reason) == gives_up


def test_stopped_by_the_answer_to_a_redirect():
    """The clock stops too when the verbs come with the answer to the hook that a redirect command has named."""

    def application(app: App) -> None:
        app.begin(delay(noResponseGiveUpTimeout=3))
        app.command("redirect", {"call_hook": "/next"})
        app.ack(app.receive("session:redirect"), [{"verb": "pause", "length": 9}, say("Still here."), HANGUP])
        app.until_closed()

    assert call(application, speed=20, patience=60).heard == ["Still here."]
