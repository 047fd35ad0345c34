"""Every command as jambonz reads it: how it is called, and the data of the message that must come of it.

Written by hand: nothing here is computed by what is tested.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["LEGS", "NONE", "SHAPES", "Shape"]

#: The message has no data at all.
NONE = object()

TARGET = {"type": "phone", "number": "+15550101"}

#: The commands that may be for the other leg.
LEGS = {"boostAudioSignal", "dtmf", "dub", "mute:status", "sip:request", "whisper"}


class Shape(NamedTuple):
    """A command, a call of its method, what may be given by name instead, and the data that jambonz is sent."""

    command: str
    method: Callable[[Any], None] | None
    given: tuple[Any, ...]
    data: Any


SHAPES = [
    # The call
    Shape(
        "redirect",
        lambda s, **leg: s.inject_redirect("/menu", **leg),
        ("/menu", {"call_hook": "/menu"}),
        {"call_hook": "/menu"},
    ),
    Shape(
        "redirect",
        lambda s, **leg: s.inject_redirect(call_hook="/menu", child_call_hook="/other", **leg),
        ({"call_hook": "/menu", "child_call_hook": "/other"},),
        {"call_hook": "/menu", "child_call_hook": "/other"},
    ),
    Shape(
        "call:status",
        lambda s, **leg: s.inject_call_status("completed", **leg),
        ("completed", {"call_status": "completed"}),
        {"call_status": "completed"},
    ),
    Shape(
        "call:status",
        lambda s, **leg: s.inject_call_status(call_status="no-answer", **leg),
        ("no-answer", {"call_status": "no-answer"}),
        {"call_status": "no-answer"},
    ),
    Shape(
        "config",
        lambda s, **leg: s.inject_config(barge_in={"enable": True, "action_hook": "/barge"}, **leg),
        (
            {"bargeIn": {"enable": True, "actionHook": "/barge"}},
            {"barge_in": {"enable": True, "action_hook": "/barge"}},
        ),
        {"bargeIn": {"enable": True, "actionHook": "/barge"}},
    ),
    Shape("config", lambda s, **leg: s.inject_config(**leg), (None, {}), {}),
    Shape(
        "dial",
        lambda s, **leg: s.inject_dial(
            from_="+15550100",
            to=TARGET,
            call_hook="/callee",
            call_status_hook={"url": "/status", "method": "POST"},
            tag={"orderNo": 4711},
            timeout=20,
            time_limit=600,
            headers={"X-Reason": "callback"},
            caller_name="Nova",
            from_host="sip.example.com",
            amd={"action_hook": "/amd"},
            refer_hook="/refer",
            sip_request_within_dialog_hook="/info",
            dual_streams=True,
            speech_synthesis_vendor="google",
            speech_synthesis_language="en-GB",
            speech_synthesis_voice="en-GB-Standard-A",
            speech_recognizer_vendor="deepgram",
            speech_recognizer_language="en-GB",
            **leg,
        ),
        (),
        {
            "from": "+15550100",
            "to": TARGET,
            "call_hook": "/callee",
            "call_status_hook": {"url": "/status", "method": "POST"},
            "tag": {"orderNo": 4711},
            "timeout": 20,
            "timeLimit": 600,
            "headers": {"X-Reason": "callback"},
            "callerName": "Nova",
            "fromHost": "sip.example.com",
            "amd": {"actionHook": "/amd"},
            "referHook": "/refer",
            "sipRequestWithinDialogHook": "/info",
            "dual_streams": True,
            "speech_synthesis_vendor": "google",
            "speech_synthesis_language": "en-GB",
            "speech_synthesis_voice": "en-GB-Standard-A",
            "speech_recognizer_vendor": "deepgram",
            "speech_recognizer_language": "en-GB",
        },
    ),
    Shape(
        "dial",
        lambda s, **leg: s.inject_dial({"from": "1", "to": TARGET, "application_sid": "app-1"}, **leg),
        ({"from": "1", "to": TARGET, "application_sid": "app-1"},),
        {"from": "1", "to": TARGET, "application_sid": "app-1"},
    ),
    # The parties
    Shape(
        "mute:status",
        lambda s, **leg: s.inject_mute("mute", **leg),
        ("mute", {"mute_status": "mute"}),
        {"mute_status": "mute"},
    ),
    Shape(
        "mute:status",
        lambda s, **leg: s.inject_mute(mute_status="unmute", **leg),
        ("unmute", {"mute_status": "unmute"}),
        {"mute_status": "unmute"},
    ),
    Shape(
        "whisper",
        lambda s, **leg: s.inject_whisper("This call is recorded.", **leg),
        (
            "This call is recorded.",
            {"verb": "say", "text": "This call is recorded."},
            [{"verb": "say", "text": "This call is recorded."}],
            {"whisper": "This call is recorded."},
            {"whisper": {"verb": "say", "text": "This call is recorded."}},
            {"whisper": [{"verb": "say", "text": "This call is recorded."}]},
        ),
        {"whisper": [{"verb": "say", "text": "This call is recorded."}]},
    ),
    Shape(
        "whisper",
        lambda s, **leg: s.inject_whisper(
            [
                {"verb": "play", "url": "https://example.com/gong.mp3"},
                {"verb": "say", "text": "Hi.", "early_media": True},
            ],
            **leg,
        ),
        (
            [
                {"verb": "play", "url": "https://example.com/gong.mp3"},
                {"verb": "say", "text": "Hi.", "earlyMedia": True},
            ],
        ),
        {
            "whisper": [
                {"verb": "play", "url": "https://example.com/gong.mp3"},
                {"verb": "say", "text": "Hi.", "earlyMedia": True},
            ]
        },
    ),
    Shape(
        "sip:request",
        lambda s, **leg: s.inject_sip_request(
            "INFO", content_type="text/plain", content="hi", headers={"X-A": "1"}, **leg
        ),
        (
            {"sip_request": {"method": "INFO", "content_type": "text/plain", "content": "hi", "headers": {"X-A": "1"}}},
            {"method": "INFO", "content_type": "text/plain", "content": "hi", "headers": {"X-A": "1"}},
        ),
        {"sip_request": {"method": "INFO", "content_type": "text/plain", "content": "hi", "headers": {"X-A": "1"}}},
    ),
    Shape(
        "sip:request",
        lambda s, **leg: s.inject_sip_request("OPTIONS", **leg),
        ("OPTIONS", {"sip_request": "OPTIONS"}),
        {"sip_request": {"method": "OPTIONS"}},
    ),
    Shape(
        "dtmf",
        lambda s, **leg: s.inject_dtmf("5", **leg),
        ("5", {"digit": "5"}, {"dtmf": "5"}, {"dtmf": {"digit": "5"}}),
        {"dtmf": {"digit": "5"}},
    ),
    Shape(
        "dtmf",
        lambda s, **leg: s.inject_dtmf("#", duration=100, **leg),
        ({"digit": "#", "duration": 100}, {"dtmf": {"digit": "#", "duration": 100}}),
        {"dtmf": {"digit": "#", "duration": 100}},
    ),
    Shape(
        "dub",
        lambda s, **leg: s.inject_dub(action="sayOnTrack", track="music", say={"text": "Hi."}, gain="-6 dB", **leg),
        ({"action": "sayOnTrack", "track": "music", "say": {"text": "Hi."}, "gain": "-6 dB"},),
        {"action": "sayOnTrack", "track": "music", "say": {"text": "Hi."}, "gain": "-6 dB"},
    ),
    Shape("boostAudioSignal", lambda s, **leg: s.inject_boost(6, **leg), (6, {"gain": 6}), 6),
    Shape("boostAudioSignal", lambda s, **leg: s.inject_boost("+6 dB", **leg), ("+6 dB", {"gain": "+6 dB"}), "+6 dB"),
    Shape("boostAudioSignal", lambda s, **leg: s.inject_boost(0, **leg), (0, 0.0, "0", {"gain": 0}), "0 dB"),
    # What runs beside the verbs
    Shape(
        "record",
        lambda s, **leg: s.inject_record(
            "startCallRecording",
            type="siprec",
            recording_id="rec-1",
            siprec_server_url=["sip:a@example.com", "sip:b@example.com"],
            headers={"X-Case": "4711"},
            silence=True,
            **leg,
        ),
        (
            {
                "action": "startCallRecording",
                "type": "siprec",
                "recordingID": "rec-1",
                "siprecServerURL": ["sip:a@example.com", "sip:b@example.com"],
                "headers": {"X-Case": "4711"},
                "silence": True,
            },
        ),
        {
            "action": "startCallRecording",
            "type": "siprec",
            "recordingID": "rec-1",
            "siprecServerURL": ["sip:a@example.com", "sip:b@example.com"],
            "headers": {"X-Case": "4711"},
            "silence": True,
        },
    ),
    Shape(
        "record",
        lambda s, **leg: s.inject_record(action="stopCallRecording", type="cloud", **leg),
        ({"action": "stopCallRecording", "type": "cloud"},),
        {"action": "stopCallRecording", "type": "cloud"},
    ),
    Shape(
        "record",
        lambda s, **leg: s.inject_record("pauseCallRecording", **leg),
        ("pauseCallRecording",),
        {"action": "pauseCallRecording"},
    ),
    Shape(
        "record",
        lambda s, **leg: s.inject_record("resumeCallRecording", **leg),
        ("resumeCallRecording",),
        {"action": "resumeCallRecording"},
    ),
    Shape(
        "listen:status",
        lambda s, **leg: s.inject_listen_status("pause", **leg),
        ("pause", {"listen_status": "pause"}),
        {"listen_status": "pause"},
    ),
    Shape(
        "listen:status",
        lambda s, **leg: s.inject_listen_status(listen_status="resume", **leg),
        ("resume",),
        {"listen_status": "resume"},
    ),
    Shape(
        "stream:status",
        lambda s, **leg: s.inject_stream_status("pause", **leg),
        ("pause", {"stream_status": "pause"}),
        {"stream_status": "pause"},
    ),
    Shape(
        "stream:status",
        lambda s, **leg: s.inject_stream_status("resume", **leg),
        ("resume",),
        {"stream_status": "resume"},
    ),
    Shape(
        "transcribe:status",
        lambda s, **leg: s.inject_transcribe_status("pause", **leg),
        ("pause", {"transcribe_status": "pause"}),
        {"transcribe_status": "pause"},
    ),
    Shape(
        "transcribe:status",
        lambda s, **leg: s.inject_transcribe_status("resume", **leg),
        ("resume",),
        {"transcribe_status": "resume"},
    ),
    Shape("media:path", lambda s, **leg: s.inject_media_path("no-media", **leg), ("no-media",), "no-media"),
    Shape(
        "media:path",
        lambda s, **leg: s.inject_media_path(media_path="partial-media", **leg),
        ("partial-media", {"media_path": "partial-media"}),
        "partial-media",
    ),
    Shape("media:path", lambda s, **leg: s.inject_media_path("full-media", **leg), ("full-media",), "full-media"),
    Shape(
        "noiseIsolation:status",
        lambda s, **leg: s.inject_noise_isolation("enable", vendor="krisp", level=80, model="x", **leg),
        ({"noise_isolation_status": "enable", "vendor": "krisp", "level": 80, "model": "x"},),
        {"noise_isolation_status": "enable", "vendor": "krisp", "level": 80, "model": "x"},
    ),
    Shape(
        "noiseIsolation:status",
        lambda s, **leg: s.inject_noise_isolation("disable", **leg),
        ("disable",),
        {"noise_isolation_status": "disable"},
    ),
    Shape(
        "stt:reconfigure",
        lambda s, **leg: s.inject_stt_reconfigure(["de-DE", "fr-FR"], **leg),
        (["de-DE", "fr-FR"], {"languageHints": ["de-DE", "fr-FR"]}, {"language_hints": ("de-DE", "fr-FR")}),
        {"languageHints": ["de-DE", "fr-FR"]},
    ),
    Shape("stt:reconfigure", lambda s, **leg: s.inject_stt_reconfigure([], **leg), ([],), {"languageHints": []}),
    # In a conference
    Shape(
        "conf:mute-status",
        lambda s, **leg: s.inject_conference_mute("mute", **leg),
        ("mute", {"conf_mute_status": "mute"}),
        {"conf_mute_status": "mute"},
    ),
    Shape(
        "conf:mute-status",
        lambda s, **leg: s.inject_conference_mute("unmute", **leg),
        ("unmute",),
        {"conf_mute_status": "unmute"},
    ),
    Shape(
        "conf:hold-status",
        lambda s, **leg: s.inject_conference_hold("hold", wait_hook="/music", **leg),
        ({"conf_hold_status": "hold", "wait_hook": "/music"},),
        {"conf_hold_status": "hold", "wait_hook": "/music"},
    ),
    Shape(
        "conf:hold-status",
        lambda s, **leg: s.inject_conference_hold("unhold", **leg),
        ("unhold",),
        {"conf_hold_status": "unhold"},
    ),
    *(
        Shape(
            "conf:participant-action",
            lambda s, action=action, **leg: s.inject_participant_action(action, **leg),
            (action, {"action": action}),
            {"action": action},
        )
        for action in ("untag", "coach", "uncoach", "hold", "unhold", "mute", "unmute", "kick")
    ),
    Shape(
        "conf:participant-action",
        lambda s, **leg: s.inject_participant_action("tag", tag="agents", **leg),
        ({"action": "tag", "tag": "agents"},),
        {"action": "tag", "tag": "agents"},
    ),
    Shape(
        "conf:participant-action",
        lambda s, **leg: s.inject_participant_action(action="hold", wait_hook="/music", **leg),
        ({"action": "hold", "wait_hook": "/music"},),
        {"action": "hold", "wait_hook": "/music"},
    ),
    Shape(
        "room:say",
        lambda s, **leg: s.inject_room_say(
            "Five minutes.", synthesizer={"vendor": "google"}, loop=2, stream=True, id="s1", replace=True, **leg
        ),
        (
            {
                "text": "Five minutes.",
                "synthesizer": {"vendor": "google"},
                "loop": 2,
                "stream": True,
                "id": "s1",
                "replace": True,
            },
        ),
        {
            "text": "Five minutes.",
            "synthesizer": {"vendor": "google"},
            "loop": 2,
            "stream": True,
            "id": "s1",
            "replace": True,
        },
    ),
    Shape(
        "room:say",
        lambda s, **leg: s.inject_room_say(["One.", "Two."], **leg),
        (["One.", "Two."],),
        {"text": ["One.", "Two."]},
    ),
    Shape(
        "room:play",
        lambda s, **leg: s.inject_room_play("https://example.com/gong.mp3", id="p1", replace=True, **leg),
        ({"url": "https://example.com/gong.mp3", "id": "p1", "replace": True},),
        {"url": "https://example.com/gong.mp3", "id": "p1", "replace": True},
    ),
    # Language models
    Shape(
        "agent:update",
        lambda s, **leg: s.update_agent("update_instructions", instructions="Speak French.", **leg),
        ({"type": "update_instructions", "instructions": "Speak French."},),
        {"type": "update_instructions", "instructions": "Speak French."},
    ),
    Shape(
        "agent:update",
        lambda s, **leg: s.update_agent(
            {"type": "inject_context", "messages": [{"role": "user", "content": "I pay."}]}, **leg
        ),
        ({"type": "inject_context", "messages": [{"role": "user", "content": "I pay."}]},),
        {"type": "inject_context", "messages": [{"role": "user", "content": "I pay."}]},
    ),
    Shape(
        "agent:update",
        lambda s, **leg: s.update_agent(
            type="update_tools", tools=[{"name": "bye", "parameters": {"snake_case": 1}}], **leg
        ),
        ({"type": "update_tools", "tools": [{"name": "bye", "parameters": {"snake_case": 1}}]},),
        {"type": "update_tools", "tools": [{"name": "bye", "parameters": {"snake_case": 1}}]},
    ),
    Shape(
        "agent:update",
        lambda s, **leg: s.update_agent(
            "generate_reply", user_input="4711", instructions="Briefly.", interrupt=True, **leg
        ),
        ({"type": "generate_reply", "user_input": "4711", "instructions": "Briefly.", "interrupt": True},),
        {"type": "generate_reply", "user_input": "4711", "instructions": "Briefly.", "interrupt": True},
    ),
    Shape(
        "agent:update",
        lambda s, **leg: s.update_agent("generate_reply", **leg),
        ("generate_reply",),
        {"type": "generate_reply"},
    ),
    Shape(
        "llm:update",
        None,
        ({"type": "session.update", "session": {"some_key": None}},),
        {"type": "session.update", "session": {"some_key": None}},
    ),
    # Streaming speech
    Shape("tts:tokens", None, ({"id": 1, "tokens": "Hello. "},), {"id": 1, "tokens": "Hello. "}),
    Shape("tts:tokens", None, ({"id": "a", "tokens": ""},), {"id": "a", "tokens": ""}),
    Shape("tts:flush", None, (None, {}), NONE),
    Shape("tts:clear", None, (None, {}), NONE),
]
