"""The lessons of the tutorial, each done as its page says."""

from __future__ import annotations

import re
import wave

import pytest

from tests.cli.process import command
from tests.docs.tutorial.lesson import TUTORIAL, Lesson
from tests.docs.tutorial.reader import PYTEST, Reader

LESSONS = [Lesson(number) for number in range(1, 7)]


@pytest.fixture
def reader(tmp_path):
    """Somebody who works in an empty folder."""
    made = Reader(tmp_path)
    yield made
    made.stop()


def test_the_lessons(reader):
    """Done one after the other, in one folder, all of them show what their pages show."""
    reader.follow(*LESSONS)
    assert reader.commands.count("pytest") == 3
    assert reader.commands.count("jambonz-sync call app.py") == 6
    # What was recorded when nobody spoke: lesson 5 ends by that silence.
    (message,) = (reader.folder / "messages").glob("*.wav")
    with wave.open(str(message)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(5, abs=0.5)
    # Those that the tests below are about.
    assert [block.language for block in reader.left_out] == ["python", "text"]


def changed(reader, name, old, new):
    """Let a reader change a file that was saved."""
    file = reader.folder / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_mistake(reader):
    """The wrong option of lesson 1 is an error that names the line, and the option that was meant."""
    (shown,) = [block for block in LESSONS[0].blocks if block.language == "python" and block.file is None]
    wrong, _, error = shown.text.strip().partition("  # ")
    reader.save(LESSONS[0])
    changed(reader, "app.py", 'session.say("Hello. You have reached the workshop.")', wrong)
    seen = reader.run(*command("call", "app.py", "--speed", "10"))
    assert wrong in seen
    assert error in seen


def test_the_failure(reader):
    """The wrong name of lesson 4 shows the conversation below the failure."""
    (shown,) = [block for block in LESSONS[3].blocks if block.language == "text" and not block.is_output]
    reader.save(*LESSONS[:4])
    changed(reader, "test_app.py", "Ben, please", "Bob, please")
    assert shown.text in reader.run(*PYTEST, status=1)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)
def test_its_size(lesson):
    """A lesson reads in a sitting, and ends where the next begins."""
    assert len(lesson.text.splitlines()) < 130
    following = LESSONS.index(lesson) + 1
    if following < len(LESSONS):
        assert lesson.text.splitlines()[-1].startswith("Next: ")
        assert f"]({LESSONS[following].path.name})" in lesson.text.splitlines()[-1]


def test_every_page_is_a_lesson():
    """Each page of the folder is done here."""
    assert {path.name for path in TUTORIAL.glob("[0-9]*.md")} == {lesson.path.name for lesson in LESSONS}


@pytest.mark.parametrize("number", [5, 6])
def test_no_message_is_left(number, reader):
    """The tests of a lesson pass with its application, and leave nothing in the folder."""
    reader.save(*LESSONS[:number])
    before = set(reader.folder.iterdir())
    assert re.search(r"\d+ passed", reader.run(*PYTEST))
    assert {path.name for path in set(reader.folder.iterdir()) - before} <= {"__pycache__"}


def test_a_hang_up_before_the_beep(reader):
    """Who hangs up before the beep of lesson 5 has left nothing, and no error."""
    reader.save(*LESSONS[:5])
    changed(reader, "test_message.py", 'assert call.heard("(a beep)")', 'assert call.heard("Leave a message")')
    changed(reader, "test_message.py", "is_silent(3)", "is_silent(1)")
    changed(reader, "test_message.py", 'call.hangs_up() if hangs_up else call.presses("#")', "call.hangs_up()")
    changed(reader, "test_message.py", "== 1", "== 0")
    assert "2 passed" in reader.run(*PYTEST, "test_message.py")
