"""The validators that jambonz publishes on npm, for the tests to be measured against."""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple

from typing_extensions import Self

from tests.npm.install import install, need

__all__ = ["FOLDER", "Validators", "Verdict"]

FOLDER = pathlib.Path(__file__).resolve().parent


class Verdict(NamedTuple):
    """What both say about a list of verbs: ``None``, or their error."""

    validator: str | None
    schema: str | None


class Validators:
    """One Node process with both validators; a context manager."""

    def __init__(self) -> None:
        node = need("node")
        install(FOLDER)
        command = [node, str(FOLDER / "validate.cjs")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Closes the pipes too.
        self._process.communicate(timeout=10)

    def judge(self, lists: Sequence[Sequence[Mapping[str, Any]]]) -> list[Verdict]:
        """Return a verdict on each of many lists of verbs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # One line there and one line back, so that neither side ever writes into a full pipe that nobody reads.
        self._process.stdin.write(json.dumps(lists) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the validators have stopped, with exit code {self._process.wait(10)}")
        return [Verdict(*one) for one in json.loads(answer)]
