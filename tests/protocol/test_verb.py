"""One verb, ready for the wire."""

from __future__ import annotations

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.verb import Verb


def test_wire_puts_the_verb_before_its_options():
    """On the wire the name is the key ``verb``, followed by the options."""
    assert Verb("say", {"text": "Hello."}).wire() == {"verb": "say", "text": "Hello."}
    assert list(Verb("say", {"text": "Hello."}).wire()) == ["verb", "text"]


def test_verb_without_options():
    """A verb needs no options, and has neither id nor hook then."""
    verb = Verb("hangup")
    assert verb.wire() == {"verb": "hangup"}
    assert verb.id is None
    assert verb.action_hook is None


def test_id_is_the_option():
    """The id is what the application gave as ``id``."""
    assert Verb("say", {"id": "greeting"}).id == "greeting"


def test_action_hook_is_the_one_of_its_kind():
    """Among several hooks the action hook is found wherever it stands."""
    verb = Verb("gather", {}, (HookUse("/partial", HookKind.NOTIFY), HookUse("/menu", HookKind.ACTION)))
    assert verb.action_hook == "/menu"


def test_redirect_reports_its_end():
    """The hook of a redirect verb ends it like an action hook."""
    assert Verb("redirect", {}, (HookUse("/other", HookKind.SESSION),)).action_hook == "/other"


def test_other_hooks_are_no_action_hook():
    """A verb that names only hooks of other kinds has no action hook."""
    assert Verb("conference", {}, (HookUse("/wait", HookKind.WAIT),)).action_hook is None


def test_with_id_leaves_the_verb_as_it_was():
    """An id is given to a copy; hooks and options are the same."""
    verb = Verb("gather", {"timeout": 5}, (HookUse("/menu", HookKind.ACTION),))
    other = verb.with_id("v1")
    assert (other.id, other.name, other.hooks) == ("v1", "gather", verb.hooks)
    assert other.options == {"id": "v1", "timeout": 5}
    assert verb.options == {"timeout": 5}


def test_with_id_keeps_a_given_id():
    """An id the application gave is never overwritten."""
    assert Verb("say", {"id": "mine"}).with_id("v1").id == "mine"


def test_verbs_are_compared_by_content():
    """Two verbs of the same content are equal."""
    assert Verb("say", {"text": "a"}) == Verb("say", {"text": "a"})
    assert Verb("say", {"text": "a"}) != Verb("say", {"text": "b"})
