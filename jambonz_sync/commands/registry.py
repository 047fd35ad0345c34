"""The commands there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..verbs.config import ConfigOptions
from ..verbs.describe import Option, options_of
from ..verbs.dub import DubOptions
from .call import CallStatusOptions, RedirectHooks
from .conference import ConferenceHold, ConferenceMute, ParticipantAction, RoomPlay, RoomSay
from .dial import OutboundCall
from .legs import DtmfKeys, InDialogRequest, MuteOptions, WhisperOptions, as_verbs, key_by_key
from .media import (
    BoostOptions,
    ListenStatus,
    MediaPath,
    NoiseIsolationStatus,
    RecordCommand,
    StreamStatus,
    SttReconfigure,
    TranscribeStatus,
    decibels,
)
from .model import AgentUpdate, LlmUpdate, ToolOutput, as_update
from .tokens import ClearOptions, FlushOptions, TokensOptions

__all__ = ["COMMANDS", "NOT_COMMANDS", "CommandType", "find_command"]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class CommandType:
    """One command: its name on the wire, its method, what it takes, and how that stands in a message.

    ``positional`` is the option that may be given without its name; ``prepare`` makes it, or a dict of options, of what
    was given there. ``within`` is a key of the data that holds all the options; ``bare`` is the option which is the
    data itself. ``split`` makes one command's data into that of several, or into another form. ``leg`` tells whether
    it may be for the other party. ``since`` is the first server version that knows it. ``instead`` says what to call
    where the message needs more than a command by its name has.
    """

    name: str
    method: str
    options: type
    positional: str | None = None
    within: str | None = None
    bare: str | None = None
    leg: bool = False
    since: str | None = None
    instead: str | None = None
    #: Its hooks are those of another call, which it places.
    for_new_call: bool = False
    prepare: Callable[[Any], Any] = _as_it_is
    split: Callable[[Mapping[str, Any]], list[Any]] | None = None

    @property
    def doc(self) -> str:
        """What it does, in a sentence or two."""
        return (self.options.__doc__ or "").strip()

    @property
    def fields(self) -> tuple[Option, ...]:
        """The options it takes."""
        return options_of(self.options)


#: Every command by its name on the wire.
COMMANDS: Mapping[str, CommandType] = MappingProxyType(
    {
        command.name: command
        for command in (
            CommandType("agent:update", "update_agent", AgentUpdate, "type", since="10"),
            CommandType(
                "boostAudioSignal", "inject_boost", BoostOptions, "gain", bare="gain", leg=True, split=decibels
            ),
            CommandType("call:status", "inject_call_status", CallStatusOptions, "call_status"),
            CommandType("conf:hold-status", "inject_conference_hold", ConferenceHold, "conf_hold_status"),
            CommandType("conf:mute-status", "inject_conference_mute", ConferenceMute, "conf_mute_status"),
            CommandType("conf:participant-action", "inject_participant_action", ParticipantAction, "action"),
            CommandType("config", "inject_config", ConfigOptions),
            CommandType("dial", "inject_dial", OutboundCall, for_new_call=True),
            CommandType("dtmf", "inject_dtmf", DtmfKeys, "digit", within="dtmf", leg=True, split=key_by_key),
            CommandType("dub", "inject_dub", DubOptions, leg=True),
            CommandType("listen:status", "inject_listen_status", ListenStatus, "listen_status"),
            CommandType(
                "llm:tool-output",
                "send_tool_output",
                ToolOutput,
                instead="needs the tool call that it answers: session.send_tool_output(evt, output) sends it",
            ),
            CommandType("llm:update", "update_llm", LlmUpdate, "update", bare="update", prepare=as_update),
            CommandType("media:path", "inject_media_path", MediaPath, "media_path", bare="media_path"),
            CommandType("mute:status", "inject_mute", MuteOptions, "mute_status", leg=True),
            CommandType(
                "noiseIsolation:status",
                "inject_noise_isolation",
                NoiseIsolationStatus,
                "noise_isolation_status",
                since="10",
            ),
            CommandType("record", "inject_record", RecordCommand, "action"),
            CommandType("redirect", "inject_redirect", RedirectHooks, "call_hook"),
            CommandType("room:play", "inject_room_play", RoomPlay, "url", since="10"),
            CommandType("room:say", "inject_room_say", RoomSay, "text", since="10"),
            CommandType("sip:request", "inject_sip_request", InDialogRequest, "method", within="sip_request", leg=True),
            CommandType("stream:status", "inject_stream_status", StreamStatus, "stream_status"),
            CommandType("stt:reconfigure", "inject_stt_reconfigure", SttReconfigure, "language_hints", since="10"),
            CommandType("transcribe:status", "inject_transcribe_status", TranscribeStatus, "transcribe_status"),
            CommandType("tts:clear", "inject_command", ClearOptions),
            CommandType("tts:flush", "inject_command", FlushOptions),
            CommandType("tts:tokens", "inject_command", TokensOptions),
            CommandType("whisper", "inject_whisper", WhisperOptions, "whisper", leg=True, prepare=as_verbs),
        )
    }
)

#: What other libraries offer as commands, and what does the same.
NOT_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "hangup": 'queue the verb: session.hangup().send(), or end the call at once: inject_call_status("completed")',
        "mute": 'it is called mute:status, as session.inject_mute("mute") sends it',
        "play": "queue the verb: session.play(...).send(), or let one party hear it: session.inject_whisper(...)",
        "say": "queue the verb: session.say(...).send(), or let one party hear it: session.inject_whisper(...)",
    }
)


def find_command(name: str) -> CommandType | None:
    """Return the command of this name, as the wire spells it."""
    return COMMANDS.get(name)
