"""Every sentence about audio that a user of the library may read in a log or an error, apart from those about samples.

One function a sentence, as in the module of this name for calls, which has those that both need.
"""

from __future__ import annotations

__all__ = [
    "bad_message",
    "clip_not_reported",
    "dropped_audio",
    "handler_raised",
    "lagging",
    "marks_lost",
    "mixed_modes",
    "nobody_listens",
    "not_heard",
    "not_on_stream_thread",
    "other_rate",
    "stream_over",
    "too_many_events",
]


def bad_message(fault: str, excerpt: str) -> str:
    """A message that cannot be read."""
    return f"ignored a message that {fault}: {excerpt}"


def lagging(lag: float) -> str:
    """The handler reads more slowly than audio comes."""
    return (
        f"the handler is {lag:.1f} s behind the caller: it reads more slowly than audio comes. "
        "Do slow work on another thread, or drop what is late with stream.catch_up()"
    )


def dropped_audio(seconds: float) -> str:
    """The handler reads so slowly that audio had to go."""
    return f"dropped {seconds:.2f} s of audio, the oldest, that nobody had read: more came than max_lag lets wait"


def too_many_events(limit: int) -> str:
    """Keys, marks and ends of clips that nobody takes."""
    return f"dropped events that nobody took, the oldest: {limit} are kept; take them with wait_for(...) or on(...)"


def handler_raised(name: str) -> str:
    """A function of the application has raised."""
    return f"the handler of {name} raised an exception; the stream is closed"


def nobody_listens(path: str) -> str:
    """An audio service without a function."""
    return f"nobody takes the audio of {path}: register a function by service.on('connection', fn)"


def not_on_stream_thread(method: str) -> str:
    """A method that reads was called on another thread."""
    return (
        f"{method}() works on the stream's own thread only, which runs the function that was registered for "
        "'connection'; other threads may send"
    )


def stream_over(code: int, reason: str) -> str:
    """The connection is over."""
    return f"the audio connection is over: {reason or 'closed'} (close code {code})"


def clip_not_reported(clip_id: str) -> str:
    """A clip should have ended, and jambonz says nothing."""
    return (
        f"jambonz has not reported the end of the clip {clip_id!r}, which should have come by now. It plays clips only "
        "if the listen has no bidirectional_audio that is streaming or not enabled"
    )


def mixed_modes(method: str, other: str) -> str:
    """Clips and a stream in one connection."""
    return (
        f"{method}() after {other}(): a connection carries clips, or a stream if the listen has "
        "bidirectional_audio={'enabled': True, 'streaming': True, 'sample_rate': 8000}; jambonz ignores the other"
    )


def other_rate(name: str, rate: int, channels: int, wanted: int) -> str:
    """Sound of a rate or with channels that the stream does not have."""
    return (
        f"{name} has {rate} samples per second and {'one channel' if channels == 1 else f'{channels} channels'}; the "
        f"stream takes {wanted} and one. It is not converted here: ffmpeg -i in.wav -ar {wanted} -ac 1 out.wav. If the "
        "bidirectional_audio of the listen has another sample_rate, say so: stream.playout_rate"
    )


def not_heard(rate: int) -> str:
    """By the clock what was streamed was heard, but jambonz does not tell so."""
    return (
        "jambonz does not tell that what was streamed was heard; by the clock it must have been. It plays a stream "
        "only if the listen has bidirectional_audio={'enabled': True, 'streaming': True, 'sample_rate': ...}; that "
        f"rate must be the playout_rate here, {rate}, and should be that of the call, since jambonz loses marks when "
        "it resamples"
    )


def marks_lost(count: int) -> str:
    """Marks did not come back though the audio before them must have been heard."""
    return (
        f"{count} marks have not come back: jambonz loses them when it resamples, so bidirectional_audio should have "
        "the sample_rate of the call itself, which mostly is 8000"
    )
