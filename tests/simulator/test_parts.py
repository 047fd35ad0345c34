"""The small parts: clock, speech, verbs on the wire, scripts, transcripts."""

from __future__ import annotations

import math
import time

import pytest

import jambonz_sync.simulator
from jambonz_sync.simulator import Entry, HangsUp, Presses, RealClock, Says, Silence, SimulatedCall, Transcript
from jambonz_sync.simulator.caller import REACTION, Party
from jambonz_sync.simulator.facts import inbound_leg, outbound_leg, session_new
from jambonz_sync.simulator.speech import speaking_time, spoken
from jambonz_sync.simulator.verb import BadVerbs, Verb, hook_name, nested, number, parse_verbs

from .server import JumpClock


def test_public_names():
    """What is exported is there."""
    assert all(hasattr(jambonz_sync.simulator, name) for name in jambonz_sync.simulator.__all__)


# Clock


def test_clock_runs_at_its_speed():
    """A fast clock is ahead of real time by its speed."""
    clock = RealClock(speed=1000)
    clock.start()
    began = time.monotonic()
    time.sleep(0.01)
    real = time.monotonic() - began
    assert 10 <= real * 1000 <= clock.now() + 1


def test_clock_runs_in_real_time_while_the_application_thinks():
    """While the application is asked time has another pace, and it never jumps."""
    clock = RealClock(speed=1_000_000, thinking_speed=1)
    clock.start()
    clock.application_moves(True)
    before = clock.now()
    clock.application_moves(True)
    assert before <= clock.now() < before + 60
    clock.application_moves(False)
    time.sleep(0.001)
    assert clock.now() >= before + 1000


def test_clock_waits_no_longer_than_asked():
    """A wait is as long as it takes in real seconds, never negative, and bounded."""
    waits = []
    clock = RealClock(speed=10)
    clock.start()
    for until in (20.0, -5.0, math.inf):
        clock.wait(lambda seconds: waits.append(seconds) or True, until)
    assert 0 < waits[0] <= 2
    assert waits[1:] == [0, 60]


@pytest.mark.parametrize("speeds", [{"speed": 0}, {"speed": -1}, {"speed": math.inf}, {"thinking_speed": math.nan}])
def test_clock_speeds(speeds):
    """Time goes forward, at a finite speed."""
    with pytest.raises(ValueError, match="must be a number above 0"):
        RealClock(**speeds)


# Speech


@pytest.mark.parametrize(("text", "words"), [("hello", 1), ("a b c", 3), ("", 1), ("<speak><p>a b</p></speak>", 2)])
def test_speaking_time(text, words):
    """Every word takes the same time; nothing takes none."""
    assert speaking_time(text) == pytest.approx(0.4 * words)


@pytest.mark.parametrize(("text", "texts"), [("a", ["a"]), (["a", "b"], ["a", "b"]), (None, []), ([1], [])])
def test_spoken(text, texts):
    """A say has a text or several."""
    assert spoken(text) == texts


# Verbs on the wire


def test_parse_verbs():
    """Both notations give the same."""
    expected = [Verb("say", {"text": "a", "id": "s"}), Verb("hangup", {})]
    assert parse_verbs([{"verb": "say", "text": "a", "id": "s"}, {"verb": "hangup"}]) == expected
    assert parse_verbs([{"say": {"text": "a", "id": "s"}}, {"hangup": {}}]) == expected
    assert [verb.id for verb in expected] == ["s", None]


@pytest.mark.parametrize("data", [None, {}, "say", [None], [["say"]], [{}], [{"say": "text"}], [{"verb": None}]])
def test_parse_what_are_no_verbs(data):
    """Anything else is refused."""
    with pytest.raises(BadVerbs):
        parse_verbs(data)


def test_options():
    """Options of the wrong type count as left out."""
    assert [number({"a": value}, "a", 7) for value in (1, 2.5, "3", True, None)] == [1, 2.5, 7, 7, 7]
    assert [hook_name(hook) for hook in ("/a", {"url": "/b"}, {}, None, 3, "")] == ["/a", "/b", None, None, None, None]
    assert nested(Verb("gather", {"play": {"url": "a"}})) == Verb("play", {"url": "a"})
    assert nested(Verb("gather", {"say": "text"})) is None


# Scripts


def test_steps_in_order():
    """A party takes its steps in order, each after a moment."""
    party = Party("caller", [Says("a"), HangsUp()])
    assert party.upcoming(10) == (10 + REACTION, Says("a"))
    party.take()
    assert party.upcoming(20) == (20 + REACTION, HangsUp())
    party.take()
    assert party.upcoming(30) == (math.inf, None)


def test_silence_in_a_script():
    """A silence begins when its turn comes; several add up."""
    party = Party("caller", [Silence(5), Silence(2), Says("a")])
    assert party.upcoming(10) == (17, Says("a"))
    assert party.upcoming(12) == (17, Says("a"))
    assert party.upcoming(20) == (20.5, Says("a"))


def test_hang_up_at_a_time():
    """A time to hang up holds from the start, and takes no turn; the earliest counts."""
    party = Party("caller", [HangsUp(at=9), Says("a"), HangsUp(at=4)])
    assert party.leaves_at == 4
    assert party.upcoming(0)[1] == Says("a")


@pytest.mark.parametrize("keys", ["", "12x", "1 2"])
def test_keys_that_do_not_exist(keys):
    """A telephone has certain keys."""
    with pytest.raises(ValueError, match="a telephone has the keys"):
        Presses(keys)


def test_steps_that_are_none():
    """What is no step is refused when the call is made."""
    with pytest.raises(TypeError, match="a step is Says, Presses, Silence, HangsUp, DropsConnection or SendsRequest"):
        SimulatedCall("ws://127.0.0.1:3000", ["hello"])


# Facts


def test_variants():
    """The two variants name the server's addresses differently."""
    leg = inbound_leg("100", "200")
    normal, raw = leg.normal(), leg.raw()
    assert normal["fs_sip_address"] == raw["local_sip_address"]
    assert normal["fs_public_ip"] == raw["public_ip"]
    assert "env_vars" not in session_new(leg)


def test_legs():
    """A dialled leg has ids of its own, and names its parent."""
    leg = inbound_leg("100", "200")
    child = outbound_leg(leg, "300")
    assert child.normal()["parent_call_sid"] == leg.call_sid != child.call_sid
    assert (child.trace_id, child.account_sid) == (leg.trace_id, leg.account_sid)
    assert leg.new_b3() != leg.new_b3()
    assert leg.new_b3().startswith(leg.trace_id)


# Transcripts


def test_transcript():
    """A transcript is readable, and can be asked."""
    seen = []
    transcript = Transcript(JumpClock(), seen.append)
    transcript.add("app", "Hello.")
    transcript.add("caller", "hi")
    transcript.add_message("in", {"type": "session:new"})
    transcript.add_message("out", {"type": "ack"})
    assert str(transcript) == "   0.0  app     Hello.\n   0.0  caller  hi"
    assert transcript.heard == ["Hello."]
    assert transcript.messages("in") == [{"type": "session:new"}]
    assert transcript.messages("out", "command") == []
    assert seen == [Entry(0, "app", "Hello."), Entry(0, "caller", "hi"), *transcript.wire]
