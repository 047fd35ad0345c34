"""What the package offers at its top."""

from __future__ import annotations

import inspect
import subprocess
import sys

import jambonz_sync

NAMES = [
    "Answer",
    "AudioEnded",
    "AudioEvent",
    "AudioNotActive",
    "AudioService",
    "AudioStream",
    "CallEnded",
    "CallNotActive",
    "CallRejected",
    "CallStatus",
    "Counters",
    "Endpoint",
    "EndpointError",
    "Event",
    "HookLost",
    "InvalidCommand",
    "InvalidVerb",
    "JambonzError",
    "MessageTooBig",
    "NoInput",
    "Outcome",
    "Recording",
    "RecordingFailed",
    "Refusal",
    "Request",
    "Service",
    "Session",
    "StreamedText",
    "TtsStreamFailed",
    "VariableDefinition",
    "WaitTimeout",
    "create_endpoint",
    "get_app_config",
    "merge_env_vars_with_defaults",
    "validate_app_config",
]


def test_names():
    """The public names are these, and they are sorted."""
    assert jambonz_sync.__all__ == NAMES


def test_they_exist():
    """Each of them is there, and documented."""
    for name in NAMES:
        assert inspect.getdoc(getattr(jambonz_sync, name)), name


def test_nothing_else():
    """No other public name but those of the submodules."""
    public = {name for name in vars(jambonz_sync) if not name.startswith("_")} - {"annotations", "logging"}
    others = public - set(NAMES)
    assert {name for name in others if not inspect.ismodule(getattr(jambonz_sync, name))} == set()


def test_methods_are_documented():
    """Whatever an application can call on an object of the library has a docstring."""
    for cls in (jambonz_sync.Endpoint, jambonz_sync.Service, jambonz_sync.Session, jambonz_sync.Event):
        for name, member in vars(cls).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{cls.__name__}.{name}"


def test_exceptions():
    """Ordinary errors are of one base and of the builtin they resemble; the end of a call is no ``Exception``."""
    for name, kind in [
        ("CallNotActive", Exception),
        ("EndpointError", OSError),
        ("InvalidCommand", ValueError),
        ("InvalidVerb", ValueError),
        ("MessageTooBig", ValueError),
        ("TtsStreamFailed", Exception),
        ("WaitTimeout", TimeoutError),
    ]:
        error = getattr(jambonz_sync, name)
        assert issubclass(error, jambonz_sync.JambonzError)
        assert issubclass(error, kind)
    assert not issubclass(jambonz_sync.CallEnded, Exception)
    assert issubclass(jambonz_sync.CallRejected, jambonz_sync.CallEnded)


def test_import():
    """Importing the package imports no server, configures no logging, and starts no thread."""
    check = """
import sys, threading, logging
import jambonz_sync
assert not {"websocket_server", "flask", "pytest"} & set(sys.modules)
assert logging.getLogger().handlers == []
assert [type(handler) for handler in logging.getLogger("jambonz_sync").handlers] == [logging.NullHandler]
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-W", "error", "-c", check], check=True, timeout=60)


def test_listening_does_not_configure_logging():
    """Nor does listening, which imports a library that would."""
    check = """
import logging
import jambonz_sync
with jambonz_sync.create_endpoint(host="127.0.0.1", port=0):
    assert logging.getLogger().handlers == []
    assert logging.getLogger().level == logging.WARNING
"""
    subprocess.run([sys.executable, "-W", "error", "-c", check], check=True, timeout=60)
