"""The script of a language model."""

from __future__ import annotations

import pytest

from jambonz_sync.simulator import CallsTool, ModelEnds, ModelSays, Says
from jambonz_sync.simulator.model_script import ModelScript


def test_steps_in_order():
    """Steps are taken in order, until there are none."""
    script = ModelScript([ModelSays("a"), ModelEnds()])
    assert script.begins_with_speech
    assert [script.take() for _ in range(3)] == [ModelSays("a"), ModelEnds(), None]
    assert not script.begins_with_speech


def test_break_off():
    """What is left of one conversation is left out, not the next one."""
    script = ModelScript([CallsTool("find"), ModelSays("a"), ModelEnds(), ModelSays("b")])
    assert not script.begins_with_speech
    script.take()
    script.break_off()
    assert script.take() == ModelSays("b")
    script.break_off()
    assert script.take() is None


def test_steps_that_are_none():
    """What is no step is refused."""
    with pytest.raises(TypeError, match=r"a step of a model is ModelSays, CallsTool, .* not Says"):
        ModelScript([Says("a")])
