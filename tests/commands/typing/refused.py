"""What a type checker must refuse: every line that ends in a comment with the words it must use for it."""

from __future__ import annotations

from jambonz_sync import Event, Service, Session


def the_call(session: Session) -> None:
    session.inject_call_status("busy")  # inject_call_status
    session.inject_call_status(call_status="complete")  # 'complete'
    session.inject_redirect(child_call="/other")  # "child_call"
    session.inject_redirect({"url": "/menu"})  # inject_redirect
    session.inject_config(bargein={"enable": True})  # "bargein"
    session.inject_dial(to={"type": "fone"})  # 'fone'
    session.inject_dial(callHook="/x")  # "callHook"
    session.inject_tag("gold")  # inject_tag


def the_parties(session: Session) -> None:
    session.inject_mute("muted")  # inject_mute
    session.inject_mute(True)  # inject_mute
    session.inject_mute("mute", leg="leg-1")  # "leg"
    session.inject_whisper(7)  # inject_whisper
    session.inject_dtmf(5)  # inject_dtmf
    session.inject_dtmf("5", duration="100")  # "duration"
    session.inject_sip_request("INFO", body="Hi.")  # "body"
    session.inject_dub(action="addTrak", track="a")  # 'addTrak'
    session.inject_boost(["6"])  # inject_boost


def what_runs_beside(session: Session) -> None:
    session.inject_record("start")  # inject_record
    session.inject_record("stopCallRecording", call_sid="leg-1")  # "call_sid"
    session.inject_listen_status("stop")  # inject_listen_status
    session.inject_media_path(media_path="half-media")  # 'half-media'
    session.inject_noise_isolation(True)  # inject_noise_isolation
    session.inject_stt_reconfigure(languages=["de-DE"])  # "languages"


def in_a_conference(session: Session) -> None:
    session.inject_conference_mute("off")  # inject_conference_mute
    session.inject_conference_hold("hold", wait_hook={"url": "/x"})  # "wait_hook"
    session.inject_participant_action("remove")  # inject_participant_action
    session.inject_room_say(text=7)  # "text"
    session.inject_room_play(file="a.mp3")  # "file"


def by_name(session: Session) -> None:
    session.inject_command()  # "command"
    session.send_command("tts:flush", unchecked=True)  # "unchecked"


def models(session: Session, evt: Event) -> None:
    session.send_tool_output(7, "blue")  # send_tool_output
    session.send_tool_output(evt, error=7)  # "error"
    session.update_llm("session.update")  # update_llm
    session.update_agent("update_instruction")  # update_agent
    session.update_agent("generate_reply", prompt="Hi.")  # "prompt"


def tools(session: Session, service: Service) -> None:
    @session.tool
    def get_weather(city: str) -> int:
        return len(city)

    get_weather(7)  # get_weather
    session.tool(7)  # overload
    service.tool("look_up", 7)  # overload
