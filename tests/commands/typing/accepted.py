"""What a type checker must accept."""

from __future__ import annotations

from typing_extensions import assert_type

from jambonz_sync import Event, Service, Session


def the_call(session: Session) -> None:
    assert_type(session.inject_call_status("completed"), None)
    session.inject_call_status(call_status="no-answer")
    session.inject_redirect("/menu")
    session.inject_redirect(call_hook="/menu", child_call_hook="/other")
    session.inject_config(barge_in={"enable": True, "input": ["speech"], "action_hook": "/barge"})
    session.inject_config({"notify_events": True})
    session.inject_dial(from_="1", to={"type": "phone", "number": "2"}, call_hook="/x", tag={"order": 4711}, timeout=20)
    session.inject_dial(
        from_="1", to={"type": "sip", "sip_uri": "sip:a@b"}, application_sid="a", amd={"action_hook": "/"}
    )
    session.inject_tag({"customer": {"id": 7}})


def the_parties(session: Session, evt: Event) -> None:
    session.inject_mute("mute", call_sid=evt.dial_call_sid)
    session.inject_mute(mute_status="unmute")
    session.inject_mute({"mute_status": "mute"}, call_sid=None)
    session.inject_whisper("Hi.", call_sid="leg")
    session.inject_whisper({"verb": "say", "text": "Hi."})
    session.inject_whisper([{"verb": "play", "url": "a.mp3"}, {"verb": "say", "text": "Hi."}])
    session.inject_whisper(whisper=[{"verb": "say", "text": "Hi."}])
    session.inject_dtmf("12#", duration=100, call_sid="leg")
    session.inject_dtmf({"digit": "1"})
    session.inject_sip_request("INFO", content_type="text/plain", content="Hi.", headers={"X-A": "1", "X-B": 2})
    session.inject_dub(action="addTrack", track="a", gain=-6, call_sid="leg")
    session.inject_boost(6)
    session.inject_boost("-6 dB", call_sid="leg")
    session.inject_boost(gain=1.5)


def what_runs_beside(session: Session) -> None:
    session.inject_record("startCallRecording", siprec_server_url=["sip:a", "sip:b"], recording_id="x", silence=False)
    session.inject_record({"action": "stopCallRecording"})
    session.inject_listen_status("pause")
    session.inject_stream_status("resume")
    session.inject_transcribe_status(transcribe_status="pause")
    session.inject_media_path("no-media")
    session.inject_noise_isolation("enable", level=80)
    session.inject_stt_reconfigure(["de-DE"])
    session.inject_stt_reconfigure(language_hints=())


def in_a_conference(session: Session) -> None:
    session.inject_conference_mute("mute")
    session.inject_conference_hold("hold", wait_hook="/music")
    session.inject_participant_action("tag", tag="agents")
    session.inject_participant_action({"action": "kick"})
    session.inject_room_say("Hi.", synthesizer={"vendor": "google"}, loop=2)
    session.inject_room_say(["One.", "Two."])
    session.inject_room_play("a.mp3", replace=True)


def by_name(session: Session) -> None:
    assert_type(session.inject_command("mute:status", "mute", "leg"), None)
    session.inject_command("redirect", [{"verb": "hangup"}], checked=False)
    session.send_command("tts:flush")


def models(session: Session, evt: Event) -> None:
    assert_type(session.send_tool_output(evt, {"temperature": 21}), None)
    session.send_tool_output(evt.tool_call_id, 21)
    session.send_tool_output("id", error=ValueError("no such city"))
    session.send_tool_output(evt, error="no such city")
    session.update_llm({"type": "session.update"})
    session.update_agent("generate_reply", user_input="4711", interrupt=True)
    session.update_agent(type="update_tools", tools=[{"name": "bye"}])


def tools(session: Session, service: Service) -> None:
    @session.tool
    def get_weather(city: str, session: Session) -> dict[str, int]:
        return {"temperature": len(city)}

    @session.tool("look_up")
    def look_up(order_id: int) -> str:
        return str(order_id)

    @service.tool
    def plain() -> None:
        return None

    @service.tool("named")
    def named(*, city: str = "Ghent") -> float:
        return 21.5

    assert_type(get_weather("Ghent", session), dict[str, int])
    assert_type(look_up(order_id=7), str)
    assert_type(named(city="Ghent"), float)
    assert_type(session.tool("called", look_up)(7), str)
    plain()
