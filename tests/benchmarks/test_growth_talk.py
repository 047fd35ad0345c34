"""A call in this process, with no socket under it."""

from __future__ import annotations

import pytest

from benchmarks.growth_talk import Talk


def test_turns(caplog: pytest.LogCaptureFixture) -> None:
    """Each is answered once with as many verbs as wanted, whatever is waited for, and nothing is complained of."""
    talk = Talk()
    talk.session.gather(action_hook="/other").send()
    call = talk.session._conversation.call
    for names, verbs in ((["/heard", "/other"], 3), (["/other"], 1)):
        talk.turn(names, verbs=verbs)
        *says, gather = call._sent.queue
        assert [verb.options["text"] for verb in says] == ["You said the kettle is on."] * (verbs - 1)
        assert gather.action_hook == names[-1]
        assert len(call.mailbox) == 0
    assert not caplog.records


def test_events() -> None:
    """What nobody has asked for waits until it is taken."""
    talk = Talk()
    for number in range(3):
        talk.receive("verb:status", {"event": "starting", "id": f"v{number}"})
    assert [talk.session.wait_for("verb:status")["id"] for _ in range(3)] == ["v0", "v1", "v2"]
