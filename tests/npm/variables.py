"""What the library for Node makes of application variables."""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.npm import FOLDER
from tests.npm.install import install, need

__all__ = ["Answer", "Question", "ask"]


class Question(NamedTuple):
    """The path of an app.json, that of a service, and the variables of a call."""

    file: pathlib.Path
    path: str
    received: Mapping[str, Any] | None


class Answer(NamedTuple):
    """What is wrong with the file; its definitions for the path, and the variables with defaults, if it can tell."""

    faults: Sequence[str]
    config: Mapping[str, Any] | None
    merged: Mapping[str, Any] | None


def ask(questions: Sequence[Question]) -> list[Answer]:
    """Return the answers of the library for Node.

    Skips the test that runs if Node or npm is missing; fails it where `CI` is set in the environment.
    """
    node = need("node")
    install(FOLDER)
    asked = [{**question._asdict(), "file": str(question.file)} for question in questions]
    command = [node, str(FOLDER / "variables.cjs")]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return [Answer(**answer) for answer in json.loads(done.stdout)]
