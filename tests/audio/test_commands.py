"""What is said to jambonz in words."""

from __future__ import annotations

import json

import pytest

from jambonz_sync.audio import commands
from jambonz_sync.exceptions import InvalidCommand


def test_messages():
    """Each is as jambonz reads it; a clip always says of what type it is."""
    assert json.loads(commands.KILL_AUDIO) == {"type": "killAudio"}
    assert json.loads(commands.CLEAR_MARKS) == {"type": "clearMarks"}
    assert json.loads(commands.DISCONNECT) == {"type": "disconnect"}
    assert json.loads(commands.mark("end")) == {"type": "mark", "data": {"name": "end"}}
    content = {"audioContentType": "raw", "sampleRate": 8000, "audioContent": "AAA="}
    data = {**content, "id": "clip-1", "queuePlay": True}
    assert json.loads(commands.play_audio(content, "clip-1", queue=True)) == {"type": "playAudio", "data": data}


@pytest.mark.parametrize("name", ["", '"', "\\", "\n", "\0", None, 7])
def test_bad_marks(name):
    """Names that jambonz would make bad JSON of are refused."""
    with pytest.raises(InvalidCommand, match="a mark has a name"):
        commands.mark(name)
