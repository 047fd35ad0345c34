"""Everything the library raises: the tree, and what each exception carries."""

from __future__ import annotations

import contextlib
import copy
import pickle

import pytest

from jambonz_sync import exceptions
from jambonz_sync.exceptions import (
    CallEnded,
    CallNotActive,
    CallRejected,
    EndpointError,
    HookLost,
    InvalidCommand,
    InvalidVerb,
    JambonzError,
    MessageTooBig,
    NoInput,
    TtsStreamFailed,
    WaitTimeout,
)

BASES = {
    JambonzError: (Exception,),
    InvalidVerb: (JambonzError, ValueError),
    InvalidCommand: (JambonzError, ValueError),
    MessageTooBig: (JambonzError, ValueError),
    NoInput: (JambonzError,),
    WaitTimeout: (JambonzError, TimeoutError),
    HookLost: (JambonzError,),
    CallNotActive: (JambonzError,),
    TtsStreamFailed: (JambonzError,),
    EndpointError: (JambonzError, OSError),
    CallEnded: (BaseException,),
    CallRejected: (CallEnded,),
}


@pytest.mark.parametrize("kind", list(BASES))
def test_tree(kind):
    """Each exception has its place in the tree, beside the standard exception it is a case of."""
    assert kind.__bases__ == BASES[kind]


def test_all_are_exported():
    """The module names what it raises, and the tree in its docstring does too."""
    assert exceptions.__all__ == sorted(kind.__name__ for kind in BASES)
    for kind in BASES:
        assert kind.__name__ in exceptions.__doc__


@pytest.mark.parametrize("end", [CallEnded("over"), CallRejected("refused", verbs=[])])
def test_end_of_the_call_is_not_swallowed(end):
    """``except Exception`` lets the end of the call through."""
    assert not isinstance(end, Exception)

    def turn() -> None:
        with contextlib.suppress(Exception):
            raise end

    with pytest.raises(type(end)):
        turn()


def test_ordinary_errors_are_exceptions():
    """All others are ordinary errors of one base."""
    assert all(issubclass(kind, JambonzError) for kind in BASES if not issubclass(kind, CallEnded))


@pytest.mark.parametrize("kind", [JambonzError, InvalidCommand, WaitTimeout, EndpointError])
def test_message(kind):
    """An exception reads as its message."""
    assert str(kind("a sentence")) == "a sentence"


@pytest.mark.parametrize("kind", [InvalidVerb, InvalidCommand])
def test_invalid_verbs_and_commands_have_a_path(kind):
    """The path to the fault is kept; it may be missing."""
    error = kind("gather has no option 'x'", "gather.x")
    assert (str(error), error.path) == ("gather has no option 'x'", "gather.x")
    assert kind("a sentence").path == ""


def test_message_too_big_has_sizes():
    """Size and limit are kept as numbers."""
    error = MessageTooBig("a sentence", 30_000, 24_576)
    assert (str(error), error.size, error.limit) == ("a sentence", 30_000, 24_576)


def test_tts_stream_failed_has_a_reason():
    """jambonz's own words are kept beside the sentence."""
    error = TtsStreamFailed("a sentence", "connection to acme failed")
    assert (str(error), error.reason) == ("a sentence", "connection to acme failed")
    assert TtsStreamFailed("a sentence").reason == ""


def test_call_not_active_names_the_call():
    """The call and how its connection ended are kept; a lost connection is the default."""
    error = CallNotActive("a sentence", call_sid="c1", code=1000, reason="bye")
    assert (str(error), error.call_sid, error.code, error.reason) == ("a sentence", "c1", 1000, "bye")
    error = CallNotActive("a sentence")
    assert (error.call_sid, error.code, error.reason) == (None, 1006, "")


def test_call_ended_names_the_session():
    """The session, the call and how its connection ended are kept; an end by jambonz is the default."""
    session = object()
    error = CallEnded("a sentence", session=session, call_sid="c1", code=1006, reason="bye")
    assert (str(error), error.session, error.call_sid) == ("a sentence", session, "c1")
    assert (error.code, error.reason) == (1006, "bye")
    error = CallEnded("a sentence")
    assert (error.session, error.call_sid, error.code, error.reason) == (None, None, 1000, "")


def test_call_rejected_has_verbs():
    """A refusal carries the verbs that were refused, and is an end of the call."""
    error = CallRejected("a sentence", call_sid="c1", code=1001, verbs=[{"verb": "say"}])
    assert (str(error), error.call_sid, error.code) == ("a sentence", "c1", 1001)
    assert error.verbs == [{"verb": "say"}]


@pytest.mark.parametrize(
    "error", [InvalidVerb("m", "p"), InvalidCommand("m", "p"), CallNotActive("m", code=1000), CallEnded("m", code=1006)]
)
def test_copy_and_pickle(error):
    """Exceptions survive a copy and a process boundary with what they carry, as test runners need it."""
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == "m"
        assert twin.__dict__ == error.__dict__


@pytest.mark.parametrize(
    "error", [MessageTooBig("m", 2, 1), CallRejected("m", verbs=[{"verb": "say"}])], ids=["too big", "rejected"]
)
def test_copy_and_pickle_of_what_needs_more_than_a_message(error):
    """So do those that cannot be made of a message alone."""
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert str(twin) == "m"
        assert twin.__dict__ == error.__dict__
