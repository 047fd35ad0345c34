"""The verb ``llm``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typing_extensions import Required, TypedDict

from ..protocol.hooks import HookKind
from .fault import Fault
from .handoff import Handoff
from .hook import Hook
from .markers import Between, Doc, FreeForm, Needed, Secret, Since
from .rules import Run, rule

__all__ = ["LATER_VENDORS", "HangupTool", "LlmOptions", "McpServer"]

#: Vendors of newer servers, and since when.
LATER_VENDORS = {"qwen": "10", "gptlive": "11.1"}


class McpServer(TypedDict, total=False):
    """A server with tools, which jambonz runs by itself."""

    url: Required[Annotated[str, Doc("URL of the server.")]]
    auth: Annotated[FreeForm, Secret, Doc("Credentials for it, passed on as they stand.")]
    roots: Annotated[
        Sequence[Mapping[str, Any]], Since("10"), Doc("What the server may look at; older servers refuse any entry.")
    ]


class HangupTool(TypedDict, total=False):
    """A tool by which the model may end the call."""

    reason: Annotated[str, Doc("When it should, in words.")]


class LlmOptions(TypedDict, total=False):
    """Let the caller talk to a speech-to-speech model."""

    vendor: Annotated[str, Needed(), Doc("Who runs the model, such as openai, google or ultravox.")]
    llm_options: Annotated[FreeForm, Needed(), Doc("What the vendor is told, passed on as it stands.")]
    model: Annotated[str, Doc("Which model.")]
    auth: Annotated[FreeForm, Secret, Doc("Credentials, as the vendor wants them, passed on as they stand.")]
    connect_options: Annotated[FreeForm, Doc("Where and how to connect, passed on as it stands.")]
    action_hook: Annotated[Hook, HookKind.ACTION, Doc("Asked when the conversation is over, and why.")]
    event_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told of the vendor's events.")]
    tool_hook: Annotated[Hook, HookKind.NOTIFY, Doc("Told which tool to call; the output is sent as a command.")]
    events: Annotated[Sequence[str], Doc("Which events to report; all that are known if left out.")]
    mcp_servers: Annotated[Sequence[McpServer], Doc("Servers whose tools jambonz runs by itself.")]
    handoff: Annotated[Handoff, Since("10"), Doc("Let the model call a person.")]
    hangup: Annotated[HangupTool, Since("10"), Doc("Let the model end the call.")]
    cancel_on_barge_in: Annotated[bool, Since("10"), Doc("Drop the answer when the caller interrupts.")]
    cancel_on_response_timeout: Annotated[bool, Since("10"), Doc("Drop an answer that takes too long.")]
    response_timeout_ms: Annotated[
        int, Since("10"), Between(1, float("inf")), Doc("How long an answer may take, in milliseconds.")
    ]
    id: Annotated[str, Doc("Your own name for this verb; hooks and statuses repeat it.")]


_OPENAI = ("auth.apiKey", "llmOptions.response_create")
_DEEPGRAM = (
    "auth.apiKey",
    "llmOptions.Settings.agent.think.provider.type",
    "llmOptions.Settings.agent.think.provider.model",
)

#: What jambonz 0.9 cannot do without, by vendor; it has no other vendors.
_WANTED_BY_0_9: Mapping[str, Sequence[str]] = {
    "openai": _OPENAI,
    "microsoft": (*_OPENAI, "connectOptions.host"),
    "deepgram": _DEEPGRAM,
    "voiceagent": _DEEPGRAM,
    "ultravox": ("auth.apiKey",),
    "elevenlabs": ("auth.agent_id",),
    "google": ("auth.apiKey", "llmOptions.setup"),
}

#: Those of them that are refused as anything but an object, or a list.
_OBJECTS_OF_0_9 = frozenset({"llmOptions.response_create", "llmOptions.setup"})

#: What no server can do without.
_WANTED: Mapping[str, Sequence[str]] = {
    "elevenlabs": ("auth.agent_id",),
    "gptlive": ("auth.apiKey", "llmOptions.session_update"),
}

_NAMES = {"llmOptions": "llm_options", "connectOptions": "connect_options"}


@rule(LlmOptions)
def _the_vendor_gets_what_it_wants(given: Mapping[str, Any], run: Run) -> None:
    vendor = given["vendor"]
    since = LATER_VENDORS.get(vendor, "0.9")
    if run.lacks(since):
        raise Fault(f"needs jambonz {since} or newer for {vendor}, and jambonz_version says that this one is older")
    wanted = _WANTED.get(vendor, ())
    if run.lacks("10"):
        if vendor not in _WANTED_BY_0_9:
            raise Fault(f"has no vendor {vendor!r} on jambonz 0.9, only {', '.join(_WANTED_BY_0_9)}", "vendor")
        wanted = _WANTED_BY_0_9[vendor]
    for path in wanted:
        option, *keys = path.split(".")
        value = given.get(option)
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        name = ".".join([_NAMES.get(option, option), *keys])
        # To jambonz, an empty text is none: a key that an environment lacks, perhaps.
        if value in (None, "", 0):
            raise Fault(f"needs {name}, since vendor is {vendor}", name)
        if run.lacks("10") and path in _OBJECTS_OF_0_9 and not isinstance(value, (Mapping, list, tuple)):
            raise Fault(f"needs a dict for {name}, since vendor is {vendor}", name)
