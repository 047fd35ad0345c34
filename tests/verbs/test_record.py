from __future__ import annotations

from jambonz_sync.verbs.build import build


def test_names_with_capitals() -> None:
    """The wire's spelling is no plain camelCase there."""
    record = {"action": "startCallRecording", "recording_id": "x", "siprec_server_url": ["sip:a", "sip:b"]}
    assert build("config", {"record": record}).options["record"] == {
        "action": "startCallRecording",
        "recordingID": "x",
        "siprecServerURL": ["sip:a", "sip:b"],
    }
