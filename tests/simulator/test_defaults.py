"""How a call speaks and listens where a verb does not say."""

from __future__ import annotations

from jambonz_sync.simulator.defaults import Defaults


def test_changes_and_resets():
    """config changes parts, "default" leaves them, and reset brings back what the application has configured."""
    defaults = Defaults()
    usual = dict(defaults.recognizer_for({}))
    defaults.change({"recognizer": {"vendor": "deepgram", "language": "default"}, "synthesizer": {"vendor": "x"}})
    assert defaults.recognizer_for({}) == {"vendor": "deepgram", "language": usual["language"]}
    assert defaults.synthesizer_for({"synthesizer": {"voice": "y"}})["voice"] == "y"
    defaults.change({"reset": "recognizer"})
    assert defaults.recognizer_for({}) == usual
    assert defaults.synthesizer_for({})["vendor"] == "x"
    defaults.change({"reset": ["synthesizer", "what is this"]})
    assert defaults.synthesizer_for({})["vendor"] == "google"
