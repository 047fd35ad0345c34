"""One method for each command."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import Unpack

from ..verbs.config import ConfigOptions
from ..verbs.dub import DubOptions
from ..verbs.record import RecordAction
from .call import CallEnd, CallStatusOptions, RedirectHooks
from .conference import ConferenceHold, ConferenceMute, Holding, MemberAction, ParticipantAction, RoomPlay, RoomSay
from .dial import OutboundCall
from .legs import DtmfKeys, InDialogRequest, MuteOptions, Muting, WhisperOptions
from .media import (
    BoostOptions,
    ListenStatus,
    MediaPath,
    MediaWay,
    NoiseIsolationStatus,
    Pausing,
    RecordCommand,
    StreamStatus,
    SttReconfigure,
    Switching,
    TranscribeStatus,
)
from .model import AgentChange, AgentUpdate

__all__ = ["CommandMethods"]


class CommandMethods(ABC):
    """The commands as methods. Each is sent at once, beside the verbs, from any thread.

    Verbs that are queued stay queued, and what jambonz is doing goes on. Options may also come as a plain dict in the
    first place. Where a method takes ``call_sid``, that is the sid of the other leg (of the party that ``dial`` has
    connected), and the call itself if left out. jambonz confirms no command.

    Every method raises :exc:`~jambonz_sync.InvalidCommand` for what jambonz would refuse or overlook,
    :exc:`~jambonz_sync.MessageTooBig` for what it would not read, and :exc:`~jambonz_sync.CallEnded` when the call is
    over (:exc:`~jambonz_sync.CallNotActive` on other threads); then nothing was sent.
    """

    @abstractmethod
    def _inject(
        self,
        command: str,
        options: Mapping[str, Any],
        positional: object = None,
        *,
        call_sid: str | None = None,
        start: str | None = None,
        checked: bool = True,
    ) -> None:
        """Build the command and send it. ``start`` is what errors call it."""

    def inject_command(
        self, command: str, data: object = None, call_sid: str | None = None, *, checked: bool = True
    ) -> None:
        """``session.inject_command("mute:status", {"mute_status": "mute"}, call_sid=leg)``

        Send a command by its name on the wire. It is checked like those that have a method; a text may stand for an
        object with one option. ``data`` for ``redirect`` may also be a list of verbs, which replaces what plays; a
        fault in one of them is an :exc:`~jambonz_sync.InvalidVerb`.

        ``checked=False`` sends it as it stands, for servers that are ahead of this library.
        """
        self._inject(command, {}, data, call_sid=call_sid, checked=checked)

    def send_command(self, command: str, data: object = None, *, checked: bool = True) -> None:
        """``session.send_command("mute:status", "mute")``

        Another name for :meth:`inject_command`.
        """
        self._inject(command, {}, data, checked=checked)

    # The call

    def inject_call_status(
        self, call_status_: CallEnd | CallStatusOptions | None = None, /, **options: Unpack[CallStatusOptions]
    ) -> None:
        """``session.inject_call_status("completed")``

        End the call at once, without waiting for what is queued: ``completed`` hangs up an answered call,
        ``no-answer`` gives up one that is not answered yet.
        """
        self._inject("call:status", options, call_status_, start="inject_call_status")

    def inject_redirect(
        self, call_hook_: str | RedirectHooks | None = None, /, **options: Unpack[RedirectHooks]
    ) -> None:
        """``session.inject_redirect("/menu")``

        Have jambonz ask by ``session:redirect``, under the name ``call_hook``, for verbs in place of those that run;
        and under ``child_call_hook`` for verbs of the dialled leg, which is a call of its own from then on. Both ask
        this application: only the verb :meth:`redirect` hands a call to another one.
        """
        self._inject("redirect", options, call_hook_, start="inject_redirect")

    def inject_config(self, options_: ConfigOptions | None = None, /, **options: Unpack[ConfigOptions]) -> None:
        """``session.inject_config(barge_in={"enable": False})``

        Do what :meth:`config` does, at once instead of behind the verbs that are queued.
        """
        self._inject("config", options, options_, start="inject_config")

    def inject_dial(self, options_: OutboundCall | None = None, /, **options: Unpack[OutboundCall]) -> None:
        """``session.inject_dial(from_="+15550100", to={"type": "phone", "number": "+15550101"}, call_hook="/callee")``

        Place a call that has nothing to do with this one. It comes to ``call_hook`` as a session of its own.
        """
        self._inject("dial", options, options_, start="inject_dial")

    def inject_tag(self, data: Mapping[str, Any]) -> None:
        """``session.inject_tag({"customer": 4711})``

        Attach data to the call, which comes back in all its hooks as ``customerData``. jambonz has no command for
        that, so the verb goes behind what is queued and takes effect when its turn comes; a fault in it is an
        :exc:`~jambonz_sync.InvalidVerb`.
        """
        self._inject("tag", {}, data, start="inject_tag")

    # The parties

    def inject_mute(
        self,
        mute_status_: Muting | MuteOptions | None = None,
        /,
        *,
        call_sid: str | None = None,
        **options: Unpack[MuteOptions],
    ) -> None:
        """``session.inject_mute("mute", call_sid=leg)``

        Silence one party of a ``dial``, or this member of a conference; ``unmute`` ends it.
        """
        self._inject("mute:status", options, mute_status_, call_sid=call_sid, start="inject_mute")

    def inject_whisper(
        self,
        whisper_: str | Mapping[str, Any] | Sequence[Mapping[str, Any]] | WhisperOptions | None = None,
        /,
        *,
        call_sid: str | None = None,
        **options: Unpack[WhisperOptions],
    ) -> None:
        """``session.inject_whisper("This is a recorded line.", call_sid=leg)``

        Let one party of a ``dial``, or the caller during a ``listen``, hear a text, or the verbs say and play, which
        the other does not hear.
        """
        self._inject("whisper", options, whisper_, call_sid=call_sid, start="inject_whisper")

    def inject_dtmf(
        self, digit_: str | DtmfKeys | None = None, /, *, call_sid: str | None = None, **options: Unpack[DtmfKeys]
    ) -> None:
        """``session.inject_dtmf("1234#", duration=100)``

        Send keys to one party of an answered call; ``duration`` of each in milliseconds.
        """
        self._inject("dtmf", options, digit_, call_sid=call_sid, start="inject_dtmf")

    def inject_sip_request(
        self,
        method_: str | InDialogRequest | None = None,
        /,
        *,
        call_sid: str | None = None,
        **options: Unpack[InDialogRequest],
    ) -> None:
        """``session.inject_sip_request("INFO", content_type="text/plain", content="hello")``

        Send a SIP request within an answered call.
        """
        self._inject("sip:request", options, method_, call_sid=call_sid, start="inject_sip_request")

    def inject_dub(
        self, options_: DubOptions | None = None, /, *, call_sid: str | None = None, **options: Unpack[DubOptions]
    ) -> None:
        """``session.inject_dub(action="addTrack", track="music", play="https://example.com/music.mp3")``

        Do what :meth:`dub` does, at once, and for either party.
        """
        self._inject("dub", options, options_, call_sid=call_sid, start="inject_dub")

    def inject_boost(
        self,
        gain_: float | str | BoostOptions | None = None,
        /,
        *,
        call_sid: str | None = None,
        **options: Unpack[BoostOptions],
    ) -> None:
        """``session.inject_boost("-6 dB", call_sid=leg)``

        Make what one party says louder or quieter; 0 ends it.
        """
        self._inject("boostAudioSignal", options, gain_, call_sid=call_sid, start="inject_boost")

    # What runs beside the verbs

    def inject_record(
        self, action_: RecordAction | RecordCommand | None = None, /, **options: Unpack[RecordCommand]
    ) -> None:
        """``session.inject_record("startCallRecording", siprec_server_url="sip:recorder@example.com")``

        Begin (``startCallRecording``), end (``stopCallRecording``) or interrupt (``pauseCallRecording``,
        ``resumeCallRecording``) the recording of the call, by a SIPREC server or, with ``type="cloud"``, by jambonz.
        """
        self._inject("record", options, action_, start="inject_record")

    def inject_listen_status(
        self, listen_status_: Pausing | ListenStatus | None = None, /, **options: Unpack[ListenStatus]
    ) -> None:
        """``session.inject_listen_status("pause")``

        Stop (``pause``) and restart (``resume``) the audio of the ``listen`` that runs.
        """
        self._inject("listen:status", options, listen_status_, start="inject_listen_status")

    def inject_stream_status(
        self, stream_status_: Pausing | StreamStatus | None = None, /, **options: Unpack[StreamStatus]
    ) -> None:
        """``session.inject_stream_status("pause")``

        Another name for :meth:`inject_listen_status`.
        """
        self._inject("stream:status", options, stream_status_, start="inject_stream_status")

    def inject_transcribe_status(
        self, transcribe_status_: Pausing | TranscribeStatus | None = None, /, **options: Unpack[TranscribeStatus]
    ) -> None:
        """``session.inject_transcribe_status("pause")``

        Stop (``pause``) and restart (``resume``) transcription.
        """
        self._inject("transcribe:status", options, transcribe_status_, start="inject_transcribe_status")

    def inject_media_path(
        self, media_path_: MediaWay | MediaPath | None = None, /, **options: Unpack[MediaPath]
    ) -> None:
        """``session.inject_media_path("partial-media")``

        Choose which way the audio of a ``dial`` takes: ``no-media``, ``partial-media`` or ``full-media``.
        """
        self._inject("media:path", options, media_path_, start="inject_media_path")

    def inject_noise_isolation(
        self, status_: Switching | NoiseIsolationStatus | None = None, /, **options: Unpack[NoiseIsolationStatus]
    ) -> None:
        """``session.inject_noise_isolation("enable", vendor="krisp", level=80)``

        Begin (``enable``) or end (``disable``) the removal of background noise. Needs jambonz 10.
        """
        self._inject("noiseIsolation:status", options, status_, start="inject_noise_isolation")

    def inject_stt_reconfigure(
        self, language_hints_: Sequence[str] | SttReconfigure | None = None, /, **options: Unpack[SttReconfigure]
    ) -> None:
        """``session.inject_stt_reconfigure(["de-DE", "fr-FR"])``

        Tell the recognizer, while it runs, which languages to expect. Needs jambonz 10.
        """
        self._inject("stt:reconfigure", options, language_hints_, start="inject_stt_reconfigure")

    # In a conference

    def inject_conference_mute(
        self, conf_mute_status_: Muting | ConferenceMute | None = None, /, **options: Unpack[ConferenceMute]
    ) -> None:
        """``session.inject_conference_mute("mute")``

        Silence all members of the conference but the moderators; ``unmute`` ends it.
        """
        self._inject("conf:mute-status", options, conf_mute_status_, start="inject_conference_mute")

    def inject_conference_hold(
        self, conf_hold_status_: Holding | ConferenceHold | None = None, /, **options: Unpack[ConferenceHold]
    ) -> None:
        """``session.inject_conference_hold("hold", wait_hook="/music")``

        Put this member of the conference on hold; ``unhold`` ends it.
        """
        self._inject("conf:hold-status", options, conf_hold_status_, start="inject_conference_hold")

    def inject_participant_action(
        self, action_: MemberAction | ParticipantAction | None = None, /, **options: Unpack[ParticipantAction]
    ) -> None:
        """``session.inject_participant_action("tag", tag="agents")``

        Do something with this member of the conference: ``tag``, ``untag``, ``coach``, ``uncoach``, ``hold``,
        ``unhold``, ``mute``, ``unmute`` or ``kick``.
        """
        self._inject("conf:participant-action", options, action_, start="inject_participant_action")

    def inject_room_say(
        self, text_: str | Sequence[str] | RoomSay | None = None, /, **options: Unpack[RoomSay]
    ) -> None:
        """``session.inject_room_say("Five minutes to go.")``

        Speak a text to the whole conference. Needs jambonz 10.
        """
        self._inject("room:say", options, text_, start="inject_room_say")

    def inject_room_play(self, url_: str | RoomPlay | None = None, /, **options: Unpack[RoomPlay]) -> None:
        """``session.inject_room_play("https://example.com/gong.mp3", replace=True)``

        Play audio to the whole conference. Needs jambonz 10.
        """
        self._inject("room:play", options, url_, start="inject_room_play")

    # Language models

    def update_agent(self, type_: AgentChange | AgentUpdate | None = None, /, **options: Unpack[AgentUpdate]) -> None:
        """``session.update_agent("inject_context", messages=[{"role": "user", "content": "I am a member."}])``

        Change what the verb ``agent`` does while it runs: ``update_instructions``, ``inject_context``,
        ``update_tools`` or ``generate_reply``. Needs jambonz 10.
        """
        self._inject("agent:update", options, type_, start="update_agent")
