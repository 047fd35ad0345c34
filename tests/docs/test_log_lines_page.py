"""docs/reference/log-lines.md has every line of the log, with its level, and no other."""

from __future__ import annotations

import ast
import inspect
import logging
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from jambonz_sync import create_endpoint, wording
from jambonz_sync.audio import wording as audio_wording
from jambonz_sync.simulator import HangsUp, Says, SimulatedCall
from tests.docs.markdown import ROOT, blocks

PACKAGE = ROOT / "jambonz_sync"
PAGE = (ROOT / "docs" / "reference" / "log-lines.md").read_text(encoding="utf-8")

#: What says something only within another sentence.
PARTS = {"no_answer", "action_hook_frozen"}

#: What is no part of an application's server: commands, and stand-ins for jambonz.
ELSEWHERE = ("cli", "simulator", "testing")


class Row(NamedTuple):
    """A line of the page: how it reads, with ``…`` for what differs, and its level; an exception's is ``raised``."""

    shown: str
    level: str

    @property
    def pattern(self) -> str:
        return ".*".join(map(re.escape, self.shown.split("…")))

    @property
    def says_something(self) -> bool:
        """Whether it would not match anything."""
        return len(self.shown.replace("…", "").replace(" ", "")) > 6


ROWS = [
    *(Row(*cells) for cells in re.findall(r"^\| `(.+?)` \| (debug|info|warning|error) \|", PAGE, re.MULTILINE)),
    *(Row(shown, "raised") for shown in re.findall(r"^\| `(.+?)` \| (?:\[`\w+`\]|`\w+`)", PAGE, re.MULTILINE)),
]


def rows_of(line: str, level: str) -> list[Row]:
    """The rows for a line."""
    return [
        row
        for row in ROWS
        if row.level == level and row.says_something and re.fullmatch(row.pattern, line.replace("\n", " "))
    ]


# Sentences with a function of their own


def sentence(function: object) -> str:
    """What a function of a module of wording says, for whatever it is about."""
    assert callable(function)
    values = {"str": "x", "int": 7, "float": 1.5, "object": 1006}
    arguments = {
        name: values.get(str(one.annotation), ["x", "y"])
        for name, one in inspect.signature(function).parameters.items()
        if one.default is one.empty
    }
    return str(function(**arguments))


def levels(module: str, name: str) -> set[str]:
    """The levels at which a sentence is logged, from where it is used; one that is raised has that for a level."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        in_audio = path.parent.name == "audio"
        if in_audio != (module == "audio"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if f"wording.{name}(" not in line:
                continue
            # What is made on one line may be logged on the next, or be within what began before.
            near = " ".join(lines[max(0, number - 1) : number + 2])
            if (level := re.search(r"\.(debug|info|warning|error)\([^)]*wording\." + name, near)) is not None:
                found.add(level[1])
            elif (level := re.search(r"logging\.([A-Z]+), (?:text|wording\." + name + ")", near)) is not None:
                found.add(level[1].lower())
            elif re.search(r"_warn\w*\(", near) and "raise" not in line:
                found.add("warning")
            else:
                found.add("raised")
    return found


SENTENCES = [
    (module, name)
    for module, source in (("calls", wording), ("audio", audio_wording))
    for name, value in vars(source).items()
    if inspect.isfunction(value) and not name.startswith("_") and name not in PARTS
]


@pytest.mark.parametrize(("module", "name"), SENTENCES)
def test_every_sentence_has_its_line(module, name):
    """What is worded in a function stands on the page once, with each level at which it is said."""
    line = sentence(getattr(audio_wording if module == "audio" else wording, name))
    found = levels(module, name)
    assert found
    for level in found:
        if name == "handler_raised" and level == "raised":
            # The reason of the exception that follows.
            continue
        assert len(rows_of(line, level)) == 1, (line, level, rows_of(line, level))


def test_parts_are_within_others():
    """What has no line is said within another sentence."""
    for name in PARTS:
        uses = [path for path in PACKAGE.rglob("*.py") if f"wording.{name}(" in path.read_text(encoding="utf-8")]
        assert len(uses) == 1


# Lines that are worded where they are written


def written() -> Iterator[tuple[str, str, str]]:
    """Where each line is logged whose words are there, its level, and its words."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        if parts[0] in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                level = {"exception": "error"}.get(node.func.attr, node.func.attr)
                words = complaint(node) if node.func.attr == "report_error" else words_of(node)
                if level in ("debug", "info", "warning", "error", "report_error") and words is not None:
                    yield f"{'/'.join(parts)}:{node.lineno}", level.replace("report_error", "error"), words


def words_of(node: ast.Call) -> str | None:
    """The first argument, if that is text."""
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def complaint(node: ast.Call) -> str | None:
    """What is logged if a function that is told of errors fails itself."""
    last = node.args[-1] if node.args else None
    return last.value if isinstance(last, ast.Constant) and isinstance(last.value, str) else None


WRITTEN = [(where, level, words) for where, level, words in written() if re.sub(r"%[-.\w]+|\W", "", words)]


@pytest.mark.parametrize(("where", "level", "words"), WRITTEN, ids=[f"{one[1]}-{one[2][:40]}" for one in WRITTEN])
def test_every_line_has_its_row(where, level, words):
    """What is worded where it is logged stands on the page, at that level."""
    line = re.sub(r"%(\.\d)?[sdrf]", "x", words)
    if line == "x asks for x, but x":
        # The third is a text that is long.
        line = line[:-1] + "the websocket handshake lost its Upgrade header on the way: x"
    assert rows_of(line, level), (where, line)


def test_no_line_is_of_other_times():
    """Every row is for a line that is there."""
    lines = [(sentence(getattr(source, name)), level) for source, name, level in said()]
    lines += [(re.sub(r"%(\.\d)?[sdrf]", "x", words), level) for _, level, words in WRITTEN]
    others = {
        "… asks for …, but the websocket handshake lost its Upgrade header on the way: …",
        "the application variable … …",
        "the connection did not begin with the facts of the call",
        "the facts of the call …",
        "the sampleRate is …, so … is assumed; a metadata of your own must not have that key",
    }
    for row in ROWS:
        if row.says_something and row.shown not in others:
            assert any(
                level == row.level and re.fullmatch(row.pattern, line.replace("\n", " ")) for line, level in lines
            ), row


def said() -> Iterator[tuple[object, str, str]]:
    """Every sentence, with each of its levels."""
    for module, name in SENTENCES:
        for level in levels(module, name):
            yield (audio_wording if module == "audio" else wording), name, level


def test_the_rest_is_there():
    """What is worded in a constant or put together is in the sources as the page has it."""
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    for part in (
        "the websocket handshake lost its Upgrade header on the way: ",
        "the application variable {name} {fault}",
        "a metadata of your own must not have that key",
        "the connection did not begin with the facts of the call",
        "the facts of the call were cut off after",
    ):
        assert any(part in text for text in sources.values()), part


# What else the page says


def test_the_snippet(caplog):
    """It sets the level of the library."""
    logger = logging.getLogger("jambonz_sync")
    before = logger.level
    try:
        exec(compile(blocks(PAGE, "python")[0], "log-lines.md", "exec"), {})
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)


def test_a_call_is_logged(caplog):
    """With its sid, its beginning, its end, and what is odd about it."""
    caplog.set_level(logging.INFO, "jambonz_sync")
    endpoint = create_endpoint(host="127.0.0.1", port=0)

    @endpoint.make_service("/app").on("session:new")
    def answer(session):
        session.gather(input=["speech"], action_hook="/menu").send()
        session.wait_for("/mneu", "/menu")
        session.say("Goodbye.").reply()

    with endpoint:
        SimulatedCall(f"{endpoint.url}/app", [Says("hello"), HangsUp()], speed=50, limit=60).run()
    lines = [record.getMessage() for record in caplog.records if record.name == "jambonz_sync"]
    calls = [line for line in lines if re.match(r"call \S+: ", line)]
    assert re.fullmatch(r"call \S+: started on /app: inbound from \d+ to \S+", calls[0])
    assert "waiting for '/menu' or '/mneu', which" in calls[1] or "waiting for '/mneu', which" in calls[1]
    assert re.fullmatch(r"call \S+: ended after [\d.]+ s: .*", calls[-1])
    assert len(lines) >= 5
    for line in lines:
        rows = [row for row in ROWS if row.says_something]
        assert any(re.fullmatch(rf"(call \S+: )?{row.pattern}( \[.*\])?", line) for row in rows), line


def test_an_option_without_effect(jambonz, caplog):
    """It is told of as the page shows it."""
    jambonz.tolerates("no effect")
    service = create_endpoint().make_service("/app")
    service.on("session:new", lambda session: session.gather(input=["speech"], num_digits=3, timeout=1).run())
    jambonz.call(service.endpoint, "/app").hangs_up()
    assert blocks(PAGE, "text")[0].strip() in [record.getMessage() for record in caplog.records]


def test_the_page_is_where_it_belongs():
    """There are many lines of each level."""
    counts = {
        level: sum(row.level == level for row in ROWS) for level in ("debug", "info", "warning", "error", "raised")
    }
    assert all(count >= 8 for count in counts.values()), counts
    assert pathlib.Path(ROOT / "docs" / "reference" / "log-lines.md").is_file()
