"""A call by the PyPI package `websockets`."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.clients import ACK_TIMEOUT, SUBPROTOCOL, Report, templates

__all__ = ["hold_echo_conversation"]


def hold_echo_conversation(url: str, utterances: Sequence[str], *, timeout: float = 10.0) -> Report:
    """Hold one conversation with an application that repeats what it hears; report how it went.

    `timeout` is for the handshake and for the close; acks have jambonz's 5 s.
    """
    call_sid = str(uuid.uuid4())
    try:
        connection = connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            user_agent_header="jambonz",
            proxy=None,
            open_timeout=timeout,
            close_timeout=timeout,
            ping_interval=None,
            max_size=24_576,
        )
    except (OSError, WebSocketException) as exc:
        return Report(call_sid, ok=False, reason=f"cannot connect: {exc}")
    with connection:
        call = Call(connection, call_sid)
        reason = ""
        try:
            call.hold(utterances)
        except Failure as exc:
            reason = str(exc)
        except ConnectionClosed as exc:
            reason = f"closed too early: {exc}"
        connection.close(1000)
        reply = connection.protocol.close_rcvd
        code = 1006 if reply is None else int(reply.code)
        try:
            call.expect_silence()
        except Failure as exc:
            reason = reason or str(exc)
        if not reason and code != 1000:
            reason = f"the close 1000 was answered with {code}"
    response = connection.response
    return Report(
        call_sid,
        ok=not reason,
        reason=reason,
        extensions=response.headers.get("Sec-WebSocket-Extensions", "") if response else "",
        subprotocol=connection.subprotocol or "",
        close_code=code,
        ack_ms=call.ack_ms,
        commands=call.commands,
    )


class Failure(Exception):
    """The application did not keep to the conversation."""


class Call:
    """One call on an open connection."""

    def __init__(self, connection: ClientConnection, call_sid: str) -> None:
        self.connection = connection
        self.templates = templates()
        self.identities = {
            "call_sid": call_sid,
            "call_id": f"{secrets.token_hex(6)}@198.51.100.20",
            "sbc_callid": f"{secrets.token_hex(5)}@203.0.113.9",
        }
        self.acked: set[str] = set()
        self.ack_ms: list[float] = []
        self.commands: list[dict[str, Any]] = []

    def hold(self, utterances: Sequence[str]) -> None:
        """Play the call from `session:new` to `completed`; raise :exc:`Failure` at the first fault."""
        verbs = self.exchange(self.templates.new)
        gather = find_gather(verbs)
        if gather is None:
            raise Failure(f"the ack of session:new has no gather with an actionHook: {json.dumps(verbs)}")
        self.send(self.templates.trying)
        self.send(self.templates.in_progress)
        for utterance in utterances:
            verbs = self.exchange(speech(self.templates.hook, gather, utterance))
            if not any(verb["verb"] == "say" and utterance in spoken(verb) for verb in verbs):
                raise Failure(f"no say with {utterance!r} in the ack: {json.dumps(verbs)}")
            gather = find_gather(verbs) or gather
        self.send(self.templates.completed)

    def send(self, template: dict[str, Any]) -> str:
        """Send the template as a message of this call; return its msgid."""
        text = json.dumps(template)
        for key, old in self.templates.identities.items():
            text = text.replace(old, self.identities[key])
        message = {**json.loads(text), "msgid": secrets.token_hex(11)}
        self.connection.send(json.dumps(message))
        return str(message["msgid"])

    def exchange(self, template: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message that wants an ack; return the verbs of the ack."""
        sent_at = time.monotonic()
        msgid = self.send(template)
        while True:
            left = sent_at + ACK_TIMEOUT - time.monotonic()
            try:
                message = self.read(self.connection.recv(max(left, 0)))
            except TimeoutError:
                raise Failure(f"no ack of {template['type']} within {ACK_TIMEOUT:g} s") from None
            if message["type"] == "ack":
                self.settle(message, msgid)
                self.ack_ms.append(round((time.monotonic() - sent_at) * 1000, 3))
                data = message.get("data")
                return data if isinstance(data, list) else []
            self.commands.append(message)

    def read(self, data: str | bytes) -> dict[str, Any]:
        if isinstance(data, bytes):
            raise Failure("the application sent a binary message")
        try:
            message: dict[str, Any] = json.loads(data)
        except ValueError:
            raise Failure(f"the application sent what is not JSON: {data[:200]}") from None
        return message

    def settle(self, message: dict[str, Any], msgid: str | None) -> None:
        acked = message["msgid"]
        if acked in self.acked:
            raise Failure(f"acked twice: {json.dumps(message)[:300]}")
        if acked != msgid:
            raise Failure(f"unwanted ack: {json.dumps(message)[:300]}")
        self.acked.add(acked)

    def expect_silence(self) -> None:
        """Take what is left to be read of the closed connection; raise :exc:`Failure` if an ack is among it."""
        while True:
            try:
                message = self.read(self.connection.recv(timeout=0))
            except (ConnectionClosed, TimeoutError):
                return
            if message["type"] == "ack":
                self.settle(message, None)
            self.commands.append(message)


def speech(template: dict[str, Any], gather: dict[str, Any], utterance: str) -> dict[str, Any]:
    """Return the action hook of the gather, with the utterance as what was heard."""
    alternatives = [{"transcript": utterance, "confidence": 0.93}]
    recognized = {**template["data"]["speech"], "alternatives": alternatives}
    recognized["vendor"] = {
        "name": "google",
        "evt": {"is_final": True, "stability": 0, "alternatives": alternatives},
    }
    data = {**template["data"], "speech": recognized, "reason": "speechDetected"}
    if "id" in gather:
        data["verb_id"] = gather["id"]
    return {**template, "hook": hook_name(gather), "data": data}


def hook_name(gather: dict[str, Any]) -> str | None:
    hook = gather.get("actionHook")
    return hook.get("url") if isinstance(hook, dict) else hook


def find_gather(verbs: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first gather that names an action hook."""
    return next((verb for verb in verbs if verb["verb"] == "gather" and hook_name(verb)), None)


def spoken(say: dict[str, Any]) -> str:
    text = say.get("text") or ""
    return " ".join(text) if isinstance(text, list) else str(text)
