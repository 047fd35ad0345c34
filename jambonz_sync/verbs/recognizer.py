"""Speech to text: who listens, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from typing_extensions import Required, TypedDict

from .markers import Between, Doc, FreeForm, Needed, Since
from .recognizer_vendors import (
    AssemblyAiOptions,
    AwsOptions,
    AzureOptions,
    CobaltOptions,
    CustomOptions,
    DeepgramOptions,
    ElevenlabsOptions,
    GoogleOptions,
    HoundifyOptions,
    IbmOptions,
    ModulateOptions,
    NuanceOptions,
    NvidiaOptions,
    OpenaiOptions,
    SonioxOptions,
    SpeechmaticsOptions,
    VerbioOptions,
    XaiOptions,
)
from .vad import Vad

__all__ = ["HintPhrase", "Recognizer"]


class HintPhrase(TypedDict, total=False):
    """A phrase to expect, with its weight."""

    phrase: Required[Annotated[str, Doc("The phrase.")]]
    boost: Annotated[float, Doc("How much likelier than others it is.")]


class Recognizer(TypedDict, total=False):
    """A speech vendor, and what it is told."""

    vendor: Required[
        Annotated[
            str,
            Needed(hint='"default" is the one set for the application'),
            Doc('Speech vendor, such as "google" or "deepgram"; "default" is the one set for the application.'),
        ]
    ]
    label: Annotated[str, Doc("Which of several sets of credentials for that vendor.")]
    language: Annotated[str, Doc("Language code, such as `en-US`.")]
    alt_languages: Annotated[Sequence[str], Doc("Other languages that may be spoken (Google, Azure).")]
    fallback_vendor: Annotated[str, Doc("Vendor to turn to when the first one fails.")]
    fallback_label: Annotated[str, Doc("Credentials of the fallback vendor.")]
    fallback_language: Annotated[str, Doc("Language code for the fallback vendor.")]
    model: Annotated[str, Doc("Which of the vendor's models.")]
    hints: Annotated[Sequence[str | HintPhrase], Doc("Words and phrases to expect.")]
    hints_boost: Annotated[float, Doc("Weight of all the hints.")]
    interim: Annotated[bool, Doc("Ask for results while somebody is still speaking.")]
    min_confidence: Annotated[
        float, Between(0, 1), Doc("Results less sure than this come with the reason `stt-low-confidence`, 0 to 1.")
    ]
    punctuation: Annotated[bool, Doc("Put in punctuation.")]
    profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    profanity_option: Annotated[Literal["masked", "removed", "raw"], Doc("What happens to swear words (Azure).")]
    single_utterance: Annotated[bool, Doc("End with the first utterance (Google).")]
    words: Annotated[bool, Doc("Report times for each word (Google).")]
    enhanced_model: Annotated[bool, Doc("Use the enhanced form of the model (Google).")]
    diarization: Annotated[bool, Doc("Tell speakers apart.")]
    diarization_min_speakers: Annotated[int, Doc("Fewest speakers to expect.")]
    diarization_max_speakers: Annotated[int, Doc("Most speakers to expect.")]
    interaction_type: Annotated[
        Literal[
            "unspecified",
            "discussion",
            "presentation",
            "phone_call",
            "voicemail",
            "voice_search",
            "voice_command",
            "dictation",
        ],
        Doc("What kind of talk to expect (Google)."),
    ]
    naics_code: Annotated[int, Doc("Number of the trade that is talked about (Google).")]
    identify_channels: Annotated[bool, Doc("Transcribe each channel for itself (AWS).")]
    dual_channel: Annotated[bool, Doc("An older name of `separate_recognition_per_channel`; use that.")]
    separate_recognition_per_channel: Annotated[
        bool, Doc("Recognize both sides of a `dial`, each for itself; true if left out, False is this side alone.")
    ]
    vocabulary_name: Annotated[str, Doc("Name of your own vocabulary at the vendor (AWS).")]
    vocabulary_filter_name: Annotated[str, Doc("Name of your own list of unwanted words (AWS).")]
    filter_method: Annotated[Literal["remove", "mask", "tag"], Doc("What happens to unwanted words (AWS).")]
    output_format: Annotated[Literal["simple", "detailed"], Doc("How much a result tells (Azure).")]
    request_snr: Annotated[bool, Doc("Report how clear the signal is (Azure).")]
    initial_speech_timeout_ms: Annotated[float, Doc("Wait for the first word, in milliseconds (Azure).")]
    azure_service_endpoint: Annotated[str, Doc("URL of your own Azure service.")]
    azure_stt_endpoint_id: Annotated[str, Doc("Your own model at Azure.")]
    asr_timeout: Annotated[float, Doc("Silence that ends the speech, in seconds; utterances until then are joined.")]
    asr_dtmf_termination_digit: Annotated[str, Doc("Key that ends the speech.")]
    fast_recognition_timeout: Annotated[float, Doc("Take the latest interim result as final after this many ms.")]
    autogenerate_prompt: Annotated[bool, Doc("Make the vendor's prompt from what was said so far.")]
    vad: Annotated[Vad, Doc("Connect the vendor only when somebody speaks.")]
    assembly_ai_options: Annotated[AssemblyAiOptions, Doc("For AssemblyAI alone.")]
    aws_options: Annotated[AwsOptions, Doc("For AWS alone.")]
    azure_options: Annotated[AzureOptions, Doc("For Azure alone.")]
    cobalt_options: Annotated[CobaltOptions, Doc("For Cobalt alone.")]
    custom_options: Annotated[CustomOptions, Doc("For a vendor of your own.")]
    deepgram_options: Annotated[DeepgramOptions, Doc("For Deepgram alone.")]
    elevenlabs_options: Annotated[ElevenlabsOptions, Doc("For ElevenLabs alone.")]
    gladia_options: Annotated[FreeForm, Doc("For Gladia alone, passed on as it stands.")]
    google_options: Annotated[GoogleOptions, Doc("For Google alone.")]
    houndify_options: Annotated[HoundifyOptions, Doc("For Houndify alone.")]
    ibm_options: Annotated[IbmOptions, Doc("For IBM alone.")]
    modulate_options: Annotated[ModulateOptions, Since("10"), Doc("For Modulate alone.")]
    nuance_options: Annotated[NuanceOptions, Doc("For Nuance alone.")]
    nvidia_options: Annotated[NvidiaOptions, Doc("For NVIDIA alone.")]
    openai_options: Annotated[OpenaiOptions, Doc("For OpenAI alone.")]
    soniox_options: Annotated[SonioxOptions, Doc("For Soniox alone.")]
    speechmatics_options: Annotated[SpeechmaticsOptions, Doc("For Speechmatics alone.")]
    verbio_options: Annotated[VerbioOptions, Doc("For Verbio alone.")]
    xai_options: Annotated[XaiOptions, Since("10"), Doc("For xAI alone.")]
