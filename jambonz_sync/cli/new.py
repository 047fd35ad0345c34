"""``jambonz-sync new``: a project to begin with."""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import shlex
import string
from collections.abc import Iterable, Iterator, Sequence

from .command import Command, fail

__all__ = ["COMMAND", "SCENARIOS"]

SCENARIOS = ("hello-world", "echo", "ivr", "openai-realtime", "deepgram-voice-agent", "llm-streaming")

_ALL = "all"
#: At the end of a line of a template: what the line is for.
_MARK = re.compile(r"(?:  |^)# @([a-z-]+)$")

# Those of Python files end in .template, so that no tool takes them for modules of this package.
_TEMPLATES = pathlib.Path(__file__).parent / "scenarios"


def _scenarios(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in (*SCENARIOS, _ALL):
            raise argparse.ArgumentTypeError(f"{', '.join(SCENARIOS)} or {_ALL}, not {name!r}")
    return tuple(name for name in SCENARIOS if name in names or _ALL in names)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dir", metavar="DIR", type=pathlib.Path, help="the folder to make, which must not be there yet")
    parser.add_argument(
        "--scenario",
        type=_scenarios,
        default=SCENARIOS[:1],
        metavar="NAME",
        help=f"what it shows: {', '.join(SCENARIOS)} or {_ALL}; several with commas; by default {SCENARIOS[0]}",
    )
    parser.add_argument(
        "--env", action="store_true", help="let the operator set what differs, with an app.json that describes it"
    )


def _run(arguments: argparse.Namespace) -> int:
    folder: pathlib.Path = arguments.dir
    files = dict(_files(folder.resolve().name, arguments.scenario, env=arguments.env))
    try:
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except FileExistsError:
        return fail(f"{folder} is there already: name a folder that is not")
    except OSError as error:
        return fail(f"cannot make {folder}: {error.strerror or error}")
    print(f"Made {folder}, with {', '.join(files)}.")
    print(f"Next: cd {shlex.quote(str(folder))} && jambonz-sync run app.py --reload")
    print("Test: pytest")
    return 0


def _files(title: str, scenarios: Sequence[str], *, env: bool) -> Iterator[tuple[str, str]]:
    """Yield the names and the texts of the files of a project."""
    place, setting = "alone" if len(scenarios) == 1 else "together", "env" if env else "plain"
    marks = {place, setting, f"{place}-{setting}"}
    for scenario in scenarios:
        name = "app" if len(scenarios) == 1 else scenario.replace("-", "_")
        yield f"{name}.py", _rendered(f"{scenario}/app.py.template", marks)
        yield f"test_{name}.py", _rendered(f"{scenario}/test_app.py.template", marks)
    if len(scenarios) > 1:
        yield "app.py", _rendered("all/app.py.template", marks | {*scenarios})
        yield "server.py", _rendered("all/server.py.template", marks)
    services = "\n\n".join(_rendered(f"{scenario}/README.md", marks).strip() for scenario in scenarios)
    readme = string.Template(_rendered("README.md", marks))
    yield "README.md", readme.substitute(title=title, services=services, path=f"/{scenarios[0]}")
    yield "requirements.txt", _rendered("requirements.txt", marks)
    if env:
        yield "app.json", _variables(scenarios)


def _rendered(template: str, marks: set[str]) -> str:
    """Return the text of a template: without the lines that are marked for something else, and without the marks."""
    lines = (_TEMPLATES / template).read_text(encoding="utf-8").splitlines()
    return "\n".join(_chosen(lines, marks)).strip() + "\n"


def _chosen(lines: Iterable[str], marks: set[str]) -> Iterator[str]:
    before = ""
    left_out = False
    for line in lines:
        mark = _MARK.search(line)
        if mark is not None and mark[1] not in marks:
            left_out = not before
            continue
        text = line if mark is None else line[: mark.start()]
        # One empty line is enough where two stood around what was left out.
        if text or before or not left_out:
            yield text
        left_out = left_out and not text
        before = text


def _variables(scenarios: Sequence[str]) -> str:
    described = {
        f"/{scenario}": json.loads((_TEMPLATES / scenario / "app.json").read_text(encoding="utf-8"))
        for scenario in scenarios
    }
    # Of several services each has a section of its own, so that an operator sees no variables of another.
    variables = described if len(scenarios) > 1 else described[f"/{scenarios[0]}"]
    return json.dumps(variables, indent=2) + "\n"


COMMAND = Command(
    name="new",
    summary="make a project to begin with: an application, its tests, and how to run both",
    description=(
        "Makes a folder with an application that runs, tests that pass, a README.md and a requirements.txt.\n"
        "Of several scenarios each is a file of its own, with a path of its own on the one endpoint.\n"
        "\n"
        "  hello-world           greet the caller and hang up\n"
        "  echo                  say back what the caller says\n"
        "  ivr                   a menu by keys, and a call to a person\n"
        "  openai-realtime       OpenAI's realtime model, which calls a plain function\n"
        "  deepgram-voice-agent  Deepgram's voice agent, which does so too\n"
        "  llm-streaming         a language model that is spoken while it writes\n"
        "  all                   all of these"
    ),
    examples=(
        "  jambonz-sync new hello\n  jambonz-sync new shop --scenario ivr --env\n  jambonz-sync new tour --scenario all"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
