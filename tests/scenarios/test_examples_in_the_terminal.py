"""The example programs, called from a terminal: the command of each docstring, as it is printed there."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess

import pytest

from tests.cli.process import ROOT, command, environ
from tests.scenarios.examples import ALL, EXAMPLES

#: What a prepared caller says and does, and what can be read then.
CALLS = {
    "call_recording": (["#1", "#4"], "app     Thank you. Goodbye."),
    "call_screening": (["Ada"], "callee  hears: Ada is calling. Press 1 to take the call."),
    "calling_card": (["/busy", "#15550143007#"], "app     The line is busy."),
    "conference": (["#1234", "good morning"], "call    joins the conference weekly"),
    "dial_with_fallback": (
        ["/noanswer", "/busy", "#5550143007"],
        "app     We call you on 5 5 5 0 1 4 3 0 0 7. Goodbye.",
    ),
    "echo": (["hello"], "app     I heard hello"),
    "flask_app": (["Ada", "#1"], "app     Thank you for waiting."),
    "hello_world": ([], "app     Welcome from the test bench."),
    "ivr_menu": (["/busy", "#2"], "app     Nobody is free. Goodbye."),
    "live_transcription": (["#1"], "app     Thank you. Goodbye."),
    "llm_agent": (["why"], "app     You asked me: why. Let me think."),
    "music_with_marks": ([], "app     You have heard 11 of 11 notes."),
    "order_desk": (
        ["/model Hello.", "order 42", '/tool lookup_order {"orderId": "42"}'],
        'the model is told {"state": "shipped"}',
    ),
    "parcel_desk": (["#1234"], "app     Your parcel is on its way. Goodbye."),
    "pin_entry": (["/silence", "#4711"], "app     Thank you. You entered 4711."),
    "queue_with_hold_music": (["/hangup"], "app     https://example.com/hold-music.mp3"),
    "quiz": (["Ada", "56", "9", "#1969#"], "app     2 of 3 points. Goodbye, Ada."),
    "realtime_translation": (["#2"], "call    dub: addTrack translation"),
    "speech_to_speech": (["/model Good morning.", "good morning"], "app     Good morning."),
    "supervised_call": (["hello"], "call    joins the conference support"),
    "two_stage_transfer": (["/noanswer", "sales please"], "app     I am trying the mobile phone."),
    "voice_agent": (["/model For which day?", "a person please", "/tool call_a_person"], "connected to +15550143222"),
    "voice_echo": (["#1"], "app     Goodbye."),
    "voicemail": (["##"], "app     That was too short. Goodbye."),
    "watch_verbs": (["#5"], "verb:status finished gather"),
}


def command_of(name):
    """Return the command line in the docstring of an example."""
    told = ast.get_docstring(ast.parse((EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))) or ""
    (found,) = re.findall("``(jambonz-sync call .*?)``", " ".join(told.split()))
    return found


@pytest.mark.parametrize("name", ALL)
def test_the_command_works_as_printed(name):
    """The call goes as the example says, and ends in order; and nothing was said or pressed in vain."""
    lines, shown = CALLS[name]
    program, *arguments = shlex.split(command_of(name))
    assert program == "jambonz-sync"
    process = subprocess.run(
        command(*arguments, "--speed", "20"),
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        env=environ(),
        cwd=ROOT,
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert shown in process.stdout
    assert "  fault   " not in process.stdout
    assert "The call was over before" not in process.stdout
