from __future__ import annotations

import re

import pytest

from jambonz_sync.cli import main
from jambonz_sync.manual import chapters
from jambonz_sync.manual.topics import objects_in
from jambonz_sync.verbs.registry import VERBS
from tests.cli.process import on_a_terminal, run, unread


@pytest.fixture
def printed(capsys, monkeypatch):
    """Return a function that runs the command, and returns what it has printed."""
    monkeypatch.setenv("COLUMNS", "80")

    def lines(*arguments: str) -> str:
        assert main(["verbs", *arguments]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return lines


# All of them


def sections(output: str) -> dict[str, str]:
    """The parts of the list of all pages, by their titles."""
    parts = re.split(r"^(\w[\w ]*)\..*\n\n", output, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section: str) -> list[tuple[str, str]]:
    return re.findall(r"^  (\S+)( +)(?=\S)", section, re.MULTILINE)


def test_everything_has_a_line(printed):
    """Verbs and commands by the names of their methods, messages by their types; aligned in each chapter."""
    found = sections(printed())
    assert list(found) == [chapter.title for chapter in chapters()]
    for chapter in chapters():
        lines = rows(found[chapter.title])
        assert [name for name, _ in lines] == [page.topic.name for page in chapter.pages]
        assert len({len(name + gap) for name, gap in lines}) == 1
    verbs = rows(found["Verbs"]) + rows(found["Other names"])
    assert sorted(name for name, _ in verbs) == sorted(verb.method for verb in VERBS.values())


def test_what_is_special_is_marked(printed):
    """Other names, newer servers, and names that Python cannot write."""
    output = " ".join(printed().split())
    assert "transfer Pass the caller on to a person, blindly or with a word first. (jambonz 10.3 and newer)" in output
    assert 'qwen_s2s sent as llm, vendor "qwen"; jambonz 10 and newer' in output
    assert "room sent as conference" in output
    assert "sip_refer Transfer the call away by SIP REFER. (sip:refer in the jambonz docs)" in output
    assert (
        "inject_room_say Speak a text to the whole conference. (room:say in the jambonz docs; jambonz 10 and" in output
    )
    assert "verb:status A verb starts, plays or ends; after `config` with `notify_events`." in output


def test_what_a_chapter_is_about(printed):
    """Its pages have a line in common."""
    output = printed()
    assert output.startswith('Verbs. Each is a method of the session, as in session.say("Hello.").\n\n  agent  ')
    assert "\n\nOther names.\n\n  deepgram_s2s  " in output
    assert "\n\nCommands. Sent at once, beside the verbs.\n\n  inject_boost  " in output


def test_how_to_go_on(printed):
    """What it says at the end can be run."""
    commands = re.findall(r"jambonz-sync verbs (\S+)", printed())
    assert len(commands) == 3
    for command in commands:
        printed(command)


# One verb


def test_a_verb(printed):
    """An example that can be pasted, what it does, the facts of each option, and where to look further."""
    output = printed("gather")
    assert output.startswith(
        """\
gather

    session.gather(
        input=["speech", "digits"],
        action_hook="/choice",
        say={"text": "Sales or support?"},
    )

Collect what the caller says or types. The outcome goes to `action_hook`.

  input: a list of "speech" and/or "digits"
      What to listen for; keys alone if left out.
  action_hook: a string or a dict (see gather.action_hook)
      Receives what was collected, or why nothing was.
      Wants a reply: its verbs replace those queued behind, an empty one lets
      them run.
  say: a string or a dict (see gather.say)
"""
    )
    assert output.endswith(
        """
What its action_hook carries: jambonz-sync verbs gather.action_hook
To see what is in a dict: jambonz-sync verbs gather.say
"""
    )


@pytest.mark.parametrize(("name", "other"), [("sip:decline", "sip_decline"), ("sip_decline", "sip:decline")])
def test_either_name_of_a_verb(printed, name, other):
    """The one on the wire and the one of its method lead to the same page."""
    output = printed(name)
    assert output == printed(other)
    assert output.startswith("sip_decline (sip:decline in the jambonz docs)\n")


def test_another_name(printed):
    """It is said what it stands for, and what it says by itself."""
    output = printed("openai_s2s")
    assert output.startswith('openai_s2s (sent as llm, vendor "openai")\n')
    assert (
        '  vendor: a string\n      Who runs the model, such as openai, google or ultravox.\n      "openai" if left'
        in (output)
    )


@pytest.mark.parametrize(
    ("name", "hook"),
    [
        ("transcribe", "transcription_hook"),
        ("conference", "action_hook"),
        ("agent", "action_hook"),
        ("openai_s2s", "action_hook"),
    ],
)
def test_a_hook_worth_a_look(printed, name, hook):
    """The action hook of a verb is shown the way to, another if it has none; that way can be gone."""
    (line,) = (line for line in printed(name).splitlines() if line.startswith("What its"))
    assert line == f"What its {hook} carries: jambonz-sync verbs {name}.{hook}"
    assert f"What {hook} carries, as attributes of the event:" in printed(f"{name}.{hook}")


def test_a_verb_with_little_to_say(printed):
    """Without objects inside there is nowhere to look further."""
    assert printed("hangup").endswith(
        """
  headers: a dict of strings and/or numbers
      SIP headers for the BYE.
  id: a string
      Your own name for this verb; hooks and statuses repeat it.
"""
    )


# What is inside


def test_an_object_inside(printed):
    """What the option is for, then what the object consists of."""
    output = printed("dial.target")
    assert output.startswith(
        """\
dial.target: a list of one or more dicts, needed
    Whom to call, all at once; at most ten.
    May come first, without its name.

One party to call.

  type: "phone", "sip", "user" or "teams", needed
"""
    )
    assert "(see dial.target.auth)" in output


def test_an_option(printed):
    """A path may end at an option with nothing inside."""
    assert printed("dial.codecs") == (
        "dial.codecs: a list of one or more strings\n    Codecs to offer, best first.\n    Only jambonz 10 and newer.\n"
    )


# What a hook carries


def test_a_hook(printed):
    """What is its own, with types in words, then what it has in common with others."""
    output = printed("dial.action_hook")
    assert output.startswith(
        """\
dial.action_hook: a string or a dict
    Asked when it is over, with what became of it.
    Wants a reply: its verbs replace those queued behind, an empty one lets them
    run.

A hook with more to say than its name.

  url: a string, needed
"""
    )
    assert output.endswith(
        """
What action_hook carries, as attributes of the event:

What became of a `dial`.

  dial_call_status: "trying", "ringing", "early-media", "in-progress",
        "completed", "failed", "busy", "no-answer" or "queued"
      `completed` if the call was answered; after all else it was not.
  dial_sip_status: a whole number
      The SIP status the dialled party ended with, such as 486.
  dial_call_sid: a string
      The sid of the dialled leg.
  dial_sbc_callid: a string
      The dialled leg's SIP Call-ID on the outer side of the border controller.
  answered: True or False
      Whether the dialled party has answered, be it one whom the `confirm_hook`
      did not let in then.
  busy: True or False
      Whether the dialled party was busy.

Which verb it was, if you have given it an `id`.

  verb_id: a string
      The `id` of the verb.

The facts of the call come with it: jambonz-sync verbs call:status
"""
    )


def test_a_dict_inside_an_attribute(printed):
    """Its keys are named."""
    output = printed("gather.action_hook")
    assert "\n  speech: a dict (language_code, channel_tag, is_final, alternatives, vendor)\n" in output


def test_a_hook_inside_another_verb(printed):
    """It carries what it does anywhere."""
    own, nested = (printed(path).partition("\nWhat ")[2] for path in ("listen.action_hook", "dial.listen.action_hook"))
    assert own == nested != ""


def test_a_hook_with_the_facts_of_the_call_alone(printed):
    """There is nothing else to tell."""
    assert printed("dial.confirm_hook").endswith(
        """
What confirm_hook carries, as attributes of the event:

The facts of the call come with it: jambonz-sync verbs call:status
"""
    )


def test_a_hook_without_the_facts_of_the_call(printed):
    """They are not promised."""
    output = printed("enqueue.wait_hook")
    assert "  queue_size: a whole number\n" in output
    assert "come with it" not in output


def test_a_hook_of_which_nothing_is_known(printed):
    """Nothing is said."""
    assert "carries" not in printed("llm.event_hook")


# Commands


@pytest.mark.parametrize("name", ["mute:status", "inject_mute"])
def test_a_command(printed, name):
    """An example, what it does, its options, and whether it may be for the other leg."""
    assert (
        printed(name)
        == """\
inject_mute (mute:status in the jambonz docs)

    session.inject_mute("mute", call_sid=leg)

Silence one party of a `dial`, or this member of a conference; `unmute` ends it.

  mute_status: "mute" or "unmute", needed
      Whether the others no longer hear it.
      May come first, without its name.
  call_sid: a string
      Sid of the other leg, that of the party `dial` has connected; the call's
      own if left out.
"""
    )


def test_an_option_of_a_command(printed):
    """It is found like that of a verb, and so is the argument that is no option."""
    assert printed("whisper.whisper").startswith("inject_whisper.whisper: a list of say and play verbs, needed\n")
    assert printed("inject_dub.call_sid").startswith("inject_dub.call_sid: a string\n")
    assert printed("inject_dial.to.sipUri") == printed("inject_dial.to.sip_uri")


def test_a_command_with_the_options_of_a_verb(printed):
    """They are not told again, but can be asked for."""
    assert printed("inject_config").endswith(
        "that are queued.\n\nIt takes the options of config: jambonz-sync verbs config\n"
    )
    output = printed("inject_dub")
    assert "It takes the options of dub: jambonz-sync verbs dub\n\n  call_sid: a string\n" in output
    assert "action:" not in output
    assert printed("inject_config.barge_in").startswith("inject_config.barge_in: a dict\n")


def test_a_command_whose_method_is_told_in_words(printed):
    """Its arguments are no options."""
    output = printed("llm:tool-output")
    assert output.startswith(
        """\
send_tool_output (llm:tool-output in the jambonz docs)

    evt = session.wait_for("/tool")
    session.send_tool_output(evt, {"temperature": 21})

Answer a tool call of a language model.

`tool_call`: the event that brought it, or its `tool_call_id`.

"""
    )


def test_a_command_without_options(printed):
    """The example and a line are all there is."""
    assert printed("tts:flush") == (
        """\
tts:flush

    session.inject_command("tts:flush")

Speak all the text that waits, without waiting for the end of a sentence.
"""
    )


# Messages


def test_a_message(printed):
    """What has happened, and what the message carries."""
    output = printed("tts:tokens-result")
    assert output == (
        """\
tts:tokens-result

Whether text to be spoken was taken. `evt.reason` is why not.

  id: anything
      The `id` the text was sent under.
  status: "ok" or "failed"
      Whether it was; missing if the session cannot stream.
"""
    )


def test_a_message_with_the_facts_of_the_call(printed):
    """They are told with one message, to which the others lead."""
    assert printed("session:adulting").endswith(
        "\n\nThe facts of the call come with it: jambonz-sync verbs call:status\n"
    )
    output = printed("call:status")
    assert output.startswith("inject_call_status (call:status in the jambonz docs)\n")
    assert "\n\njambonz sends call:status too, as a message:\n\nThe call, or a leg it has dialled, is" in output
    assert "\n  customerData: a dict\n      What the `tag` verb has attached to the call.\n" in output
    assert "come with it" not in output


# Finding one's way


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("gather.actionHook", "gather.action_hook"),
        ("gather.recognizer.googleOptions", "gather.recognizer.google_options"),
        ("dial.target[0].sipUri", "dial.target.sip_uri"),
        ("sip:refer.referTo", "sip_refer.refer_to"),
        ("record.siprecServerURL", "inject_record.siprec_server_url"),
    ],
)
def test_spellings_of_a_path(printed, path, same):
    """Names may be the wire's, and a path may come from an error, with its indices."""
    assert printed(path) == printed(same)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gathr", "there is no verb, command or message 'gathr'; did you mean gather?"),
        ("sipdecline", "there is no verb, command or message 'sipdecline'; did you mean sip_decline?"),
        ("xyzzy", "there is no verb, command or message 'xyzzy'; see jambonz-sync verbs"),
        ("pipeline", "pipeline is no verb for applications: no server can run it; agent"),
        ("gather.recogniser", "gather has no option 'recogniser'; did you mean recognizer?"),
        ("gather.language", "gather has no option 'language'; it is an option of recognizer"),
        ("dial.target.numbr", "dial.target has no option 'numbr'; did you mean number?"),
        ("pause.length.unit", "pause.length has no options inside: it is a number"),
        ("gather.", "gather has no option ''"),
        ("", "there is no verb, command or message ''"),
        ("mute", "there is no command 'mute'; it is called mute:status"),
        ("session:new.sip", "session:new takes no options, so none called 'sip'"),
    ],
)
def test_a_name_that_is_not_there(name, text, capsys):
    """It ends with 1, and with what may have been meant."""
    assert main(["verbs", name]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"jambonz-sync: {text}")


# The terminal


EVERYTHING = [page.topic for chapter in chapters() for page in chapter.pages]


@pytest.mark.parametrize("topic", [*EVERYTHING, *objects_in(*EVERYTHING)], ids=lambda topic: topic.name)
def test_everything_fits(topic, capsys, monkeypatch):
    """No line of any page is wider than the terminal; code and commands stay whole."""
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["verbs", topic.name]) == 0
    for line in capsys.readouterr().out.splitlines():
        whole = " " not in line.strip() or re.match(r" {8}|[A-Z].*: jambonz-sync verbs \S+$", line)
        assert len(line) <= 60 or whole, line


def test_a_wide_terminal(capsys, monkeypatch):
    """Lines do not grow longer than one can read."""
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["verbs", "config"]) == 0
    assert 80 < max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_a_tiny_terminal(capsys, monkeypatch):
    """There is always room for some words."""
    monkeypatch.setenv("COLUMNS", "1")
    assert main(["verbs"]) == 0
    assert "\n  say " in capsys.readouterr().out


def test_plain_when_piped():
    """The output has no colour, and 80 columns unless the environment says otherwise."""
    result = run("verbs", "dial", COLUMNS="")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert 70 < max(map(len, result.stdout.splitlines())) <= 80


def test_bold_on_a_terminal():
    """On a terminal names are bold, unless NO_COLOR says otherwise."""
    pytest.importorskip("pty")
    for variables, bold in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        for arguments, name in ((["verbs"], b"  %ssay%s "), (["verbs", "say"], b"  %stext%s: ")):
            output = on_a_terminal(*arguments, **variables)
            marks = (b"\x1b[1m", b"\x1b[0m") if bold else (b"", b"")
            assert name % marks in output
            assert (b"\x1b" in output) is bold


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_leaves(unbuffered):
    """When nobody reads the output, the command ends without a word, whenever that is found out."""
    result = unread("verbs", PYTHONUNBUFFERED=unbuffered)
    assert (result.returncode, result.stderr) == (141, "")
