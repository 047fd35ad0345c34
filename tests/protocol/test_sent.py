"""What jambonz has been given to do, and what its hooks therefore mean."""

from __future__ import annotations

import pytest

from jambonz_sync.protocol.hooks import HookKind, HookUse
from jambonz_sync.protocol.sent import Found, SentVerbs
from jambonz_sync.protocol.verb import Verb

from .conversation import gather, naming, redirecting, say

#: The kinds of hook that do not report the end of a verb.
SIDE = [kind for kind in HookKind if kind not in (HookKind.ACTION, HookKind.SESSION)]


def sent(*verbs: Verb) -> SentVerbs:
    """What is known after one list."""
    verbs_sent = SentVerbs()
    verbs_sent.replace(verbs_sent.numbered(verbs))
    return verbs_sent


# Ids


def test_verbs_with_action_hook_get_an_id():
    """A verb that reports its end is given an id, so that its report can be told from that of another."""
    first, second = SentVerbs().numbered([gather("/a"), gather("/a")])
    assert (first.id, second.id) == ("v1", "v2")


def test_other_verbs_get_no_id():
    """A verb without an action hook is left as it is."""
    verbs = (say(), naming("/wait", HookKind.WAIT))
    assert SentVerbs().numbered(verbs) == verbs


def test_given_ids_are_kept():
    """An id of the application's own is left alone and uses up no number."""
    mine, other = SentVerbs().numbered([gather("/a", id="mine"), gather("/b")])
    assert (mine.id, other.id) == ("mine", "v1")


def test_new_ids_differ():
    """No id is given out twice in one call."""
    verbs_sent = SentVerbs()
    ids = [verbs_sent.new_id() for _ in range(3)]
    ids += [verb.id for verb in verbs_sent.numbered([gather(), gather()])]
    assert len(set(ids)) == 5


# The queue


def test_replace_puts_the_list_in_place_of_the_queue():
    """A list that replaces leaves nothing of the one before."""
    verbs_sent = sent(say("a"))
    verbs_sent.replace((say("b"),))
    assert verbs_sent.queue == (say("b"),)


def test_extend_puts_the_list_behind():
    """A list that is appended goes behind the queue."""
    verbs_sent = sent(say("a"))
    verbs_sent.extend((say("b"),))
    assert verbs_sent.queue == (say("a"), say("b"))


def test_reached_takes_off_the_verb_that_ended_and_those_before():
    """When a verb has reported its end, the queue is what stands behind it."""
    verbs_sent = sent(say("a"), gather("/g"), say("b"))
    assert verbs_sent.reached(1) == (say("b"),)
    assert verbs_sent.queue == (say("b"),)


def test_reached_last():
    """Nothing stands behind the last verb."""
    assert sent(gather("/g")).reached(0) == ()


def test_aside_leaves_the_queue():
    """Verbs for another leg do not touch the queue."""
    verbs_sent = sent(say("a"))
    verbs_sent.aside([gather("/leg")])
    assert verbs_sent.queue == (say("a"),)


# What a hook is for


@pytest.mark.parametrize("kind", SIDE)
def test_find_hook_of_the_list(kind):
    """A hook named by a verb of the list is of that kind, and has no place in the list unless it ends a verb."""
    assert sent(say(), naming("/h", kind)).find("/h", None) == Found(kind)


def test_find_end_of_a_verb():
    """An action hook is found with the place of its verb."""
    verbs_sent = sent(say(), gather("/a"), gather("/b"))
    assert verbs_sent.find("/a", "v1") == Found(HookKind.ACTION, 1)
    assert verbs_sent.find("/b", "v2") == Found(HookKind.ACTION, 2)


def test_find_behind_a_verb_sent_again():
    """Until that verb has begun, the others report the end of themselves as they were sent the first time."""
    verbs_sent = sent(gather("/before"), gather("/again"), naming("/wait", HookKind.WAIT), gather("/behind"))
    assert verbs_sent.repeat("v2")
    assert verbs_sent.find("/before", "v1") == Found(HookKind.ACTION, 0)
    assert verbs_sent.find("/again", "v2") == Found(HookKind.ACTION, 1)
    assert verbs_sent.find("/wait", None) == Found(HookKind.WAIT)
    assert verbs_sent.find("/behind", "v3") == Found(HookKind.ACTION, stale=True)
    verbs_sent.repeated = None
    assert verbs_sent.find("/behind", "v3") == Found(HookKind.ACTION, 3)


def test_find_behind_a_verb_sent_again_that_is_over():
    """It has reported its end, so the next report is that of the verb behind it."""
    verbs_sent = sent(gather("/again"), gather("/behind"))
    assert verbs_sent.repeat("v1")
    verbs_sent.reached(0)
    assert verbs_sent.repeated is None
    assert verbs_sent.find("/behind", "v2") == Found(HookKind.ACTION, 0)


def test_find_behind_a_verb_sent_again_that_was_replaced():
    """Nothing of it is waited for any more, and a list with the same ids is a new one."""
    verbs_sent = sent(gather("/again"), gather("/behind"))
    assert verbs_sent.repeat("v1")
    verbs_sent.replace(verbs_sent.queue)
    assert verbs_sent.repeated is None


@pytest.mark.parametrize("verb_id", ["v2", None])
def test_a_verb_that_could_not_be_sent_again(verb_id):
    """Nothing is behind a verb that is not in the list."""
    verbs_sent = sent(say(), gather("/a"))
    assert not verbs_sent.repeat(verb_id)
    assert verbs_sent.repeated is None


def test_find_redirect():
    """A redirect verb ends by asking what comes next."""
    verbs_sent = sent(say(), redirecting("/r"), say())
    assert verbs_sent.find("/r", "v1") == Found(HookKind.SESSION, 1)
    verbs_sent.replace((say(),))
    assert verbs_sent.find("/r", "v1").stale


def test_find_by_id_among_equal_names():
    """Two verbs with one hook name are told apart by their ids."""
    verbs_sent = sent(gather("/a"), gather("/a"))
    assert verbs_sent.find("/a", "v2") == Found(HookKind.ACTION, 1)


def test_find_without_id_takes_the_first_of_the_name():
    """Where jambonz repeats no id, the name alone decides."""
    assert sent(say(), gather("/a"), gather("/a")).find("/a", None) == Found(HookKind.ACTION, 1)


def test_find_second_hook_of_a_verb():
    """All hooks of a verb are looked at."""
    verb = Verb("gather", {}, (HookUse("/a", HookKind.ACTION), HookUse("/p", HookKind.NOTIFY)))
    assert sent(verb).find("/p", "v1") == Found(HookKind.NOTIFY)


def test_find_unknown_name():
    """A name that was never sent counts as an action hook with nothing behind it."""
    assert sent(gather("/a")).find("/x", None) == Found(HookKind.ACTION)
    assert SentVerbs().find("/x", "v1") == Found(HookKind.ACTION)


def test_find_stale_by_id():
    """The same name under the id of a verb that was replaced is stale."""
    verbs_sent = sent(gather("/a"))
    verbs_sent.replace(verbs_sent.numbered([gather("/a")]))
    assert verbs_sent.find("/a", "v1") == Found(HookKind.ACTION, None, stale=True)
    assert verbs_sent.find("/a", "v2") == Found(HookKind.ACTION, 0)


def test_find_stale_by_name():
    """A name that only replaced verbs had is stale, with or without an id."""
    verbs_sent = sent(gather("/a"))
    verbs_sent.replace((say(),))
    assert verbs_sent.find("/a", "v1").stale
    assert verbs_sent.find("/a", None).stale


def test_find_same_given_id_in_the_next_list():
    """An id of the application's own that is used again belongs to the list last sent."""
    verbs_sent = sent(gather("/a", id="mine"))
    verbs_sent.reached(0)
    verbs_sent.replace((gather("/a", id="mine"),))
    assert verbs_sent.find("/a", "mine") == Found(HookKind.ACTION, 0)


@pytest.mark.parametrize("kind", SIDE)
def test_find_hook_of_a_replaced_list(kind):
    """Hooks that end no verb are never stale: a status of what went before is still a status."""
    verbs_sent = sent(naming("/h", kind))
    verbs_sent.replace((say(),))
    assert verbs_sent.find("/h", None) == Found(kind)


def test_find_end_of_a_verb_on_another_leg():
    """A verb sent to another leg reports as that leg."""
    verbs_sent = sent(say())
    verbs_sent.aside([gather("/leg"), naming("/music", HookKind.WAIT)])
    assert verbs_sent.find("/leg", "v1") == Found(HookKind.LEG_REPORT)
    assert verbs_sent.find("/music", None) == Found(HookKind.WAIT)


def test_find_takes_the_kind_sent_last():
    """A name that was used for two purposes is of the kind it had last."""
    verbs_sent = sent(naming("/h", HookKind.WAIT))
    verbs_sent.replace((naming("/h", HookKind.ENTER),))
    verbs_sent.replace((say(),))
    assert verbs_sent.find("/h", None) == Found(HookKind.ENTER)


# Names


def test_names_of_all_lists():
    """Every hook name sent so far is known, also those of lists replaced, appended and sent aside."""
    verbs_sent = sent(gather("/a"))
    verbs_sent.extend((gather("/b"),))
    verbs_sent.replace((say(),))
    verbs_sent.aside([gather("/c")])
    assert list(verbs_sent.names) == ["/a", "/b", "/c"]


def test_names_are_bounded():
    """An application that makes up a name for every turn does not grow memory without end; the newest are kept."""
    verbs_sent = SentVerbs()
    for number in range(2_500):
        verbs_sent.replace((gather(f"/{number}"),))
    names = list(verbs_sent.names)
    assert len(names) == 2_000
    assert names[-1] == "/2499"


def test_name_used_again_is_new():
    """A name in use is not the one that is forgotten."""
    verbs_sent = sent(naming("/status", HookKind.NOTIFY))
    for number in range(1_999):
        verbs_sent.replace((gather(f"/{number}"),))
    verbs_sent.replace((naming("/status", HookKind.NOTIFY),))
    verbs_sent.replace((gather("/last"),))
    assert verbs_sent.find("/status", None) == Found(HookKind.NOTIFY)


# Hooks of commands


def test_hooks_of_commands_are_known():
    """A hook that a command names is of the kind it was named for, and belongs to no verb of the list."""
    verbs_sent = sent(say())
    verbs_sent.know([HookUse("/music", HookKind.WAIT), HookUse("/next", HookKind.SESSION)])
    assert verbs_sent.find("/music", None) == Found(HookKind.WAIT)
    assert verbs_sent.find("/next", None).index is None
    assert list(verbs_sent.names) == ["/music", "/next"]


# Language models


def model(vendor: object = "openai", tool_hook: object = "/tool", name: str = "llm") -> Verb:
    """A verb that brings a language model into the call."""
    return Verb(name, {"vendor": vendor, "toolHook": tool_hook})


@pytest.mark.parametrize(
    ("verb", "vendor"),
    [
        (model(), "openai"),
        (model("google"), "google"),
        (model("openai", name="agent"), "agent"),
        (Verb("agent", {}), "agent"),
        (Verb("newvendor_s2s", {}), "newvendor"),
        (Verb("llm", {}), None),
        (model(7), None),
        (say(), None),
        (gather(), None),
    ],
)
def test_model_of_a_verb(verb, vendor):
    """The vendor is that of the verb, by its option or by its name; the verb agent is one of its own."""
    assert sent(verb).model == vendor
    assert sent(verb).model_behind(None) == vendor


def test_model_is_the_last_one():
    """A list that is replaced or appended brings its own; verbs for another leg bring none into this call."""
    verbs_sent = sent(model("openai"))
    verbs_sent.extend((model("google", None),))
    assert verbs_sent.model == "google"
    verbs_sent.aside([model("ultravox", "/aside")])
    verbs_sent.replace((say(),))
    assert verbs_sent.model == "google"
    assert verbs_sent.model_behind("/aside") == "google"


@pytest.mark.parametrize("first", ["/one", {"url": "/one"}])
def test_models_are_told_apart_by_their_tool_hooks(first):
    """Of several models each has its hook; one that no verb has named is that of the last."""
    verbs_sent = sent(model("openai", first), model("google", "/two"), model("deepgram", None))
    assert verbs_sent.model_behind("/one") == "openai"
    assert verbs_sent.model_behind("/two") == "google"
    assert verbs_sent.model_behind("/three") == "deepgram"
    assert verbs_sent.model_behind("") == "deepgram"


def test_tool_hook_used_again():
    """A hook that two models have had is that of the second."""
    verbs_sent = sent(model("openai"))
    verbs_sent.replace((model("google"),))
    verbs_sent.replace((model("ultravox", "/other"),))
    assert verbs_sent.model_behind("/tool") == "google"


@pytest.mark.parametrize("hook", [None, 7, {}, {"url": None}, []])
def test_odd_tool_hook(hook):
    """A hook that is none is not learned, and the model is known all the same."""
    assert sent(model("openai", hook)).model_behind("/tool") == "openai"


def test_tool_hooks_are_bounded():
    """An application that makes up a name for every model does not grow memory without end."""
    verbs_sent = SentVerbs()
    for number in range(2_500):
        verbs_sent.replace((model("openai", f"/{number}"),))
    verbs_sent.replace((model("google", "/last"),))
    assert len(verbs_sent._models) == 2_000
    assert verbs_sent.model_behind("/last") == "google"


def test_tool_hook_used_again_after_very_many():
    """Of very many tool hooks the newest are known, and one that is named again is new."""
    verbs_sent = SentVerbs()
    verbs_sent.replace((model("openai", "/tool"),))
    for number in range(2_500):
        verbs_sent.replace((model("openai", f"/{number}"),))
    verbs_sent.replace((model("google", "/tool"),))
    verbs_sent.replace((model("openai", "/2499"),))
    assert verbs_sent.model_behind("/tool") == "google"


def test_replaced_verb_whose_hook_is_named_on_another_leg_too():
    """A verb that was replaced is told by its id, even if a list for another leg has named the same hook since."""
    verbs_sent = SentVerbs()
    replaced = Verb("play", {"id": "v1", "actionHook": "/b"}, (HookUse("/b", HookKind.ACTION),))
    verbs_sent.replace((replaced,))
    verbs_sent.replace(())
    verbs_sent.aside((Verb("play", {"id": "v2", "actionHook": "/b"}, (HookUse("/b", HookKind.ACTION),)),))
    assert verbs_sent.find("/b", "v1") == Found(HookKind.ACTION, stale=True)
    assert verbs_sent.find("/b", "v2") == Found(HookKind.LEG_REPORT)


def test_an_id_that_is_used_on_another_leg():
    """The same id in a list for another leg is that leg's from then on."""
    verbs_sent = SentVerbs()
    verb = Verb("play", {"id": "mine", "actionHook": "/b"}, (HookUse("/b", HookKind.ACTION),))
    verbs_sent.replace((verb,))
    verbs_sent.replace(())
    verbs_sent.aside((verb,))
    assert verbs_sent.find("/b", "mine") == Found(HookKind.LEG_REPORT)


def test_another_hook_of_a_replaced_verb():
    """What a replaced verb tells beside its end is what it was, though it names the verb's id too."""
    verbs_sent = SentVerbs()
    hooks = (HookUse("/end", HookKind.ACTION), HookUse("/partial", HookKind.NOTIFY))
    verbs_sent.replace((Verb("gather", {"id": "v1", "actionHook": "/end"}, hooks),))
    verbs_sent.replace(())
    assert verbs_sent.find("/partial", "v1") == Found(HookKind.NOTIFY)
