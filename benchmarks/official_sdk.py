"""The SDK of jambonz itself for Python, ``jambonz-python-sdk``, which is written for asyncio.

A method of its session makes a pydantic model of what it is given, which checks it, and a dict of the model, which is
queued. It also has a validator that checks a list of such dicts against JSON schemas; no method calls it.
"""

from __future__ import annotations

import importlib
from typing import Any

from . import ours
from .side import NotInstalled, Side, Way

__all__ = ["by_keywords", "by_models", "by_schema", "check", "checked_side", "session", "side"]


def side() -> Side:
    """Return the SDK; raise :exc:`~.side.NotInstalled` if it is not here."""
    try:
        importlib.import_module("jambonz_sdk")
    except ModuleNotFoundError as error:
        if error.name != "jambonz_sdk":
            raise
        raise NotInstalled(
            'jambonz-python-sdk, which this compares with, is not installed; pip install -e ".[bench]" installs it'
        ) from None
    return Side(
        "jambonz-python-sdk",
        "jambonz_sdk",
        "from benchmarks import official_sdk as sdk; sdk.by_keywords().turns['plain']()",
        [by_keywords(), by_models(), by_schema()],
        ["pydantic", "pydantic-core", "jsonschema", "aiohttp"],
    )


def checked_side() -> Side:
    """Return the SDK, once it is certain that both sides do the same work: see :func:`check`."""
    made = side()
    check(made)
    return made


def check(made: Side) -> None:
    """Make sure that what the SDK would send is what we would send, but for defaults it spells out.

    Raises :exc:`ValueError` if it is not: then the figures would say nothing.
    """
    keywords, models, schema = made.ways
    for name, turn in keywords.turns.items():
        say, gather = turn()
        if [say, gather] != models.turns[name]() or schema.turns[name]():
            raise ValueError(f"the ways of {made.name} do not agree about the {name} turn")
        if gather.pop("listenDuringPrompt", True) is not True or gather.get("say", {}).pop("verb", "say") != "say":
            raise ValueError(f"{made.name} has other defaults than it had, in the {name} turn")
        if [say, gather] != [verb.wire() for verb in getattr(ours, name)(ours.session())]:
            raise ValueError(f"{made.name} sends something else than we do, in the {name} turn")


def session() -> Any:
    """Return the session of a call that has begun, with no socket under it."""
    return importlib.import_module("jambonz_sdk.websocket").Session(None, {"call_sid": "bench"}, "1")


def by_keywords() -> Way:
    """Verbs of keywords and dicts, as in most of its examples: a model is made, and a dict of that."""
    call = session()

    def plain() -> Any:
        call.say(text="Say something.").gather(input=["speech"], actionHook="/transcript", timeout=15)
        # The first thing that its send() does.
        return call.to_list()

    def typical() -> Any:
        call.say(
            text="Welcome to the switchboard.",
            synthesizer={"vendor": "google", "language": "en-GB", "voice": "en-GB-Wavenet-A"},
        ).gather(
            input=["speech", "digits"],
            actionHook="/name",
            timeout=10,
            say={"text": "Whom would you like to speak to?"},
            recognizer={"vendor": "google", "language": "en-GB", "hints": ["sales", "support"]},
        )
        return call.to_list()

    return Way("session, keywords", {"plain": plain, "typical": typical})


def by_models() -> Way:
    """Verbs of models, as it recommends: the application makes them, which checks; the session makes dicts of them."""
    verbs = importlib.import_module("jambonz_sdk.verbs")
    components = importlib.import_module("jambonz_sdk.components")
    say, gather = verbs.Say, verbs.Gather
    synthesizer, recognizer = components.Synthesizer, components.Recognizer
    call = session()

    def plain() -> Any:
        call.say(say(text="Say something."))
        call.gather(gather(input=["speech"], action_hook="/transcript", timeout=15))
        return call.to_list()

    def typical() -> Any:
        call.say(
            say(
                text="Welcome to the switchboard.",
                synthesizer=synthesizer(vendor="google", language="en-GB", voice="en-GB-Wavenet-A"),
            )
        ).gather(
            gather(
                input=["speech", "digits"],
                action_hook="/name",
                timeout=10,
                say=say(text="Whom would you like to speak to?"),
                recognizer=recognizer(vendor="google", language="en-GB", hints=["sales", "support"]),
            )
        )
        return call.to_list()

    return Way("session, models", {"plain": plain, "typical": typical})


def by_schema() -> Way:
    """Its validator, on verbs that are dicts already: it returns what is wrong with them, which is nothing."""
    validate = importlib.import_module("jambonz_sdk").JambonzValidator().validate_app
    made = {name: turn() for name, turn in by_keywords().turns.items()}
    return Way(
        "JSON schema validator",
        {"plain": lambda: validate(made["plain"]), "typical": lambda: validate(made["typical"])},
    )
