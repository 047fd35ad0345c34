"""What the recognizers of single vendors can be told.

The names are the vendors' own, some of them in snake_case on the wire too. What they mean in full is in the vendors'
manuals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import Required, TypedDict

from .markers import AtLeastOne, Between, Doc, FreeForm, SameOnWire, Secret, Since

__all__ = [
    "AssemblyAiOptions",
    "AudioEventsConfig",
    "AudioFilteringConfig",
    "AwsOptions",
    "AzureOptions",
    "CobaltOptions",
    "ConversationConfig",
    "CustomOptions",
    "DeepgramOptions",
    "ElevenlabsOptions",
    "GoogleOptions",
    "HoundifyOptions",
    "IbmOptions",
    "ModulateOptions",
    "NuanceFormatting",
    "NuanceOptions",
    "NuanceReference",
    "NuanceResource",
    "NvidiaOptions",
    "OpenaiOptions",
    "PromptTemplates",
    "PunctuationOverrides",
    "SonioxContext",
    "SonioxContextEntry",
    "SonioxOptions",
    "SonioxStorage",
    "SonioxTranslationTerm",
    "SpeakerDiarizationConfig",
    "SpeechmaticsOptions",
    "TextReplacement",
    "TranscriptFilteringConfig",
    "TranscriptionConfig",
    "TranslationConfig",
    "TurnDetection",
    "VerbioOptions",
    "XaiOptions",
]


class AssemblyAiOptions(TypedDict, total=False):
    """Options of AssemblyAI."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    service_version: Annotated[Literal["v2", "v3"], Doc("Version of the streaming service.")]
    speech_model: Annotated[str, Doc("Which model.")]
    format_turns: Annotated[bool, Doc("Punctuate and capitalize finished turns.")]
    end_of_turn_confidence_threshold: Annotated[float, Doc("How sure the end of a turn must be, 0 to 1.")]
    min_end_of_turn_silence_when_confident: Annotated[float, Doc("Silence that ends a sure turn, in milliseconds.")]
    min_turn_silence: Annotated[float, Doc("Silence before the end of a turn is considered, in milliseconds.")]
    max_turn_silence: Annotated[float, Doc("Silence that ends any turn, in milliseconds.")]
    vad_threshold: Annotated[float, Doc("How loud sound must be to count as speech, 0 to 1.")]
    inactivity_timeout: Annotated[float, Doc("Close the vendor's stream after this many idle seconds.")]
    keyterms: Annotated[Sequence[str], Doc("Words to expect.")]
    language_detection: Annotated[bool, Doc("Find out the language.")]
    prompt: Annotated[str, Doc("What the talk is about, in words.")]


class AwsOptions(TypedDict, total=False):
    """Options of AWS."""

    access_key: Annotated[str, Secret, Doc("Access key to use instead of the stored one.")]
    secret_key: Annotated[str, Secret, Doc("Secret key that goes with it.")]
    security_token: Annotated[str, Secret, Doc("Session token that goes with it.")]
    region: Annotated[str, Doc("Region of the service.")]
    vocabulary_name: Annotated[str, Doc("Name of your own vocabulary.")]
    vocabulary_filter_name: Annotated[str, Doc("Name of your own list of unwanted words.")]
    vocabulary_filter_method: Annotated[Literal["remove", "mask", "tag"], Doc("What happens to unwanted words.")]
    language_model_name: Annotated[str, Doc("Name of your own language model.")]
    pii_entity_types: Annotated[Sequence[str], Doc("Which personal facts to look for.")]
    pii_identify_entities: Annotated[bool, Doc("Mark personal facts in the result.")]


class AzureOptions(TypedDict, total=False):
    """Options of Azure."""

    speech_segmentation_silence_timeout_ms: Annotated[float, Doc("Silence that ends an utterance, in milliseconds.")]
    language_id_mode: Annotated[Literal["AtStart", "Continuous"], Doc("When the language is found out.")]
    post_processing: Annotated[str, Doc("What is done to the result.")]
    audio_logging: Annotated[bool, Doc("Let the vendor keep the audio.")]
    speech_recognition_mode: Annotated[
        Literal["CONVERSATION", "DICTATION", "INTERACTIVE"], Doc("What kind of talk to expect.")
    ]


class CobaltOptions(TypedDict, total=False):
    """Options of Cobalt."""

    server_uri: Annotated[str, Doc("Address of the server.")]
    enable_confusion_network: Annotated[bool, Doc("Report rivals of each word.")]
    metadata: Annotated[str, Doc("Text that the server keeps with the result.")]
    compiled_context_data: Annotated[str, Doc("Context, compiled and in base64.")]
    word_time_offsets: Annotated[bool, Doc("Report times for each word.")]
    context_token: Annotated[str, Doc("Which context of the model to use.")]


class CustomOptions(TypedDict, total=False):
    """Options of a recognizer of your own."""

    uri: Annotated[str, Doc("Where it listens.")]
    auth_token: Annotated[str, Secret, Doc("Token to send to it.")]
    sample_rate: Annotated[int, Doc("Samples per second to send.")]
    options: Annotated[FreeForm, Doc("Anything else it shall be told, passed on as it stands.")]


class DeepgramOptions(TypedDict, total=False):
    """Options of Deepgram."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    deepgram_stt_uri: Annotated[str, Doc("Address of your own Deepgram server.")]
    deepgram_stt_use_tls: Annotated[bool, Doc("Connect to it over TLS.")]
    model: Annotated[str, Doc("Which model.")]
    custom_model: Annotated[str, Doc("Your own model.")]
    version: Annotated[str, Doc("Version of the model.")]
    tier: Annotated[str, Doc("Tier of the model.")]
    punctuate: Annotated[bool, Doc("Punctuate and capitalize.")]
    smart_formatting: Annotated[bool, Doc("Write dates, numbers and the like as one writes them.")]
    profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    redact: Annotated[Literal["pci", "numbers", "true", "ssn"], Doc("Which sensitive facts to black out.")]
    diarize: Annotated[bool, Doc("Tell speakers apart.")]
    diarize_version: Annotated[str, Doc("Version of the speaker detection.")]
    ner: Annotated[bool, Doc("Mark names and the like.")]
    multichannel: Annotated[bool, Doc("Transcribe each channel for itself.")]
    alternatives: Annotated[int, Doc("How many transcripts to offer.")]
    numerals: Annotated[bool, Doc("Write numbers as digits.")]
    search: Annotated[Sequence[str], Doc("Phrases to look for.")]
    replace: Annotated[Sequence[str], Doc("Words to replace, each as `old:new`.")]
    keywords: Annotated[Sequence[str], Doc("Words to expect, each perhaps with a weight as `word:2`.")]
    keyterms: Annotated[Sequence[str], Doc("Terms to expect (newer models).")]
    endpointing: Annotated[bool | float, Doc("Silence that ends an utterance, in milliseconds, or False.")]
    utterance_end_ms: Annotated[float, Doc("Gap between words that ends an utterance, in milliseconds.")]
    short_utterance: Annotated[bool, Doc("Take the first final result at once.")]
    vad_turnoff: Annotated[float, Doc("Silence after which speech counts as over, in milliseconds.")]
    tag: Annotated[str, Doc("A label for Deepgram's own statistics.")]
    filler_words: Annotated[bool, Doc("Keep the um and the uh.")]
    no_delay: Annotated[bool, Doc("Do not wait for context to format better.")]
    eot_threshold: Annotated[float, Doc("How sure the end of a turn must be, 0 to 1 (Flux).")]
    eot_timeout_ms: Annotated[float, Doc("Silence that ends any turn, in milliseconds (Flux).")]
    eager_eot_threshold: Annotated[float, Doc("How sure an early guess at the end must be, 0 to 1 (Flux).")]
    mip_opt_out: Annotated[bool, Doc("Do not let Deepgram learn from the audio.")]
    entity_prompt: Annotated[str, Doc("Which kinds of name to expect, in words.")]
    language_hints: Annotated[Sequence[str], Doc("Languages that may be spoken.")]


class ElevenlabsOptions(TypedDict, total=False):
    """Options of ElevenLabs."""

    include_timestamps: Annotated[bool, Doc("Report times for each word.")]
    commit_strategy: Annotated[Literal["manual", "vad"], Doc("What makes a result final.")]
    vad_silence_threshold_secs: Annotated[float, Doc("Silence that makes a result final, in seconds.")]
    vad_threshold: Annotated[float, Doc("How loud sound must be to count as speech, 0 to 1.")]
    min_speech_duration_ms: Annotated[float, Doc("Shortest speech that counts, in milliseconds.")]
    min_silence_duration_ms: Annotated[float, Doc("Shortest silence that counts, in milliseconds.")]
    enable_logging: Annotated[bool, Doc("Let the vendor keep the audio.")]


class GoogleOptions(TypedDict, total=False):
    """Options of Google."""

    service_version: Annotated[Literal["v1", "v2"], Doc("Version of the service.")]
    recognizer_id: Annotated[str, Doc("Your own recognizer (v2).")]
    parent_path: Annotated[str, Doc("Project and location of the recognizer (v2).")]
    speech_start_timeout_ms: Annotated[float, Doc("Wait for the first word, in milliseconds (v2).")]
    speech_end_timeout_ms: Annotated[float, Doc("Silence that ends the speech, in milliseconds (v2).")]
    enable_voice_activity_events: Annotated[bool, Doc("Report begin and end of speech (v2).")]
    transcript_normalization: Annotated[
        Sequence[Any], Doc("Replacements in the result, as Google describes them (v2).")
    ]
    custom_vocabulary: Annotated[Sequence[str], Since("10"), Doc("Words to expect, at most 1000.")]
    mode: Annotated[Literal["VERBATIM", "SMART"], Since("10"), Doc("Word for word, or tidied up.")]


class HoundifyOptions(TypedDict, total=False):
    """Options of Houndify."""

    request_info: Annotated[FreeForm, Doc("What the vendor shall know about the request, passed on as it stands.")]
    sample_rate: Annotated[int, Doc("Samples per second.")]
    max_silence_seconds: Annotated[float, Doc("Silence that ends the speech, in seconds.")]
    max_silence_after_full_query_seconds: Annotated[
        float, Doc("Silence that ends the speech after a whole question, in seconds.")
    ]
    max_silence_after_partial_query_seconds: Annotated[
        float, Doc("Silence that ends the speech after half a question, in seconds.")
    ]
    vad_sensitivity: Annotated[float, Doc("How easily sound counts as speech.")]
    vad_timeout: Annotated[float, Doc("Wait for speech, in milliseconds.")]
    vad_mode: Annotated[str, Doc("How speech is detected.")]
    vad_voice_ms: Annotated[float, Doc("Shortest speech that counts, in milliseconds.")]
    vad_silence_ms: Annotated[float, Doc("Shortest silence that counts, in milliseconds.")]
    vad_debug: Annotated[bool, Doc("Log what the detector does.")]
    vad_stop_threshold: Annotated[float, Since("10"), Between(0, 1), Doc("Level under which speech ends, 0 to 1.")]
    eoq_threshold: Annotated[float, Since("10"), Between(0, 1), Doc("How sure the end of a question must be, 0 to 1.")]
    audio_format: Annotated[str, Doc("Format of the audio.")]
    enable_noise_reduction: Annotated[bool, Doc("Take out noise.")]
    audio_endpoint: Annotated[str, Doc("Address of the service.")]
    enable_profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    enable_punctuation: Annotated[bool, Doc("Put in punctuation.")]
    enable_capitalization: Annotated[bool, Doc("Capitalize.")]
    confidence_threshold: Annotated[float, Doc("How sure a result must be.")]
    enable_disfluency_filter: Annotated[bool, Doc("Leave out the um and the uh.")]
    max_results: Annotated[int, Doc("How many results to offer.")]
    enable_word_timestamps: Annotated[bool, Doc("Report times for each word.")]
    max_alternatives: Annotated[int, Doc("How many transcripts to offer.")]
    partial_transcript_interval: Annotated[float, Doc("Time between interim results, in milliseconds.")]
    session_timeout: Annotated[float, Doc("Longest session, in milliseconds.")]
    connection_timeout: Annotated[float, Doc("Wait for the connection, in milliseconds.")]
    audio_query_absolute_timeout: Annotated[float, Doc("Longest question, in seconds.")]
    latitude: Annotated[float, Doc("Where the speaker is: latitude in degrees.")]
    longitude: Annotated[float, Doc("Where the speaker is: longitude in degrees.")]
    city: Annotated[str, Doc("Where the speaker is: city.")]
    state: Annotated[str, Doc("Where the speaker is: state.")]
    country: Annotated[str, Doc("Where the speaker is: country.")]
    time_zone: Annotated[str, Doc("Where the speaker is: time zone.")]
    domain: Annotated[str, Doc("What the talk is about.")]
    custom_vocabulary: Annotated[Sequence[str], Doc("Words to expect.")]
    language_model: Annotated[str, Doc("Which language model.")]


class IbmOptions(TypedDict, total=False):
    """Options of IBM."""

    stt_api_key: Annotated[str, Secret, Doc("Key for recognition, instead of the stored one.")]
    stt_region: Annotated[str, Doc("Region for recognition.")]
    tts_api_key: Annotated[str, Secret, Doc("Key for synthesis, instead of the stored one.")]
    tts_region: Annotated[str, Doc("Region for synthesis.")]
    instance_id: Annotated[str, Doc("Which instance of the service.")]
    model: Annotated[str, Doc("Which model.")]
    language_customization_id: Annotated[str, Doc("Your own language model.")]
    acoustic_customization_id: Annotated[str, Doc("Your own acoustic model.")]
    base_model_version: Annotated[str, Doc("Version of the base model.")]
    watson_metadata: Annotated[str, Doc("Customer data label for the request.")]
    watson_learning_opt_out: Annotated[bool, Doc("Do not let the vendor learn from the audio.")]


class ModulateOptions(TypedDict, total=False):
    """Options of Modulate."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    modulate_stt_uri: Annotated[str, Doc("Address of your own server.")]
    modulate_stt_use_tls: Annotated[bool, Doc("Connect to it over TLS.")]
    endpointing: Annotated[bool, Doc("Let the vendor find the end of an utterance.")]
    emotion_signal: Annotated[bool, Doc("Report emotions.")]
    accent_signal: Annotated[bool, Doc("Report accents.")]
    deepfake_signal: Annotated[bool, Doc("Report voices that seem to be synthetic.")]
    pii_phi_tagging: Annotated[bool, Doc("Mark personal and medical facts.")]


class NuanceFormatting(TypedDict, total=False):
    """How Nuance writes the result."""

    scheme: Required[Annotated[str, Doc("Which scheme of formatting.")]]
    options: Required[Annotated[FreeForm, Doc("Settings of the scheme, passed on as they stand.")]]


class NuanceReference(TypedDict, total=False):
    """Where Nuance finds a resource."""

    type: Annotated[
        Literal[
            "undefined_resource_type",
            "wordset",
            "compiled_wordset",
            "domain_lm",
            "speaker_profile",
            "grammar",
            "settings",
        ],
        Doc("What kind of resource it is."),
    ]
    uri: Annotated[str, Doc("Where it is.")]
    max_load_failures: Annotated[bool, Doc("Go on if it cannot be loaded.")]
    request_timeout_ms: Annotated[float, Doc("Wait for it, in milliseconds.")]
    headers: Annotated[FreeForm, Doc("HTTP headers for the request.")]


class NuanceResource(TypedDict, total=False):
    """Something that helps Nuance recognize."""

    external_reference: Annotated[NuanceReference, Doc("Where it is.")]
    inline_wordset: Annotated[str, Doc("Words, as JSON text.")]
    builtin: Annotated[str, Doc("Name of one that comes with the model.")]
    inline_grammar: Annotated[str, Doc("A grammar, as text.")]
    wakeup_word: Annotated[Sequence[Any], Doc("Words that wake it up.")]
    weight_name: Annotated[
        Literal["defaultWeight", "lowest", "low", "medium", "high", "highest"], Doc("Its weight, by name.")
    ]
    weight_value: Annotated[float, Doc("Its weight, 0 to 1.")]
    reuse: Annotated[Literal["undefined_reuse", "low_reuse", "high_reuse"], Doc("How often it will be used.")]


class NuanceOptions(TypedDict, total=False):
    """Options of Nuance."""

    client_id: Annotated[str, Doc("Client to use instead of the stored one.")]
    secret: Annotated[str, Secret, Doc("Secret that goes with it.")]
    krypton_endpoint: Annotated[str, Doc("Address of your own server.")]
    topic: Annotated[str, Doc("What the talk is about.")]
    utterance_detection_mode: Annotated[
        Literal["single", "multiple", "disabled"], Doc("How many utterances to recognize.")
    ]
    punctuation: Annotated[bool, Doc("Put in punctuation.")]
    profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    include_tokenization: Annotated[bool, Doc("Report the tokens too.")]
    discard_speaker_adaptation: Annotated[bool, Doc("Learn nothing about the speaker.")]
    suppress_call_recording: Annotated[bool, Doc("Let the vendor keep no audio.")]
    mask_load_failures: Annotated[bool, Doc("Go on if a resource cannot be loaded.")]
    suppress_initial_capitalization: Annotated[bool, Doc("Begin with a small letter.")]
    allow_zero_base_lm_weight: Annotated[bool, Doc("Let your own words outweigh the model altogether.")]
    filter_wakeup_word: Annotated[bool, Doc("Leave the wake-up word out of the result.")]
    result_type: Annotated[Literal["final", "partial", "immutable_partial"], Doc("Which results to report.")]
    no_input_timeout_ms: Annotated[float, Doc("Wait for the first word, in milliseconds.")]
    recognition_timeout_ms: Annotated[float, Doc("Longest speech, in milliseconds.")]
    utterance_end_silence_ms: Annotated[float, Doc("Silence that ends an utterance, in milliseconds.")]
    max_hypotheses: Annotated[int, Doc("How many transcripts to offer.")]
    speech_domain: Annotated[str, Doc("Which domain of the model.")]
    formatting: Annotated[NuanceFormatting, Doc("How the result is written.")]
    client_data: Annotated[FreeForm, Doc("Your own data for the vendor's logs.")]
    user_id: Annotated[str, Doc("Who is speaking.")]
    speech_detection_sensitivity: Annotated[float, Doc("How easily sound counts as speech, 0 to 1.")]
    resources: Annotated[Sequence[NuanceResource], Doc("What helps to recognize.")]


class NvidiaOptions(TypedDict, total=False):
    """Options of NVIDIA."""

    riva_uri: Annotated[str, Doc("Address of your Riva server.")]
    max_alternatives: Annotated[int, Doc("How many transcripts to offer.")]
    profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    punctuation: Annotated[bool, Doc("Put in punctuation.")]
    word_time_offsets: Annotated[bool, Doc("Report times for each word.")]
    verbatim_transcripts: Annotated[bool, Doc("Write numbers and the like as they were spoken.")]
    custom_configuration: Annotated[FreeForm, Doc("Settings of the server, passed on as they stand.")]


class PromptTemplates(TypedDict, total=False):
    """How the prompt for OpenAI is made up."""

    hints_template: Annotated[str, Doc("Sentence around the hints.")]
    conversation_history_template: Annotated[str, Doc("Sentence around what was said so far.")]


class TurnDetection(TypedDict, total=False):
    """How OpenAI finds the end of a turn."""

    type: Required[Annotated[Literal["none", "server_vad", "semantic_vad"], Doc("By which method.")]]
    eagerness: Annotated[
        Literal["low", "medium", "high", "auto"], Doc("How soon a turn counts as over (semantic_vad).")
    ]
    threshold: Annotated[float, Doc("How loud sound must be to count as speech, 0 to 1 (server_vad).")]
    prefix_padding_ms: Annotated[float, SameOnWire, Doc("Audio kept from before the speech, in milliseconds.")]
    silence_duration_ms: Annotated[float, SameOnWire, Doc("Silence that ends the turn, in milliseconds.")]


class OpenaiOptions(TypedDict, total=False):
    """Options of OpenAI."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    model: Annotated[str, Doc("Which model.")]
    prompt: Annotated[str, Doc("What the talk is about, in words.")]
    prompt_templates: Annotated[PromptTemplates, Doc("How a prompt is made from hints and history.")]
    language: Annotated[str, Doc("Language code.")]
    languages: Annotated[Sequence[str], Since("10"), AtLeastOne, Doc("Languages that may be spoken.")]
    input_audio_noise_reduction: Annotated[
        Literal["near_field", "far_field"], SameOnWire, Doc("Take out noise: handset, or speakerphone.")
    ]
    turn_detection: Annotated[TurnDetection, SameOnWire, Doc("How the end of a turn is found.")]
    keywords: Annotated[Sequence[str], Since("10"), Doc("Words to expect.")]
    delay: Annotated[
        Literal["minimal", "low", "medium", "high", "xhigh"], Since("10"), Doc("How long to think over a result.")
    ]
    vad_mode: Annotated[int, Since("10"), Between(0, 3), Doc("How strictly noise is told from voice, 0 to 3.")]
    vad_voice_ms: Annotated[int, Since("10"), Between(1, float("inf")), Doc("Shortest voice, in milliseconds.")]
    vad_silence_ms: Annotated[int, Since("10"), Between(1, float("inf")), Doc("Shortest silence, in milliseconds.")]


class SonioxStorage(TypedDict, total=False):
    """What Soniox keeps."""

    id: Annotated[str, Doc("Your own name for the entry.")]
    title: Annotated[str, Doc("Title of the entry.")]
    disable_store_audio: Annotated[bool, Doc("Keep no audio.")]
    disable_store_transcript: Annotated[bool, Doc("Keep no transcript.")]
    disable_search: Annotated[bool, Doc("Leave it out of searches.")]
    metadata: Annotated[FreeForm, Doc("Your own data, kept with it.")]


class SonioxContextEntry(TypedDict, total=False):
    """A fact about the talk."""

    key: Required[Annotated[str, Doc("What the fact is about.")]]
    value: Required[Annotated[str, Doc("The fact.")]]


class SonioxTranslationTerm(TypedDict, total=False):
    """How one term is to be translated."""

    source: Required[Annotated[str, Doc("The term.")]]
    target: Required[Annotated[str, Doc("Its translation.")]]


class SonioxContext(TypedDict, total=False):
    """What Soniox may know about the talk."""

    general: Annotated[Sequence[SonioxContextEntry], Doc("Facts, by name.")]
    text: Annotated[str, Doc("Anything else, in words.")]
    terms: Annotated[Sequence[str], Doc("Words to expect.")]
    translation_terms: Annotated[Sequence[SonioxTranslationTerm], SameOnWire, Doc("Terms with their translation.")]


class SonioxOptions(TypedDict, total=False):
    """Options of Soniox."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    model: Annotated[str, Doc("Which model.")]
    endpoint_detection: Annotated[bool, Doc("Find the end of an utterance.")]
    endpoint_sensitivity: Annotated[
        float, Since("10"), Between(-1, 1), Doc("How readily the end of an utterance is found, -1 to 1.")
    ]
    max_endpoint_delay_ms: Annotated[
        int, Since("10"), Between(500, 3000), Doc("Longest wait for the end of an utterance, in milliseconds.")
    ]
    max_non_final_tokens_duration_ms: Annotated[
        int, Since("10"), Between(0, float("inf")), Doc("Make words final after this many milliseconds.")
    ]
    profanity_filter: Annotated[bool, Doc("Leave out swear words.")]
    speech_context: Annotated[str, Doc("Words to expect, as text.")]
    context: Annotated[SonioxContext, Since("10"), Doc("What the vendor may know about the talk.")]
    language_hints: Annotated[Sequence[str], Since("10"), Doc("Languages that may be spoken.")]
    enable_language_identification: Annotated[bool, Since("10"), Doc("Report the language.")]
    enable_speaker_diarization: Annotated[bool, Since("10"), Doc("Tell speakers apart.")]
    client_request_reference: Annotated[str, Doc("Your own name for the request.")]
    storage: Annotated[SonioxStorage, Doc("What the vendor keeps.")]


class AudioEventsConfig(TypedDict, total=False):
    """Sounds Speechmatics reports."""

    types: Annotated[Sequence[Literal["applause", "music", "laughter"]], Doc("Which sounds.")]


class AudioFilteringConfig(TypedDict, total=False):
    """What is too quiet for Speechmatics to hear."""

    volume_threshold: Required[Annotated[float, SameOnWire, Doc("Volume from which audio is heard, 0 to 100.")]]


class ConversationConfig(TypedDict, total=False):
    """When an utterance is over for Speechmatics."""

    end_of_utterance_silence_trigger: Annotated[float, SameOnWire, Doc("Silence that ends it, in seconds.")]


class PunctuationOverrides(TypedDict, total=False):
    """How Speechmatics punctuates."""

    permitted_marks: Annotated[Sequence[str], SameOnWire, Doc("Which marks it may use.")]
    sensitivity: Annotated[float, Doc("How many it puts in, 0 to 1.")]


class SpeakerDiarizationConfig(TypedDict, total=False):
    """How Speechmatics tells speakers apart."""

    speaker_sensitivity: Annotated[float, SameOnWire, Doc("How readily a voice counts as another one, 0 to 1.")]
    max_speakers: Annotated[int, SameOnWire, Doc("Most speakers to expect.")]


class TextReplacement(TypedDict, total=False):
    """A word to be written as another one."""

    from_: Required[Annotated[str, Doc("What was said.")]]
    to: Required[Annotated[str, Doc("What is written.")]]


class TranscriptFilteringConfig(TypedDict, total=False):
    """What Speechmatics takes out of the transcript."""

    remove_disfluencies: Required[Annotated[bool, SameOnWire, Doc("Leave out the um and the uh.")]]
    replacements: Annotated[Sequence[TextReplacement], Since("10"), Doc("Words to be written otherwise.")]


class TranscriptionConfig(TypedDict, total=False):
    """How Speechmatics transcribes."""

    language: Annotated[str, Doc("Language code.")]
    domain: Annotated[str, Doc("What the talk is about.")]
    model: Annotated[str, Since("10"), Doc("Which model.")]
    output_locale: Annotated[str, SameOnWire, Doc("Spelling of the result, such as `en-GB`.")]
    operating_point: Annotated[str, SameOnWire, Doc("Accuracy: standard or enhanced.")]
    max_delay: Annotated[float, SameOnWire, Doc("Longest delay of a result, in seconds.")]
    max_delay_mode: Annotated[Literal["fixed", "flexible"], SameOnWire, Doc("Whether `max_delay` may be exceeded.")]
    additional_vocab: Annotated[
        Sequence[str | Mapping[str, Any]], SameOnWire, Doc("Words to expect, perhaps with how they sound.")
    ]
    diarization: Annotated[str, Doc("How speakers are told apart.")]
    speaker_diarization_config: Annotated[
        SpeakerDiarizationConfig, SameOnWire, Doc("How speakers are told apart, in detail.")
    ]
    enable_partials: Annotated[bool, SameOnWire, Doc("Ask for interim results.")]
    enable_entities: Annotated[bool, SameOnWire, Doc("Mark dates, numbers and the like.")]
    punctuation_overrides: Annotated[PunctuationOverrides, SameOnWire, Doc("How it punctuates.")]
    audio_filtering_config: Annotated[AudioFilteringConfig, SameOnWire, Doc("What is too quiet to hear.")]
    transcript_filtering_config: Annotated[TranscriptFilteringConfig, SameOnWire, Doc("What is taken out.")]
    conversation_config: Annotated[ConversationConfig, SameOnWire, Doc("When an utterance is over.")]


class TranslationConfig(TypedDict, total=False):
    """What Speechmatics translates into."""

    target_languages: Required[Annotated[Sequence[str], SameOnWire, Doc("Language codes.")]]
    enable_partials: Annotated[bool, SameOnWire, Doc("Translate interim results too.")]


class SpeechmaticsOptions(TypedDict, total=False):
    """Options of Speechmatics, most of them in snake_case on the wire too."""

    profile: Annotated[Literal["adaptive", "agile", "smart", "external"], Doc("How turns are found.")]
    host: Annotated[str, Doc("Address of the service.")]
    transcription_config: Annotated[TranscriptionConfig, SameOnWire, Doc("How it transcribes.")]
    translation_config: Annotated[TranslationConfig, SameOnWire, Doc("What it translates into.")]
    audio_events_config: Annotated[AudioEventsConfig, Since("10"), SameOnWire, Doc("Which sounds it reports.")]


class VerbioOptions(TypedDict, total=False):
    """Options of Verbio, most of them in snake_case on the wire too."""

    enable_formatting: Annotated[bool, SameOnWire, Doc("Punctuate and write numbers as digits.")]
    enable_diarization: Annotated[bool, SameOnWire, Doc("Tell speakers apart.")]
    topic: Annotated[float, Doc("What the talk is about, by number.")]
    inline_grammar: Annotated[str, SameOnWire, Doc("A grammar, as text.")]
    grammar_uri: Annotated[str, SameOnWire, Doc("Where a grammar is.")]
    label: Annotated[str, Doc("A label for the vendor's statistics.")]
    recognition_timeout: Annotated[float, SameOnWire, Doc("Longest recognition, in seconds.")]
    speech_complete_timeout: Annotated[float, SameOnWire, Doc("Silence that ends a whole utterance, in seconds.")]
    speech_incomplete_timeout: Annotated[float, SameOnWire, Doc("Silence that ends half an utterance, in seconds.")]


class XaiOptions(TypedDict, total=False):
    """Options of xAI."""

    api_key: Annotated[str, Secret, Doc("Key to use instead of the stored one.")]
    keyterms: Annotated[Sequence[str], Doc("Words to expect.")]
    filler_words: Annotated[bool, Doc("Keep the um and the uh.")]
    diarize: Annotated[bool, Doc("Tell speakers apart.")]
    endpointing: Annotated[int, Doc("Silence that ends an utterance, in milliseconds.")]
    smart_turn: Annotated[float, Doc("How sure the end of a turn must be, 0 to 1.")]
    smart_turn_timeout: Annotated[int, Doc("Silence that ends any turn, in milliseconds.")]
