"""The pages in `docs/reference` that are made from the descriptions."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys

import pytest

from jambonz_sync.manual import commands, verbs
from jambonz_sync.manual.carried import all_groups
from jambonz_sync.manual.topics import objects_in
from tests.cli.process import ROOT
from tools import write_reference
from tools.markdown import anchor, link, row, table
from tools.write_reference import LISTS, PAGES, main, written

# What is made from descriptions; what is made from docstrings has tests of its own.
DESCRIBED = ("verbs.md", "commands.md", "events.md")
TEXTS = {name: written(name) for name in DESCRIBED}


def headings(name: str) -> list[str]:
    """The headings of a page."""
    return re.findall(r"^#+ (.*)$", TEXTS[name], re.MULTILINE)


def anchors(name: str) -> list[str]:
    """The addresses of the headings of a page, as those who show it make them."""
    return ["".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_") for title in headings(name)]


# The command


def test_the_pages_are_up_to_date(capsys):
    """What is in the checkout is what would be written."""
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_pages_that_are_not(tmp_path, monkeypatch, capsys):
    """The check fails, writes nothing, and names the command that does."""
    monkeypatch.setattr(write_reference, "ROOT", tmp_path)
    assert main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    said = capsys.readouterr().err.splitlines()
    names = [*(f"docs/reference/{name}" for name in PAGES), *LISTS]
    assert said == [f"{name} is not up to date; python -m tools.write_reference writes it" for name in names]
    assert main([]) == 0
    assert main(["--check"]) == 0
    there = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(there) == sorted(names)
    events = tmp_path / "docs" / "reference" / "events.md"
    assert events.read_text(encoding="utf-8") == TEXTS["events.md"]
    events.write_text(f"{TEXTS['events.md']}\n", encoding="utf-8")
    assert main(["--check"]) == 1
    assert capsys.readouterr().err.startswith("docs/reference/events.md is not up to date")


def test_as_a_command():
    """It can be run as the pages say, each of which says the same."""
    said = {name: re.findall(r"`(python -m tools\S+)`", TEXTS[name]) for name in DESCRIBED}
    command = said["verbs.md"][0]
    assert said == {name: [command] for name in DESCRIBED}
    subprocess.run([sys.executable, *command.split()[1:], "--check"], check=True, timeout=60, cwd=ROOT)


# What is there


def test_every_verb_has_one_section():
    """So has every object inside one."""
    pages = [page for chapter in verbs.chapters() for page in chapter.pages]
    topics = [page.topic for page in pages]
    objects = [topic.options.__name__ for topic in objects_in(*topics)]
    chapters = [chapter.title for chapter in verbs.chapters()]
    expected = ["Verbs", *chapters, *(topic.name for topic in topics), "Objects", *objects]
    assert sorted(headings("verbs.md")) == sorted(expected)


def test_every_command_has_one_section():
    """Objects inside commands have theirs with the verbs."""
    assert headings("commands.md") == ["Commands", *(page.topic.name for page in commands.chapter().pages)]


def test_every_group_has_one_section():
    """So has every dict inside an attribute."""
    expected = {group.title for group in all_groups()} | {"Speech", "SpeechVendor", "Alternative", "Translation"}
    found = headings("events.md")
    assert expected <= set(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", DESCRIBED)
def test_links_lead_somewhere(name):
    """Every link is to a section of this page or of another, whose address no other section there has."""
    links = re.findall(r"\]\((\w*(?:\.md)?)(?:#([^)]+))?\)", TEXTS[name])
    assert len(links) > 30
    for page, address in links:
        there = anchors(page or name)
        assert address == "" or there.count(address) == 1, (page, address)


@pytest.mark.parametrize("name", DESCRIBED)
def test_tables_have_whole_rows(name):
    """Nothing that is said breaks the table it is in."""
    tables = re.findall(r"(?:^\|.*\n)+", TEXTS[name], re.MULTILINE)
    assert len(tables) > 20
    for lines in tables:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in lines.splitlines()}
        assert len(counts) == 1, lines


@pytest.mark.parametrize("name", DESCRIBED)
def test_paragraphs_are_apart(name):
    """Between a heading, a table and a paragraph there is an empty line, and never are there two."""
    lines = TEXTS[name].splitlines()
    assert "\n\n\n" not in TEXTS[name]
    for before, line in itertools.pairwise(lines):
        assert not (line.startswith("#") and before), line
        assert not (before.startswith("#") and line), before
        assert not (line.startswith("|") and before and not before.startswith("|")), line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "verbs.md",
            "| [sip_refer](#sip_refer) | Transfer the call away by SIP REFER. (sip:refer in the jambonz docs) |",
        ),
        ("verbs.md", "| `length` | a number, **needed** | How long, in seconds. May come first, without its name. |"),
        (
            "verbs.md",
            "| `codecs` | a list of one or more strings | Codecs to offer, best first. Only jambonz 10 and newer. |",
        ),
        ("verbs.md", "| `google_options` | a dict ([GoogleOptions](#googleoptions)) | For Google alone. |"),
        ("verbs.md", "| `dub` | a list of dicts ([dub](#dub)) | Audio tracks to mix in; each without a `verb` key. |"),
        (
            "verbs.md",
            "| `status_hook` | a string or a dict ([HookObject](#hookobject)) | Told of the events in `status_events`. "
            "Wants no reply. [What it carries](events.md#the-status_hook-of-conference). |",
        ),
        ("verbs.md", "It takes the options of [conference](#conference)."),
        ("commands.md", "*noiseIsolation:status in the jambonz docs; jambonz 10 and newer*"),
        ("commands.md", 'session.inject_mute("mute", call_sid=leg)'),
        (
            "commands.md",
            "| `synthesizer` | a dict ([Synthesizer](verbs.md#synthesizer)) | "
            "Which voice speaks, if not the session's. |",
        ),
        ("commands.md", "It takes the options of [config](verbs.md#config)."),
        ("commands.md", "It takes the options of [dub](verbs.md#dub), and this:"),
        ("commands.md", "`error`: instead of `output`, what went wrong, for the model to read."),
        (
            "events.md",
            "| [verb:status](#verbstatus) | A verb starts, plays or ends; after `config` with `notify_events`. |",
        ),
        ("events.md", "With `action_hook` of every verb, and `partial_result_hook` of [gather](verbs.md#gather)."),
        (
            "events.md",
            "| `latency` | a dict ([AgentLatency](#agentlatency)) | "
            "Where the time went, in milliseconds; with `turn_end`. |",
        ),
        ("events.md", "* `call:status`, `session:new` and `session:adulting`"),
        ("events.md", "* `wait_hook`, `enter_hook` and `status_hook` of [conference](verbs.md#conference)"),
        ("events.md", "With `action_hook` of [sip_refer](verbs.md#sip_refer)."),
        ("events.md", '| `direction` | "inbound" or "outbound" | Whether the call came in or was placed. |'),
    ],
)
def test_what_it_says(name, line):
    """Type, need, meaning and remarks stand in one row, with links to what is told elsewhere."""
    assert line in TEXTS[name].splitlines()


def test_a_hook_without_facts_of_its_own():
    """It leads to those of the call, which come with most."""
    (line,) = (line for line in TEXTS["verbs.md"].splitlines() if line.startswith("| `enter_hook`"))
    assert line.endswith("[What it carries](events.md#callstatus-and-most-hooks). |")


def test_a_message_is_not_named_twice():
    """What comes with one message alone has its name in the heading."""
    lines = TEXTS["events.md"].splitlines()
    assert "With `verb:status`." not in lines
    assert "With `agent:event`, and `event_hook` of [agent](verbs.md#agent)." in lines


# Markdown


def test_markdown():
    """The parts that pages are made of."""
    assert list(table("| a | |", [row("x", "y|z")])) == ["| a | |", "| --- | --- |", "| x | y\\|z |", ""]
    assert anchor("The action_hook of sip:refer") == "the-action_hook-of-siprefer"
    assert link("call:status") == "[call:status](#callstatus)"
    assert link("say", "verbs.md") == "[say](verbs.md#say)"
