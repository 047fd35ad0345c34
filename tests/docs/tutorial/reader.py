"""Somebody who works through the tutorial in a folder of their own."""

from __future__ import annotations

import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

from tests.cli.process import ROOT, command, environ
from tests.docs.tutorial.lesson import Block, Lesson
from tests.hosting.deployed import free_port

__all__ = ["PYTEST", "Reader"]

#: How a reader types ``pytest``, whether the library is installed, with its plugin, or not.
PYTEST = [sys.executable, "-W", "error", "-m", "pytest", "-p", "jambonz_sync.pytest_plugin", "-p", "no:cacheprovider"]

#: Where the lessons let the application listen; readers in tests have a port each.
_PORT = "port=3000"


class Reader:
    """Does what the lessons say, block by block, and compares what is to be seen.

    ``home``: an empty folder. What is different from a real reader: the environment is there already, the application
    listens on a free port of this machine alone, and calls go faster.
    """

    def __init__(self, home: pathlib.Path) -> None:
        self.folder = home
        #: All commands of the lessons that were followed.
        self.commands: list[str] = []
        #: The blocks that are neither saved, nor typed, nor seen.
        self.left_out: list[Block] = []
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._output = ""

    def follow(self, *lessons: Lesson) -> None:
        """Do these lessons."""
        for lesson in lessons:
            for block in lesson.blocks:
                self._do(block)
            self.stop()

    def save(self, *lessons: Lesson) -> None:
        """Save the files of these lessons, and do nothing else of them."""
        for lesson in lessons:
            for block in lesson.blocks:
                if block.file is not None:
                    self._do(block)

    def stop(self) -> None:
        """End the application that was left running, as Ctrl-C does."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            assert self._server.wait(30) == 0
            self._server = None

    def _do(self, block: Block) -> None:
        if block.file is not None:
            (self.folder / block.file).write_text(self._here(block.text), encoding="utf-8")
        elif block.language == "console":
            for line in block.commands:
                self.commands.append(line)
                self._type(line, block)
        elif block.is_output:
            self._compare(block.text)
        else:
            # It is about something else to try, which has a test of its own.
            self.left_out.append(block)

    def _here(self, text: str) -> str:
        return text.replace(_PORT, f'host="127.0.0.1", port={self._port}')

    # The shell

    def _type(self, line: str, block: Block) -> None:
        words = shlex.split(line.replace(":3000/", f":{self._port}/"))
        match words:
            case ["python3", "-m", "venv", _] | [".", _]:
                pass
            case ["pip", "install", ".", *more]:
                # What a checkout has, and what the tests are run with.
                assert (ROOT / "setup.cfg").exists()
                assert more == ["pytest"]
            case ["mkdir", folder]:
                (self.folder / folder).mkdir()
            case ["cd", folder]:
                self.folder /= folder
            case ["python", script]:
                self._serve(script)
            case ["pytest"]:
                self._output = self.run(*PYTEST)
            case ["jambonz-sync", "call", *arguments]:
                typed = "".join(f"{text}\n" for text in block.typed)
                self._output = self.run(*command("call", *arguments, "--speed", "10"), typed=typed)
            case _:
                raise AssertionError(f"no reader can do this: {line}")

    def run(self, *words: str, typed: str = "", status: int = 0) -> str:
        """Run a command, and return what it prints; it must end with this status, and without a word on stderr."""
        # This test's own settings are not the reader's.
        variables = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}
        result = subprocess.run(
            words, cwd=self.folder, env=environ(**variables), input=typed, capture_output=True, text=True, timeout=100
        )
        assert (result.returncode, result.stderr) == (status, ""), result.stdout + result.stderr
        return result.stdout

    def _serve(self, script: str) -> None:
        self._server = subprocess.Popen([sys.executable, script], cwd=self.folder, env=environ())
        deadline = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < deadline, f"{script} does not listen"
            assert self._server.poll() is None, f"{script} has ended"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self._port)) == 0

    # What is to be seen

    def _compare(self, expected: str) -> None:
        if re.fullmatch(r"\d+ passed\n", expected):
            assert expected.strip() in self._output, self._output
            return
        parts = [_without_times(part) for part in re.split(r"^…\n", expected, flags=re.MULTILINE)]
        seen = _without_times(self._output)
        rest = seen.partition("\n\n")[2] if not expected.startswith("…") else seen
        for number, part in enumerate(parts):
            where = rest.find(part)
            assert where == 0 if number == 0 else where >= 0, f"not seen:\n{part}\nbut:\n{rest}"
            rest = rest[where + len(part) :]
        assert not parts[-1] or not rest.strip(), rest


def _without_times(text: str) -> str:
    """What is to be seen of a call, however fast it went."""
    text = re.sub(r"^ *\d+\.\d  ", "", text, flags=re.MULTILINE)
    return re.sub(r"after \d+ s\b", "after a while", text)
