"""The snippet of each verb and each command of the reference runs in a call, and jambonz does what it says."""

from __future__ import annotations

import re

import pytest

from jambonz_sync import create_endpoint
from jambonz_sync.manual.commands import chapter
from jambonz_sync.verbs.registry import VERBS
from tests.docs.markdown import ROOT, blocks

REFERENCE = ROOT / "docs" / "reference"


def snippets(page: str) -> dict[str, str]:
    """The first block of each section of a page."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    sections = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: found[0] for name, section in sections if (found := blocks(section, "python"))}


VERB_SNIPPETS = snippets("verbs.md")
COMMAND_SNIPPETS = snippets("commands.md")
METHODS = {verb.method: verb for verb in VERBS.values()}


#: What an application has at hand: keys of vendors, in the shapes that they have there.
NAMES = {
    "KEY": "secret",
    "KEYS": {"apiKey": "secret"},
    "HOST": "example.com",
    "MODEL": "models/gemini-2.0-flash-exp",
    "SETTINGS": {"type": "Settings", "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}}},
    "leg": "7c1f0b1e-0f4e-4d0b-9a70-2f6f9e1b8d11",
    "AWS_KEYS": {"access_key": "id", "secret_access_key": "secret"},
    "KEY_FILE": "{}",
}


def hold(jambonz, snippet):
    """Answer a call by a snippet, and return the call. What its hooks ask needs no answer."""
    service = create_endpoint().make_service("/app")

    @service.on("session:new")
    def answer(session):
        for hook in re.findall(r'"(/[\w-]+)"', snippet):
            session.on(hook, reply=[])
        exec(compile(snippet, "snippet", "exec"), {"session": session, "service": service, **NAMES})
        session.send().sleep(30)

    return jambonz.call(service.endpoint, "/app")


#: Of these the call is over at once: it is refused; or the simulated jambonz is older than the verb.
ENDS = {"sip_decline": "refused with SIP 486", "transfer": "there is no verb 'transfer'"}


@pytest.mark.parametrize("name", VERB_SNIPPETS)
def test_verbs(jambonz, name):
    """What is sent has the verb, and the simulated jambonz executes it without a complaint."""
    if name == "transfer":
        jambonz.tolerates("no verb 'transfer'|refused the first verbs")
    call = hold(jambonz, VERB_SNIPPETS[name])
    if name in ENDS:
        assert call.ended
        assert ENDS[name] in call.state
    else:
        call.is_silent(5)
        call.hangs_up()
    assert METHODS[name].sent_as in [verb["verb"] for verb in call.verbs]


def test_every_verb_has_one():
    """No verb is without."""
    assert sorted(VERB_SNIPPETS) == sorted(METHODS)


#: What has to be there before a command means anything.
BEFORE = {
    "send_tool_output": VERB_SNIPPETS["openai_s2s"] + "\nsession.send()\n",
    "update_agent": VERB_SNIPPETS["agent"] + "\nsession.send()\n",
    "update_llm": VERB_SNIPPETS["openai_s2s"] + "\nsession.send()\n",
}

#: Of many there is no party and no conference here that they could be for; the caller hears none of them.
WITHOUT_EFFECT = "does nothing in this simulator|has heard nothing for|the stream is not connected"


@pytest.mark.parametrize("name", [name for name, code in COMMAND_SNIPPETS.items() if "..." not in code])
def test_commands(jambonz, name):
    """A message of that command, and no other, leaves for jambonz."""
    jambonz.tolerates(WITHOUT_EFFECT)
    call = hold(jambonz, BEFORE.get(name, "session.answer()\nsession.send()\n") + COMMAND_SNIPPETS[name])
    if name == "send_tool_output":
        assert call.tool_call("get_weather", {"city": "Ghent"}) is not None
    call.is_silent(2)
    call.finish()
    sent = [message.message for message in call.wire if message.direction == "out"]
    commands = {message["command"] for message in sent if message["type"] == "command"}
    assert COMMANDS_OF.get(name, name) in commands
    assert commands <= {COMMANDS_OF.get(name, name), "redirect"}


COMMANDS_OF = {page.topic.name: page.wire or page.topic.name for page in chapter().pages}
# These send any command, or a verb in the manner of one.
COMMANDS_OF |= {"inject_command": "mute:status", "send_command": "mute:status", "inject_tag": "redirect"}


def test_every_command_has_one():
    """No command is without; one that an application seldom sends by itself shows what it takes."""
    assert sorted(COMMAND_SNIPPETS) == sorted(page.topic.name for page in chapter().pages)
    assert [name for name, code in COMMAND_SNIPPETS.items() if "..." in code] == ["tts:tokens"]
