"""The verbs that connect a caller to a bot made elsewhere: ``dialogflow``, ``lex`` and ``rasa``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .fault import Fault, shown
from .hook import Hook
from .markers import Doc, FreeForm, Needed, Secret, Since
from .recognizer import Recognizer
from .rules import Run, rule
from .synthesizer import Synthesizer

__all__ = ["DialogflowOptions", "LexIntent", "LexOptions", "QueryInput", "RasaOptions"]

_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


class QueryInput(TypedDict, total=False):
    """What the bot is given before the caller has said anything."""

    text: Annotated[str, Doc("A text, as if the caller had said it.")]
    intent: Annotated[str, Doc("An intent.")]
    event: Annotated[str, Doc("An event.")]
    dtmf: Annotated[str, Doc("Keys, as if the caller had pressed them.")]


class DialogflowOptions(TypedDict, total=False):
    """Let the caller talk to a Google Dialogflow bot."""

    credentials: Annotated[
        FreeForm | str, Needed(), Secret, Doc("Service account of Google: the content of its key file.")
    ]
    project: Annotated[str, Needed(), Doc("Id of the Google Cloud project.")]
    lang: Annotated[str, Needed(), Doc("Language code, such as `en-US`.")]
    model: Annotated[Literal["es", "cx", "ces"], Doc("Kind of bot: Dialogflow ES, CX or CES; es if left out.")]
    agent: Annotated[str, Doc("Id of the agent (cx), or of the app (ces).")]
    environment: Annotated[str, Doc("Environment of the agent (cx).")]
    deployment: Annotated[str, Since("10"), Doc("Deployment of the app (ces).")]
    region: Annotated[str, Doc("Google Cloud region.")]
    session_id: Annotated[
        str, Since("10"), Doc("Name of the conversation, to take it up again later: letters, digits, - and _.")
    ]
    query_input: Annotated[QueryInput, Doc("What the bot is given first.")]
    welcome_event: Annotated[str, Doc("Event that begins the conversation.")]
    welcome_event_params: Annotated[FreeForm, Doc("Parameters for that event.")]
    no_input_timeout: Annotated[float, Doc("Seconds of silence until `no_input_event`.")]
    no_input_event: Annotated[str, Doc("Event that tells the bot of the silence.")]
    pass_dtmf_as_text_input: Annotated[bool, Doc("Give the caller's keys to the bot as text.")]
    thinking_music: Annotated[str, Doc("URL of audio while the bot thinks.")]
    bargein: Annotated[bool, Doc("Let the caller interrupt the bot.")]
    tts: Annotated[Synthesizer, Doc("Which voice speaks, if not the bot's own.")]
    events: Annotated[Sequence[str], Doc("Which events to report.")]
    event_hook: Annotated[Hook, HookKind.REPORT, Doc("Receives the events; verbs in the answer end the conversation.")]
    tool_hook: Annotated[
        Hook,
        Since("10"),
        HookKind.NOTIFY,
        Doc("Asked for the output of a tool, which is no list of verbs: use an http URL."),
    ]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the conversation is over, and why.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


@rule(DialogflowOptions)
def _a_bot_has_a_name(given: Mapping[str, Any], run: Run) -> None:
    model = given.get("model")
    if model in ("cx", "ces") and "agent" not in given:
        raise Fault(f"needs agent, since model is {model}", "agent")


@rule(DialogflowOptions)
def _a_conversation_has_a_plain_name(given: Mapping[str, Any], run: Run) -> None:
    name = given.get("sessionId")
    if name is not None and not _SESSION_ID.fullmatch(name):
        raise Fault(
            f"must have 1 to 200 letters, digits, - and _ as its session_id, not {shown(name)}",
            "session_id",
        )


class LexIntent(TypedDict, total=False):
    """The intent the conversation begins with."""

    name: Required[Annotated[str, Doc("Name of the intent.")]]
    slots: Annotated[FreeForm, Doc("Slots that are filled already.")]


class LexOptions(TypedDict, total=False):
    """Let the caller talk to an Amazon Lex bot."""

    bot_id: Annotated[str, Needed(), Doc("Id of the bot.")]
    bot_alias: Annotated[str, Needed(), Doc("Id of its alias.")]
    region: Annotated[str, Needed(), Doc("AWS region.")]
    credentials: Annotated[
        FreeForm, Needed(), Secret, Doc("AWS credentials: a dict with `accessKey` and `secretAccessKey`.")
    ]
    locale: Annotated[str, Doc("Locale of the bot; en_US if left out.")]
    intent: Annotated[LexIntent, Doc("The intent the conversation begins with.")]
    welcome_message: Annotated[str, Doc("What the bot says first.")]
    metadata: Annotated[FreeForm, Doc("Your own data for the bot.")]
    no_input_timeout: Annotated[float, Doc("How long the bot waits for speech, in seconds.")]
    pass_dtmf: Annotated[bool, Doc("Give the caller's keys to the bot.")]
    bargein: Annotated[bool, Doc("Let the caller interrupt the bot.")]
    tts: Annotated[Synthesizer, Doc("Which voice speaks, if not the bot's own.")]
    event_hook: Annotated[Hook, HookKind.REPORT, Doc("Receives events; verbs in the answer end the conversation.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the conversation is over, and why.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


class RasaOptions(TypedDict, total=False):
    """Let the caller talk to a Rasa bot."""

    url: Annotated[str, Needed(), Doc("URL of the bot's REST channel.")]
    prompt: Annotated[str, Doc("What the caller hears first.")]
    recognizer: Annotated[Recognizer, Doc("How speech is recognized, if not as set for the session.")]
    tts: Annotated[Synthesizer, Doc("Which voice speaks, if not the session's.")]
    event_hook: Annotated[Hook, HookKind.REPORT, Doc("Receives what is said; verbs in the answer end it.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the conversation is over, and why.")]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]
