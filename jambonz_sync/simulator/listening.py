"""``listen``: a websocket of its own that carries what is heard, as a verb, in the background, or within a ``dial``.

::

    listen(run, Verb("listen", {"url": "/audio", "actionHook": "/listened", "maxLength": 30}))
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .audio_socket import AudioSocket
from .facts import Leg
from .hearing import Ear
from .readable import pauses
from .timers import Timer
from .transcribing import Transcribing
from .verb import Verb, number
from .whispering import whisper
from .wire import CannotConnect, Connection

if TYPE_CHECKING:
    from .commanding import CommandDoer
    from .execution import Execution
    from .runner import Runner

__all__ = ["Listening", "listen"]

#: In bytes. jambonz cuts what is longer, and it no longer parses.
_LARGEST_METADATA = 8191

_BEEP_SECONDS = 0.5

#: How long a key sounds, in the ticks of an 8 kHz clock.
_KEY_TICKS = "1600"


def listen(run: Runner, verb: Verb) -> None:
    """Execute it, until somebody ends it, and send the action hook, also when it is killed."""
    run.answer()
    if verb.options.get("playBeep") is True:
        run.lets_hear("(a beep)")
        run.pass_time(_BEEP_SECONDS)
    listening = Listening(run.execution, verb.options, run.leg)
    listening.open()
    try:
        with run.execution.doing({**listening.commands, "whisper": functools.partial(whisper, run)}):
            run.execution.wait(stop=lambda: run.killed or listening.is_over)
    finally:
        listening.close()
    run.ask(verb, "actionHook", listening.results)


class Listening(Ear):
    """One audio connection, from the handshake to its close.

    * ``options``: those of the ``listen``
    * ``leg``: whose facts are told
    * ``nested``: whether it is part of a ``dial``, which tells the facts in their raw form
    * ``over``: is told when it has ended, but not when it is closed
    """

    def __init__(
        self,
        execution: Execution,
        options: Mapping[str, Any],
        leg: Leg,
        *,
        nested: bool = False,
        over: Callable[[Listening], None] = lambda listening: None,
    ) -> None:
        self.options = options
        self.is_over = False
        self.is_paused = False
        self.connection: Connection | None = None
        self._execution = execution
        self._leg = leg
        self._nested = nested
        self._over = over
        self._digits: str | None = None
        self._opened_at = 0.0
        self._seconds: int | None = None
        self._limit: Timer | None = None
        self._transcribing: Transcribing | None = None
        self._socket: AudioSocket | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the caller hears something that the application has sent."""
        return self._socket is not None and self._socket.is_heard

    @property
    def results(self) -> dict[str, Any]:
        """What the action hook tells."""
        results: dict[str, Any] = {}
        if self._digits is not None:
            results["digits"] = self._digits
        if self._seconds is not None:
            results["dial_call_duration"] = self._seconds
        return results

    @property
    def commands(self) -> Mapping[str, CommandDoer]:
        """What the application may command while it runs."""
        return {"listen:status": self._change_status, "stream:status": self._change_status}

    def _change_status(self, message: dict[str, Any]) -> bool:
        paused = pauses(message)
        if paused is None:
            return False
        self.is_paused = paused
        self._execution.transcript.add("call", f"listening is {'paused' if self.is_paused else 'resumed'}")
        return True

    # The connection

    def open(self) -> None:
        """Connect, and tell the facts; a connection that fails is over at once."""
        address = self._address()
        try:
            self.connection = self._execution.connect_audio(address)
        except (CannotConnect, ValueError) as error:
            self._execution.transcript.add("note", f"listen: {error}")
            self._fail()
            return
        self._execution.transcript.add("call", f"listens at {self.options.get('url')}")
        self._opened_at = self._execution.clock.now()
        self.connection.send(self._metadata())
        self._execution.background.add_listening(self)
        self._socket = AudioSocket(self._execution, self.options, self.connection, is_paused=lambda: self.is_paused)
        self._socket.begin(self._opened_at)
        length = number(self.options, "maxLength", 0)
        if length > 0:
            self._limit = self._execution.timers.at(self._opened_at + length, self.end)
        transcribe = self.options.get("transcribe")
        if isinstance(transcribe, dict):
            self._transcribing = Transcribing(self._execution, transcribe, self._leg, nested=self._nested)
            self._transcribing.begin()

    def _address(self) -> str:
        """Return the address to connect to, with the credentials in it."""
        url = str(self.options.get("url", ""))
        auth = self.options.get("wsAuth")
        credentials = None
        if isinstance(auth, dict) and auth.get("username") and auth.get("password"):
            credentials = f"{quote(str(auth['username']), safe='')}:{quote(str(auth['password']), safe='')}"
        if url.startswith("/"):
            control = urlsplit(self._execution.url)
            user, _, host = control.netloc.rpartition("@")
            # The credentials of the control connection come before those of the verb.
            credentials = user or credentials
            url = f"{control.scheme}://{host}{url}"
        background = self._execution.background
        # Once set, they stay with the call's audio.
        background.audio_credentials = credentials or background.audio_credentials
        if background.audio_credentials is None:
            return url
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{background.audio_credentials}@{rest.rpartition('@')[2]}"

    def _metadata(self) -> str:
        facts = self._leg.raw() if self._nested else self._leg.normal()
        if facts.pop("customerdata", None) is not None:
            facts["_customerData"] = self._leg.customer_data
        metadata = self.options.get("metadata")
        text = json.dumps(
            {
                "sampleRate": int(number(self.options, "sampleRate", 8000)),
                "mixType": self.options.get("mixType", "mono"),
                **{_camel(key): value for key, value in facts.items()},
                **(metadata if isinstance(metadata, dict) else {}),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        data = text.encode()
        if len(data) > _LARGEST_METADATA:
            why = f"the metadata has {len(data)} bytes, of which {_LARGEST_METADATA} are sent, and they do not parse"
            self._execution.transcript.add("fault", f"listen: {why}")
        return data[:_LARGEST_METADATA].decode(errors="ignore")

    def read(self) -> None:
        """Take in what the application has sent, if anything."""
        if self.connection is None or not self.connection.wait(0):
            return
        connection = self.connection
        for message in connection.read():
            if self._socket is None or self.is_over:
                break
            if isinstance(message, str):
                self._take(message, self._socket)
            else:
                self._socket.take_audio(message)
        if connection.closed is not None:
            self.end()

    def _take(self, text: str, socket: AudioSocket) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "disconnect":
            self.end()
        elif kind == "error":
            self._execution.transcript.add("fault", f"listen: the application reports an error: {text}")
            self._fail()
        elif not isinstance(message, dict) or not socket.take(message):
            self._execution.transcript.add("fault", f"listen: nobody understands {text[:200]}")

    def _fail(self) -> None:
        """It is over, and nobody learns how long it has lasted."""
        self._finish()
        self._over(self)

    def end(self) -> None:
        """End it; nothing happens if it is over."""
        if not self.is_over:
            self.close()
            self._over(self)

    def close(self) -> None:
        """Close the connection, and tell nobody that it is over; nothing happens if it is."""
        if not self.is_over:
            self._seconds = int(self._execution.clock.now() - self._opened_at)
            self._finish()

    def _finish(self) -> None:
        self.is_over = True
        if self.connection is None:
            return
        self._execution.background.remove_listening(self)
        if self._limit is not None:
            self._limit.cancel()
        if self._transcribing is not None:
            self._transcribing.end()
        if self._socket is not None:
            self._socket.end()
        self.connection.close(1000)
        self.connection = None

    # Keys

    def notice(self, key: str, at: float, channel: int) -> None:
        if channel != 1 or self.is_over:
            return
        if self.options.get("passDtmf") is True and self.connection is not None:
            event = {"event": "dtmf", "dtmf": key, "duration": _KEY_TICKS}
            self.connection.send(json.dumps(event, separators=(",", ":")))
        if key == self.options.get("finishOnKey"):
            self._digits = key
            self.end()


def _camel(key: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), key)
