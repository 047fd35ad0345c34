"""One method for each verb."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import Self, Unpack

from .agent import AgentOptions
from .alert import AlertOptions
from .answer import AnswerOptions
from .bots import DialogflowOptions, LexOptions, RasaOptions
from .conference import ConferenceOptions
from .config import ConfigOptions
from .dial import DialOptions
from .dtmf import DtmfOptions
from .dub import DubOptions
from .gather import GatherOptions
from .hangup import HangupOptions
from .listen import ListenOptions
from .llm import LlmOptions
from .message import MessageOptions
from .pause import PauseOptions
from .play import PlayOptions
from .queue import DequeueOptions, EnqueueOptions, LeaveOptions
from .redirect import RedirectOptions
from .say import SayOptions
from .sip import SipDeclineOptions, SipReferOptions, SipRequestOptions
from .tag import TagOptions
from .target import Target
from .transcribe import TranscribeOptions
from .transfer import TransferOptions

__all__ = ["VerbMethods"]


class VerbMethods(ABC):
    """The verbs as methods, each of which queues one and returns the object, so that they can be chained.

    Nothing is sent before ``send``, ``reply`` or ``run``. Options may also come as a plain dict in the first place,
    and be spelled as the wire spells them. Every method raises :exc:`~jambonz_sync.InvalidVerb` for what jambonz
    would refuse, and has queued nothing then.
    """

    @abstractmethod
    def _queue_verb(
        self, name: str, options: Mapping[str, Any], positional: object = None, *, allow_unknown: bool = False
    ) -> Self:
        """Build the verb and put it behind those queued so far."""

    def verb(self, name: str, options: Mapping[str, Any] | None = None, /, **more: Any) -> Self:
        """``session.verb("newverb", {"text": "Hello."})``

        Queue a verb by its name. One that is known is checked like any other; one that is not goes out as it
        stands, for servers that are ahead of this library.
        """
        return self._queue_verb(name, more, options, allow_unknown=True)

    def agent(self, options_: AgentOptions | None = None, /, **options: Unpack[AgentOptions]) -> Self:
        """``session.agent(llm={"llm_options": {"system_prompt": "Take the order."}}, tool_hook="/tool")``

        Let the caller talk to a language model, with the recognizer and the voice you choose. Needs jambonz 10.1.
        """
        return self._queue_verb("agent", options, options_)

    def alert(self, message_: str | AlertOptions | None = None, /, **options: Unpack[AlertOptions]) -> Self:
        """``session.alert("no agent has logged in")``

        Write ``message`` to the platform's log of alerts. The caller notices nothing.
        """
        return self._queue_verb("alert", options, message_)

    def answer(self, options_: AnswerOptions | None = None, /, **options: Unpack[AnswerOptions]) -> Self:
        """``session.answer().pause(1).say("Hello.")``

        Answer the call now. Most verbs do so by themselves when they start.
        """
        return self._queue_verb("answer", options, options_)

    def conference(self, name_: str | ConferenceOptions | None = None, /, **options: Unpack[ConferenceOptions]) -> Self:
        """``session.conference("weekly", join_muted=True, action_hook="/left")``

        Join the conference ``name``, and create it if it is not there yet.
        """
        return self._queue_verb("conference", options, name_)

    def config(self, options_: ConfigOptions | None = None, /, **options: Unpack[ConfigOptions]) -> Self:
        """``session.config(synthesizer={"vendor": "google", "language": "de-DE"})``

        Set defaults for the session, and begin or end what runs beside the verbs: listening, transcription,
        recording, input that interrupts. Takes no time, and is heard by nobody.
        """
        return self._queue_verb("config", options, options_)

    def deepgram_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.deepgram_s2s(auth={"apiKey": KEY}, llm_options={"Settings": SETTINGS}, tool_hook="/tool")``

        :meth:`llm` with Deepgram as its vendor, and sent as that.
        """
        return self._queue_verb("deepgram_s2s", options, options_)

    def dequeue(self, name_: str | DequeueOptions | None = None, /, **options: Unpack[DequeueOptions]) -> Self:
        """``session.dequeue("support", timeout=30, action_hook="/done")``

        Take the next caller from the queue ``name``, and connect the two.
        """
        return self._queue_verb("dequeue", options, name_)

    def dial(self, target_: Sequence[Target] | DialOptions | None = None, /, **options: Unpack[DialOptions]) -> Self:
        """``session.dial(target=[{"type": "phone", "number": "+15551234"}], action_hook="/dialled")``

        Call all the targets, and connect the first who answers. The verb lasts as long as the two talk.
        """
        return self._queue_verb("dial", options, target_)

    def dialogflow(self, options_: DialogflowOptions | None = None, /, **options: Unpack[DialogflowOptions]) -> Self:
        """``session.dialogflow(project="my-project", lang="en-US", credentials=KEY_FILE, action_hook="/over")``

        Let the caller talk to a Google Dialogflow bot. ``credentials`` is the content of the service account's key
        file.
        """
        return self._queue_verb("dialogflow", options, options_)

    def dtmf(self, dtmf_: str | DtmfOptions | None = None, /, **options: Unpack[DtmfOptions]) -> Self:
        """``session.dtmf("1234#")``

        Send tones, as if keys were pressed.
        """
        return self._queue_verb("dtmf", options, dtmf_)

    def dub(self, options_: DubOptions | None = None, /, **options: Unpack[DubOptions]) -> Self:
        """``session.dub(action="addTrack", track="music", play="https://example.com/music.mp3", loop=True)``

        Mix a further audio track into the call, or change one.
        """
        return self._queue_verb("dub", options, options_)

    def elevenlabs_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.elevenlabs_s2s(auth={"agent_id": "4711"}, llm_options={}, tool_hook="/tool")``

        :meth:`llm` with ElevenLabs as its vendor, and sent as that.
        """
        return self._queue_verb("elevenlabs_s2s", options, options_)

    def enqueue(self, name_: str | EnqueueOptions | None = None, /, **options: Unpack[EnqueueOptions]) -> Self:
        """``session.enqueue("support", wait_hook="/music", action_hook="/done")``

        Put the caller into the queue ``name``, to wait until somebody takes the call.
        """
        return self._queue_verb("enqueue", options, name_)

    def gather(self, options_: GatherOptions | None = None, /, **options: Unpack[GatherOptions]) -> Self:
        """``session.gather(input=["speech", "digits"], action_hook="/choice", say={"text": "Sales or support?"})``

        Collect what the caller says or types. The outcome goes to ``action_hook``.
        """
        return self._queue_verb("gather", options, options_)

    def google_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.google_s2s(auth={"apiKey": KEY}, llm_options={"setup": {"model": MODEL}}, tool_hook="/tool")``

        :meth:`llm` with Google as its vendor, and sent as that.
        """
        return self._queue_verb("google_s2s", options, options_)

    def gptlive_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.gptlive_s2s(auth={"apiKey": KEY}, llm_options={"session_update": {}}, tool_hook="/tool")``

        :meth:`llm` with GPT Live as its vendor, and sent as that. Needs jambonz 11.1.
        """
        return self._queue_verb("gptlive_s2s", options, options_)

    def hangup(self, options_: HangupOptions | None = None, /, **options: Unpack[HangupOptions]) -> Self:
        """``session.say("Goodbye.").hangup()``

        End the call. One that is not answered yet is refused with :meth:`sip_decline`.
        """
        return self._queue_verb("hangup", options, options_)

    def leave(self, options_: LeaveOptions | None = None, /, **options: Unpack[LeaveOptions]) -> Self:
        """``session.leave()``

        Take the caller out of the queue. Has a meaning only in the answer to a ``wait_hook``.
        """
        return self._queue_verb("leave", options, options_)

    def lex(self, options_: LexOptions | None = None, /, **options: Unpack[LexOptions]) -> Self:
        """``session.lex(bot_id="ABCDEFGHIJ", bot_alias="TSTALIASID", region="us-east-1", credentials=AWS_KEYS)``

        Let the caller talk to an Amazon Lex bot. ``credentials`` has ``accessKey`` and ``secretAccessKey``.
        """
        return self._queue_verb("lex", options, options_)

    def listen(self, url_: str | ListenOptions | None = None, /, **options: Unpack[ListenOptions]) -> Self:
        """``session.listen("/audio", mix_type="stereo", action_hook="/heard")``

        Send the call's audio to the websocket at ``url``, and wait until that has ended.
        """
        return self._queue_verb("listen", options, url_)

    def llm(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.llm(vendor="openai", auth={"apiKey": KEY}, llm_options={"response_create": {}})``

        Let the caller talk to a speech-to-speech model.
        """
        return self._queue_verb("llm", options, options_)

    def message(self, options_: MessageOptions | None = None, /, **options: Unpack[MessageOptions]) -> Self:
        """``session.message(to="+15551234", from_="+15555678", text="Your code is 4711.")``

        Send an SMS or MMS.
        """
        return self._queue_verb("message", options, options_)

    def microsoft_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.microsoft_s2s(auth=KEYS, llm_options={"response_create": {}}, connect_options={"host": HOST})``

        :meth:`llm` with Microsoft as its vendor, and sent as that.
        """
        return self._queue_verb("microsoft_s2s", options, options_)

    def openai_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.openai_s2s(auth={"apiKey": KEY}, llm_options={"response_create": {}}, tool_hook="/tool")``

        :meth:`llm` with OpenAI as its vendor, and sent as that.
        """
        return self._queue_verb("openai_s2s", options, options_)

    def pause(self, length_: float | PauseOptions | None = None, /, **options: Unpack[PauseOptions]) -> Self:
        """``session.pause(1.5)``

        Wait ``length`` seconds in silence.
        """
        return self._queue_verb("pause", options, length_)

    def play(self, url_: str | Sequence[str] | PlayOptions | None = None, /, **options: Unpack[PlayOptions]) -> Self:
        """``session.play("https://example.com/welcome.mp3")``

        Play the audio at ``url``; several are played one after another.
        """
        return self._queue_verb("play", options, url_)

    def qwen_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.qwen_s2s(auth={"apiKey": KEY}, llm_options={"session_update": {}}, tool_hook="/tool")``

        :meth:`llm` with Qwen as its vendor, and sent as that. Needs jambonz 10.
        """
        return self._queue_verb("qwen_s2s", options, options_)

    def rasa(self, url_: str | RasaOptions | None = None, /, **options: Unpack[RasaOptions]) -> Self:
        """``session.rasa("https://example.com/webhooks/rest/webhook", prompt="Hello, what can I do?")``

        Let the caller talk to the Rasa bot at ``url``.
        """
        return self._queue_verb("rasa", options, url_)

    def redirect(self, hook_: str | RedirectOptions | None = None, /, **options: Unpack[RedirectOptions]) -> Self:
        """``session.redirect("/menu")``

        Ask ``action_hook`` for the verbs to go on with. A ``ws`` or ``http`` URL hands the call to another
        application.
        """
        return self._queue_verb("redirect", options, hook_)

    def room(self, name_: str | ConferenceOptions | None = None, /, **options: Unpack[ConferenceOptions]) -> Self:
        """``session.room("weekly", join_muted=True)``

        Another name for :meth:`conference`, and sent as that.
        """
        return self._queue_verb("room", options, name_)

    def s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.s2s(vendor="openai", auth={"apiKey": KEY}, llm_options={"response_create": {}})``

        Another name for :meth:`llm`, and sent as that.
        """
        return self._queue_verb("s2s", options, options_)

    def say(self, text_: str | Sequence[str] | SayOptions | None = None, /, **options: Unpack[SayOptions]) -> Self:
        """``session.say("Hello.", synthesizer={"vendor": "google", "language": "en-GB"})``

        Speak ``text``, plain or as SSML; several texts are spoken one after another. With ``stream=True`` there is
        no text here: it is streamed in.
        """
        return self._queue_verb("say", options, text_)

    def sip_decline(
        self, status_: int | SipDeclineOptions | None = None, /, **options: Unpack[SipDeclineOptions]
    ) -> Self:
        """``session.sip_decline(486, reason="Busy Here")``

        Refuse an inbound call that is not answered yet, with the SIP response ``status``.
        """
        return self._queue_verb("sip:decline", options, status_)

    def sip_refer(self, refer_to_: str | SipReferOptions | None = None, /, **options: Unpack[SipReferOptions]) -> Self:
        """``session.sip_refer("sip:sales@example.com", action_hook="/transferred")``

        Transfer the call away to ``refer_to`` by SIP REFER.
        """
        return self._queue_verb("sip:refer", options, refer_to_)

    def sip_request(
        self, method_: str | SipRequestOptions | None = None, /, **options: Unpack[SipRequestOptions]
    ) -> Self:
        """``session.sip_request("INFO", headers={"Content-Type": "text/plain"}, body="hello")``

        Send a SIP request within the call.
        """
        return self._queue_verb("sip:request", options, method_)

    def stream(self, url_: str | ListenOptions | None = None, /, **options: Unpack[ListenOptions]) -> Self:
        """``session.stream("/audio", mix_type="stereo")``

        Another name for :meth:`listen`, and sent as that.
        """
        return self._queue_verb("stream", options, url_)

    def tag(self, data_: Mapping[str, Any] | TagOptions | None = None, /, **options: Unpack[TagOptions]) -> Self:
        """``session.tag({"customer": 4711})``

        Attach ``data`` to the call; every later message repeats it as ``customerData``. A dict with nothing but
        ``data``, itself a dict, and perhaps ``id``, is taken for the options, as the Node library writes them.
        """
        return self._queue_verb("tag", options, data_)

    def transcribe(self, options_: TranscribeOptions | None = None, /, **options: Unpack[TranscribeOptions]) -> Self:
        """``session.transcribe(transcription_hook="/said", recognizer={"vendor": "default", "language": "en-US"})``

        Write down what is said, for as long as the verb runs.
        """
        return self._queue_verb("transcribe", options, options_)

    def transfer(
        self, target_: Sequence[Target] | TransferOptions | None = None, /, **options: Unpack[TransferOptions]
    ) -> Self:
        """``session.transfer([{"type": "phone", "number": "+15551234"}], mode="warm", action_hook="/done")``

        Pass the caller on to a person: ``mode`` is ``blind``, or ``warm`` for a word with the person first. Needs
        jambonz 10.3.
        """
        return self._queue_verb("transfer", options, target_)

    def ultravox_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.ultravox_s2s(auth={"apiKey": KEY}, llm_options={"systemPrompt": "Be brief."}, tool_hook="/tool")``

        :meth:`llm` with Ultravox as its vendor, and sent as that.
        """
        return self._queue_verb("ultravox_s2s", options, options_)

    def voiceagent_s2s(self, options_: LlmOptions | None = None, /, **options: Unpack[LlmOptions]) -> Self:
        """``session.voiceagent_s2s(auth={"apiKey": KEY}, llm_options={"Settings": SETTINGS}, tool_hook="/tool")``

        :meth:`llm` with Deepgram's voice agent as its vendor, and sent as that.
        """
        return self._queue_verb("voiceagent_s2s", options, options_)
