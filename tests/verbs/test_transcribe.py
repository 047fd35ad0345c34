from __future__ import annotations

from collections.abc import Callable

import pytest

from jambonz_sync.exceptions import InvalidVerb
from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.verbs.build import build


def test_its_hooks_are_names() -> None:
    """A dict is refused by the server."""
    verb = build("transcribe", {"transcription_hook": "/said", "translation_hook": "/translated"})
    assert verb.hooks == (HookUse("/said", HookKind.REPORT), HookUse("/translated", HookKind.REPORT))
    with pytest.raises(InvalidVerb, match=r"transcribe\.transcription_hook must be a string, not a dict"):
        build("transcribe", {"transcription_hook": {"url": "/said"}})


def test_the_background_form_knows_less() -> None:
    """Older servers translate only in the verb itself."""
    options = {"transcribe": {"enable": True, "transcription_hook": "/said", "translation_hook": "/translated"}}
    assert [use.kind for use in build("config", options).hooks] == [HookKind.REPORT] * 2
    with pytest.raises(InvalidVerb, match=r"translation_hook needs jambonz 10"):
        build("config", options, jambonz_version="0.9")


def test_somebody_reads_it(warned: Callable[[], list[str]]) -> None:
    """Or it is to end."""
    build("transcribe", {"transcription_hook": "/said"})
    build("transcribe", {"translation_hook": "/translated"})
    build("transcribe", {"enable": False})
    build("config", {"transcribe": {"enable": False}})
    assert warned() == []
    build("transcribe")
    build("config", {"transcribe": {"enable": True}})
    assert warned() == [
        "transcribe goes to nobody without transcription_hook",
        "config.transcribe goes to nobody without transcription_hook",
    ]
