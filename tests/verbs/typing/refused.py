"""What a type checker must refuse: every line that ends in a comment with the words it must use for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import Self

from jambonz_sync.verbs.methods import VerbMethods


class Session(VerbMethods):
    """As much of a session as these lines need."""

    def _queue_verb(
        self, name: str, options: Mapping[str, Any], positional: object = None, *, allow_unknown: bool = False
    ) -> Self:
        return self


session = Session()

session.gather(num_digit=1)  # "num_digit"
session.gather(numDigits=1)  # "numDigits"
session.gather(num_digits="one")  # "num_digits"
session.gather(input=["voice"])  # Literal
session.gather(say={"txt": "Hello."})  # SayOptions
session.say("Hello.", synthesizer={"vendor": "google", "voise": "x"})  # "voise"
session.gather({"num_digit": 1})  # gather
session.say(7)  # say
session.dial([{"number": "+15551234"}])  # "type"
session.dial([{"type": "fone"}])  # 'fone'
session.config(barge_in={"sticky": True})  # "enable"
session.redirect({"url": "/menu"})  # redirect
session.sip_decline("busy")  # sip_decline
session.transcribe(transcription_hook={"url": "/said"})  # "transcription_hook"
session.agent(llm={"llm_option": {}})  # "llm_option"
session.agent(tool_filler=True)  # "tool_filler"
session.transfer([{"type": "phone"}], mode="hot")  # "mode"
session.openai_s2s(vendro="x")  # "vendro"
session.stream(7)  # stream
session.lex(intent={"slots": {}})  # "name"
