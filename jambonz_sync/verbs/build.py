"""Building verbs: from what an application wrote to what may be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..exceptions import InvalidVerb
from ..protocol.hooks import HookKind, HookUse
from ..protocol.verb import Verb
from .arguments import merged
from .compile import compiled, free_options, hook_use
from .fault import Fault, shown
from .notice import warn_once
from .registry import NOT_FOR_APPLICATIONS, VERBS, find
from .rules import Run
from .spelling import did_you_mean
from .versions import too_new, version_of

__all__ = ["build", "from_wire"]


def build(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    positional: object = None,
    strict: bool = True,
    jambonz_version: str | None = None,
    allow_unknown: bool = False,
) -> Verb:
    """Return a verb, checked, copied and in the wire's spelling.

    ``name`` is the verb's name on the wire or that of its method. ``options`` may be spelled either way. A value of
    ``None`` counts as not given. ``positional`` is the verb's one obvious argument, or a dict of options; whatever
    is given there and in ``options`` too is an error.

    ``strict=False`` lets options pass that are unknown here, as they stand; ``allow_unknown`` (or ``strict=False``)
    does so for a whole verb. With a ``jambonz_version``, verbs and options are refused that came after it.

    What jambonz takes but does nothing about is logged as a warning, once per process.

    Raises :exc:`~jambonz_sync.InvalidVerb`, with the path to the fault.
    """
    return _build(name, options or {}, positional, strict, jambonz_version, allow_unknown, "")


def from_wire(
    verbs: Iterable[Mapping[str, Any] | Verb],
    *,
    strict: bool = True,
    jambonz_version: str | None = None,
) -> list[Verb]:
    """Return the verbs of a list as the jambonz docs write it: ``[{"verb": "say", "text": "Hello."}]``.

    An element may also be ``{"say": {"text": "Hello."}}``, or a verb that is built already. Options may be spelled
    either way. The paths of errors begin with the index: ``[1].say.text``.
    """
    built: list[Verb] = []
    for index, item in enumerate(verbs):
        start = f"[{index}]"
        if isinstance(item, Verb):
            built.append(item)
            continue
        if not isinstance(item, Mapping):
            raise InvalidVerb(f"{start} must be a dict with a verb, not {shown(item)}", start)
        name, options = _apart(item, start)
        built.append(_build(name, options, None, strict, jambonz_version, False, f"{start}."))
    return built


def _apart(item: Mapping[str, Any], start: str) -> tuple[str, Mapping[str, Any]]:
    options: Any
    if "verb" in item:
        name = item["verb"]
        options = {key: value for key, value in item.items() if key != "verb"}
    elif len(item) == 1:
        ((name, options),) = item.items()
        if options is None:
            options = {}
    else:
        raise InvalidVerb(f'{start} needs verb, as in {{"verb": "say", "text": "Hello."}}', f"{start}.verb")
    if not isinstance(name, str):
        raise InvalidVerb(f"{start}.verb must be the name of a verb, not {shown(name)}", f"{start}.verb")
    if not isinstance(options, Mapping):
        raise InvalidVerb(f"{start}.{name} must be a dict of options, not {shown(options)}", f"{start}.{name}")
    return name, options


def _build(
    name: str,
    options: Mapping[str, Any],
    positional: object,
    strict: bool,
    jambonz_version: str | None,
    allow_unknown: bool,
    prefix: str,
) -> Verb:
    verb = find(name)
    path = prefix + name
    if verb is None:
        why = NOT_FOR_APPLICATIONS.get(name)
        if why is not None:
            raise InvalidVerb(f"{path} is no verb for applications: {why}", path)
        if strict and not allow_unknown:
            near = did_you_mean(name, ((other.method, other.name) for other in VERBS.values()))
            hint = f"did you mean {near}?" if near else f"session.verb({name!r}, ...) sends it all the same"
            start = prefix.replace(".", ": ")
            raise InvalidVerb(f"{start}jambonz_sync knows no verb {name!r}; {hint}", path)
        return _unchecked(name, options, positional, path)
    version = None if jambonz_version is None else version_of(jambonz_version)
    if verb.since is not None and too_new(verb.since, version):
        raise InvalidVerb(f"{path} needs jambonz {verb.since} or newer, not {jambonz_version}", path)
    run = Run(strict, version)
    try:
        if positional is not None:
            options = merged(verb, options, positional)
        if verb.preset:
            options = verb.completed(options)
        out = compiled(verb.options)(options, run)
    except Fault as fault:
        raise fault.error(path, InvalidVerb) from None
    except RecursionError:
        raise InvalidVerb(f"{path} holds a value that is nested too deeply, or contains itself", path) from None
    for notice in run.notices:
        warn_once(notice.line(verb.method))
    return Verb(verb.sent_as, out, tuple(run.hooks))


def _unchecked(name: str, options: Mapping[str, Any], positional: object, path: str) -> Verb:
    if positional is None:
        positional = {}
    try:
        if not isinstance(positional, Mapping):
            raise Fault(f"takes a dict of options as its argument, not {shown(positional)}")
        for key in options:
            if key in positional:
                raise Fault(f"got {key} twice: in the dict and by name", key)
        out = free_options({**positional, **options})
    except Fault as fault:
        raise fault.error(path, InvalidVerb) from None
    except RecursionError:
        raise InvalidVerb(f"{path} holds a value that is nested too deeply, or contains itself", path) from None
    out.pop("verb", None)
    hooks: list[HookUse] = []
    for key, value in out.items():
        # All that is known of a verb unknown here: how jambonz names its hooks.
        if key.endswith("Hook"):
            target = value.get("url") if isinstance(value, dict) else value
            use = hook_use(target, HookKind.ACTION if key == "actionHook" else HookKind.REPORT)
            if use is not None:
                hooks.append(use)
    return Verb(name, out, tuple(hooks))
