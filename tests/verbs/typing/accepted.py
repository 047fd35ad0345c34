"""What a type checker must accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import Self, assert_type

from jambonz_sync.verbs.methods import VerbMethods


class Session(VerbMethods):
    """As much of a session as these lines need."""

    def _queue_verb(
        self, name: str, options: Mapping[str, Any], positional: object = None, *, allow_unknown: bool = False
    ) -> Self:
        return self


session = Session()

assert_type(session.gather(num_digits=1), Session)
session.say("Hello.").pause(1).play(["a.mp3", "b.mp3"]).hangup(headers={"X-Reason": "done", "X-Count": 3})
session.say({"text": "Hello.", "synthesizer": {"vendor": "google", "voice": {"custom": "mine"}}})
session.say(["Hello.", "World."], loop="forever")
session.say(stream=True)
session.play(url="a.mp3", action_hook={"url": "/played", "method": "POST"})
session.pause(length=0.5)
session.gather(
    input=["speech", "digits"],
    action_hook="/choice",
    say={"text": "Sales or support?"},
    recognizer={
        "vendor": "deepgram",
        "hints": ["sales", {"phrase": "support", "boost": 2}],
        "deepgram_options": {"endpointing": False},
    },
)
session.gather(say="Sales or support?").gather(play="menu.mp3")
session.dial([{"type": "phone", "number": "+15551234"}], amd={"action_hook": "/amd"}, dtmf_capture=["*2"])
session.dial(target=[{"type": "sip", "sip_uri": "sip:a@b.c", "from_": {"user": "me"}}], forward_pai=False)
session.dial({"target": [{"type": "user", "name": "joe@example.com"}], "action_hook": "/dialled"})
session.config(barge_in={"enable": True, "input": ["speech"], "action_hook": "/barge"}, notify_events=True)
session.redirect("/menu").tag({"customer": 7}).tag(data={"customer": 7}).tag({"data": {"customer": 7}})
session.sip_decline(486, reason="Busy Here")
session.verb("newverb", {"any": "thing"}, more=1)
session.answer().answer({"id": "first"})
session.agent(llm={"model": "gpt-4o", "llm_options": {"messages": [{"role": "user", "content": "Hi."}]}})
session.agent(turn_detection={"mode": "krisp"}, tool_filler=False, language_config={"de-DE": {"tts": {"vendor": "x"}}})
session.transfer([{"type": "phone", "number": "1"}], mode="warm", brief={"text": "A caller."})
session.openai_s2s(llm_options={"response_create": {}}).llm(vendor="google", llm_options={}, handoff={"mode": "blind"})
session.stream("/audio", mix_type="stereo").room("weekly", beep=True)
session.dialogflow(credentials={"private_key": "k"}, project="p", lang="en-US", model="cx", agent="a")
session.lex(bot_id="b", bot_alias="a", region="r", credentials={}, intent={"name": "Order"}).rasa("https://example.com")
