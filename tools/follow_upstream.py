"""Compare our description of the verbs with what jambonz has published since.

jambonz describes its verbs twice, in npm packages: ``@jambonz/verb-specifications`` is the strict validator inside the
server, ``@jambonz/schema`` describes newer servers too. This reads both as they are installed and compares them,
option by option and down to the last nested object, with the ``TypedDict`` classes of ``jambonz_sync.verbs``.

::

    npm install @jambonz/schema @jambonz/verb-specifications
    python tools/follow_upstream.py node_modules

Every line of the output is one thing to look at: an option that is new or gone, another type, other words, another
range, needed or no longer, a verb, another name for one. Not compared are the schema's conditions between options
and its patterns for texts: ours are rules in code. Differences on purpose are listed in ``DELIBERATE`` with
their reasons; one that is no longer there is reported too. The exit status is 1 if there is anything to report.

When everything has been followed, ``--write tests/data/spec.json`` brings the facts up to date from which the tests
work without npm.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from typing_extensions import is_typeddict

# Run as a script, Python looks beside the script, not where it was started.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from jambonz_sync.verbs.describe import Option, options_of
from jambonz_sync.verbs.hook import HookObject
from jambonz_sync.verbs.markers import AtLeastOne, Between
from jambonz_sync.verbs.registry import NOT_FOR_APPLICATIONS, VERBS, VerbType

__all__ = ["DELIBERATE", "Difference", "differences", "facts", "main", "report"]

#: Where we differ on purpose: the option on the wire, in what, and why.
DELIBERATE = {
    ("agent.llm.llmOptions.initialMessages", "object"): "vendors have their own keys; a rule looks at the needed two",
    ("agent.llm.llmOptions.messages", "object"): "vendors have their own keys; a rule looks at the needed two",
    ("conference.stream", "object"): "any object in the schema; it is another name for listen, so it takes the same",
    ("dial.dtmfCapture", "object"): "any object in the specifications; the server reads two keys of it",
    ("dub.say", "object"): "any object in the specifications; the server reads it as options of say",
    ("enqueue._", "missing"): "carried along inside the server only",
    ("gather.play", "type"): "a plain URL is a shorthand of ours; the wire gets the object",
    ("gather.say", "type"): "a plain text is a shorthand of ours; the wire gets the object",
    ("llm.auth", "object"): "the schema names one key of many: every vendor has its own; a rule looks at them",
    ("llm.llmOptions", "object"): "every vendor has its own; a rule looks at the needed ones",
    ("agent.llm.auth", "object"): "the schema names one key of many: every vendor has its own",
    ("mcpServer.roots", "since"): "known to the validator, which refuses every entry, for want of a type named root",
    ("recognizer.gladiaOptions", "object"): "any object for the validator, an empty description in the schema",
    ("recognizer.hints.boost", "since"): "described by the schema alone; the validator does not look into the list",
    ("recognizer.hints.phrase", "since"): "described by the schema alone; the validator does not look into the list",
    ("redirect.actionHook", "type"): "a dict passes the check of the server, then breaks the verb and ends the call",
    ("room", "since"): "sent as the conference that it is, which every server knows",
    ("say.text", "needed"): "the server refuses a say without text later, when it comes to run it",
    ("speechmaticsOptions.audio_events_config_config", "missing"): (
        "a slip in the validator: its one property has a type that the validator refuses, whatever the value"
    ),
    ("transcribeOptions.translationHook", "extra"): "newer servers take here what transcribe takes",
}


class Difference(NamedTuple):
    """One thing in which our description and the published ones are not the same.

    ``where`` is the option with the names of the wire, from the verb or from the shared object that has it. ``what``
    is a word for the kind of difference, ``text`` the rest of the sentence.
    """

    where: str
    what: str
    text: str


# --- what is published -----------------------------------------------------------------------------------------------

_PROSE = {"description", "title", "examples", "example", "$comment", "$schema", "$id", "deprecated"}
_PARTS = ("properties", "$defs")


def facts(node_modules: pathlib.Path) -> dict[str, Any]:
    """Return what the two packages say, without prose: ``s`` is the schema, ``v`` the validator inside jambonz."""
    return _Packages(node_modules).facts()


class _Packages:
    def __init__(self, node_modules: pathlib.Path) -> None:
        root = node_modules / "@jambonz" if (node_modules / "@jambonz").is_dir() else node_modules
        self.schema, self.validator = root / "schema", root / "verb-specifications"
        for package in (self.schema, self.validator):
            if not (package / "package.json").is_file():
                raise FileNotFoundError(f"there is no package {package.name} in {root}")
        self.specs: dict[str, Any] = _load(self.validator / "specs.json")
        self.raw = {kind: self._folder(kind) for kind in ("verbs", "components")}

    def _folder(self, kind: str) -> dict[str, Any]:
        found = {}
        for path in sorted((self.schema / kind).glob("*.schema.json")):
            raw = _load(path)
            name = path.name.removesuffix(".schema.json")
            if kind == "verbs":
                name = raw.get("properties", {}).get("verb", {}).get("const") or raw["$id"].rpartition("/")[2]
            found[name] = raw
        return found

    def facts(self) -> dict[str, Any]:
        components, verbs = self.raw["components"], self.raw["verbs"]
        # The validator calls vendors' options by shorter names, and keeps verbs and parts of them in one list. What it
        # can run by itself has an id; one of its parts has one too.
        shorter = {name.removeprefix("recognizer-"): name for name in components}
        of_component = {shorter[name]: name for name in self.specs if name in shorter and name not in verbs}
        runnable = {name for name, spec in self.specs.items() if "id" in spec["properties"] and name != "sonioxStorage"}
        names = {*verbs, *(runnable - set(of_component.values()))}
        others = self.specs.keys() - names - set(of_component.values())
        out: dict[str, Any] = {
            "verbs": {name: self._definition("verbs", name, self.specs.get(name)) for name in names},
            "components": {
                name: self._definition("components", name, self.specs.get(of_component.get(name, "")))
                for name in components
            },
            "vtypes": {name: self._definition("vtypes", name, self.specs[name]) for name in others},
            "synonyms": self._synonyms(),
            "versions": {
                package.name: _load(package / "package.json")["version"] for package in (self.schema, self.validator)
            },
        }
        for name, short in of_component.items():
            if name != short:
                out["components"][name]["v_name"] = short
        return out

    def _definition(self, kind: str, name: str, spec: Mapping[str, Any] | None) -> dict[str, Any]:
        raw = self.raw.get(kind, {}).get(name)
        out: dict[str, Any] = {"src": ("s" if raw is not None else "") + ("v" if spec is not None else "")}
        props: dict[str, Any] = {}
        needed: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        if raw is not None:
            flat = self._flat(_without_prose(raw, kind))
            if kind == "verbs":
                flat["properties"].pop("verb", None)
                flat["required"].discard("verb")
            props = {key: {"src": "s", "s": value} for key, value in flat["properties"].items()}
            needed["s"] = sorted(flat["required"])
            extra["s"] = flat["extra"]
            for key in ("extends", "rules", "same_as"):
                if flat[key]:
                    out[key] = sorted(flat[key]) if key == "extends" else flat[key]
            if raw.get("minVersion"):
                out["min"] = raw["minVersion"]
        if spec is not None:
            for key, value in spec["properties"].items():
                prop = props.setdefault(key, {"src": ""})
                prop["src"] += "v"
                prop["v"] = value.replace(" ", "") if isinstance(value, str) else value
            needed["v"] = sorted(spec.get("required", ()))
            extra["v"] = False
        needed = {source: names for source, names in needed.items() if names}
        return {**out, "extra": extra, "props": props, **({"req": needed} if needed else {})}

    def _flat(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return an object's own properties together with those of the objects it extends."""
        flat: dict[str, Any] = {
            "properties": {},
            "required": set(),
            "extra": True,
            "extends": set(),
            "same_as": node.get("$ref"),
        }
        known = {"properties", "required", "additionalProperties", "type", "minVersion", "allOf", "$ref"}
        flat["rules"] = {key: value for key, value in node.items() if key not in known}
        conditions = []
        same = [{"$ref": node["$ref"]}] if "$ref" in node else []
        for part in same + node.get("allOf", []):
            if set(part) != {"$ref"}:
                conditions.append(part)
                continue
            _, kind, name = part["$ref"].split("/")
            base = self._flat(_without_prose(self.raw[kind][name], kind))
            flat["properties"].update(base["properties"])
            flat["required"] |= base["required"]
            flat["extends"] |= base["extends"]
            if part["$ref"] != node.get("$ref"):
                flat["extends"].add(part["$ref"])
                conditions += base["rules"].get("allOf", [])
        if conditions:
            flat["rules"]["allOf"] = conditions
        flat["properties"].update(node.get("properties", {}))
        flat["required"] |= set(node.get("required", ()))
        extra = node.get("additionalProperties")
        if extra is False or (isinstance(extra, dict) and extra):
            flat["extra"] = extra
        if node.get("type", "object") != "object":
            flat["rules"]["type"] = node["type"]
        return flat

    def _synonyms(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        files = {"s": self.schema / "lib" / "normalize.js", "v": self.validator / "jambonz-app-json-validation.js"}
        entry = re.compile(r"\[\s*'([\w:]+)',\s*\{\s*verb:\s*'([\w:]+)'\s*(?:,\s*properties:\s*\{([^}]*)\}\s*)?\}\s*\]")
        for source, path in files.items():
            for name, verb, preset in entry.findall(path.read_text(encoding="utf-8")):
                known = found.setdefault(name, {})[source] = {"verb": verb}
                if preset:
                    known["set"] = dict(re.findall(r"(\w+)\s*:\s*'([^']*)'", preset))
        for name, raw in self.raw["verbs"].items():
            if raw.keys() - _PROSE - {"minVersion"} == {"$ref"}:
                found.setdefault(name, {})["s"] = {"verb": _reference(raw["$ref"], "verbs").rpartition("/")[2]}
        return found


def _load(path: pathlib.Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _reference(ref: str, kind: str) -> str:
    """Return a reference as ``#/components/auth``, whatever it is relative to."""
    if ref.startswith("#"):
        return ref
    parts = [part for part in ref.removesuffix(".schema.json").split("/") if part not in (".", "..", "")]
    return "/".join(["#", *parts[-2:]] if len(parts) > 1 else ["#", kind, parts[0]])


def _without_prose(node: Any, kind: str, names: bool = False) -> Any:
    """Return a schema without sentences, and with references that do not depend on the place; ``names``: of options."""
    if isinstance(node, list):
        return [_without_prose(item, kind) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        if names or key not in _PROSE:
            if key == "$ref" and not names:
                out[key] = _reference(value, kind)
            else:
                out[key] = _without_prose(value, kind, names=key in _PARTS and not names)
    return out


# --- the comparison --------------------------------------------------------------------------------------------------


def differences(published: Mapping[str, Any]) -> list[Difference]:
    """Return every difference, those on purpose too, between our verbs and what :func:`facts` has read."""
    return sorted(set(_Comparison(published).all()))


class _Comparison:
    def __init__(self, published: Mapping[str, Any]) -> None:
        self.published = published
        self.local = {
            name: node
            for verb in published["verbs"].values()
            for name, node in verb.get("rules", {}).get("$defs", {}).items()
        }

    def all(self) -> Iterator[Difference]:
        verbs, synonyms = self.published["verbs"], self.published["synonyms"]
        theirs = (verbs.keys() | synonyms.keys()) - NOT_FOR_APPLICATIONS.keys()
        for name in theirs - VERBS.keys():
            yield Difference(name, "new", "is a verb that is not described here")
        for name, verb in VERBS.items():
            if name not in theirs:
                yield Difference(name, "gone", "is a verb that neither package knows any more")
            else:
                yield from self._verb(verb, verbs, synonyms.get(name, {}))

    def _verb(
        self, verb: VerbType, verbs: Mapping[str, Any], synonym: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[Difference]:
        for alias in synonym.values():
            if (alias["verb"], alias.get("set", {})) != (verb.sent_as, dict(verb.preset)):
                yield Difference(
                    verb.name, "alias", f"is another name for {alias['verb']} now, with {alias.get('set')}"
                )
        if verb.alias_of is not None and not synonym:
            yield Difference(verb.name, "alias", f"is no longer another name for {verb.alias_of}")
        if verb.sent_as not in verbs:
            return
        source = "".join(synonym) if verb.alias_of is not None else verbs[verb.name]["src"]
        if (verb.since is None) != ("v" in source):
            known = "is known to the validator inside jambonz, and has a since here"
            yield Difference(
                verb.name, "since", known if verb.since else "is in the schema alone, and has no since here"
            )
        merged = _merged(*(verbs[name] for name in dict.fromkeys((verb.sent_as, verb.name)) if name in verbs))
        # An alias may ask for less, or more, than the verb it stands for; the server checks it as that verb.
        merged["needed"] = _merged(verbs[verb.sent_as])["needed"]
        for key in verb.preset:
            merged["props"][key] = verbs[verb.sent_as]["props"][key]
        yield from self._object(verb.options, merged, verb.sent_as, verb.since is not None)

    def _object(self, typed: type, theirs: Mapping[str, Any], path: str, newer: bool) -> Iterator[Difference]:
        ours = {option.wire: option for option in options_of(typed)}
        for wire in ours.keys() - theirs["props"].keys():
            yield Difference(f"{path}.{wire}", "extra", "is an option that neither package knows")
        for wire in theirs["props"].keys() - ours.keys():
            kinds = _joined(_Theirs(self, theirs["props"][wire]).kinds)
            yield Difference(f"{path}.{wire}", "missing", f"is an option that is not described here ({kinds})")
        for wire in ours.keys() & theirs["props"].keys():
            yield from self._option(
                ours[wire], theirs["props"][wire], wire in theirs["needed"], f"{path}.{wire}", newer
            )

    def _option(
        self, option: Option, prop: Mapping[str, Any], needed: bool, where: str, newer: bool
    ) -> Iterator[Difference]:
        theirs, ours = _Theirs(self, prop), _Ours(option)
        if needed != bool(option.needed):
            yield Difference(where, "needed", "is needed there, and not here" if needed else "is needed here only")
        if not newer and (option.since is None) != ("v" in prop["src"]):
            known = "is known to the validator inside jambonz, and has Since here"
            yield Difference(where, "since", known if option.since else "is in the schema alone, and has no Since here")
        for what, wanted, described in (
            ("type", theirs.kinds, ours.kinds),
            ("words", theirs.words, ours.words),
        ):
            if wanted != described:
                yield Difference(where, what, f"has the {what} {_joined(wanted)} there, {_joined(described)} here")
        if theirs.bounds != ours.bounds:
            yield Difference(where, "bounds", f"has the bounds {theirs.bounds} there, {ours.bounds} here")
        if theirs.not_empty != ours.not_empty:
            yield Difference(where, "not empty", f"must not be empty {'there' if theirs.not_empty else 'here'} only")
        described_objects = [one for one in ours.objects if one is not HookObject]
        if theirs.objects and not described_objects:
            yield Difference(where, "object", "is an object with known options there, and any object here")
        for one in described_objects:
            if theirs.objects:
                newer = newer or option.since is not None
                yield from self._object(one, _merged(*theirs.objects), theirs.name or where, newer)
            else:
                yield Difference(where, "object", "is an object with known options here, and any object there")

    def definition(self, ref: str) -> tuple[str, Mapping[str, Any]]:
        """Return the short name and the definition behind a reference of either package."""
        name = ref.rpartition("/")[2].lstrip("#")
        if ref.startswith("#/$defs/"):
            return name, _inline(self.local[name])
        for found in (f"recognizer-{name}", name):
            if found in self.published["components"]:
                return found.removeprefix("recognizer-"), self.published["components"][found]
        return name, self.published["verbs"].get(name) or self.published["vtypes"][name]


class _Theirs:
    """What the packages say about one option."""

    def __init__(self, comparison: _Comparison, prop: Mapping[str, Any]) -> None:
        self.comparison = comparison
        self.kinds: set[str] = set()
        self.words: set[Any] = set()
        self.objects: list[Mapping[str, Any]] = []
        self.name: str | None = None
        self.bounds: tuple[float, float] | None = None
        self.not_empty = False
        if prop.get("v") is not None:
            self._validator(prop["v"])
        if prop.get("s") is not None:
            self._schema(prop["s"])

    def _refer(self, ref: str) -> None:
        if ref.endswith("actionHook"):
            self.kinds |= {"object", "string"}
            return
        self.name, found = self.comparison.definition(ref)
        if found["props"] or "v" not in found["src"]:
            self.objects.append(found)

    def _validator(self, node: Any) -> None:
        if isinstance(node, list):
            self.kinds.add("array")
            if node[0] != "#root":  # a type that does not exist: whatever is there is refused
                self._refer(node[0])
        elif isinstance(node, dict):
            self.kinds.add(node["type"])
            self.words |= set(node.get("enum", ()))
        else:
            for part in node.split("|"):
                self.kinds.add("object" if part.startswith("#") else part)
                if part.startswith("#"):
                    self._refer(part)

    def _schema(self, node: Mapping[str, Any], inside: bool = False) -> None:
        if "$ref" in node:
            if not inside and not node["$ref"].endswith("actionHook"):
                self.kinds.add("object")
            self._refer(node["$ref"])
            return
        for one in node.get("oneOf", ()):
            self._schema(one, inside)
        if not inside:
            types = node.get("type", ())
            kinds = {types} if isinstance(types, str) else set(types)
            self.kinds |= {"number" if kind == "integer" else kind for kind in kinds}
        self.words |= {*node.get("enum", ()), *([node["const"]] if "const" in node else [])}
        if "properties" in node:
            self.objects.append(_inline(node))
        if "minimum" in node or "maximum" in node:
            self.bounds = (node.get("minimum", float("-inf")), node.get("maximum", float("inf")))
        self.not_empty |= node.get("minItems", 0) > 0
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                self._schema(node[key], inside=True)


class _Ours:
    """What we say about it."""

    def __init__(self, option: Option) -> None:
        self.kinds: set[str] = set()
        self.words: set[Any] = set()
        self.objects: list[type] = []
        self._read(option.annotation)
        between = option.marker(Between)
        self.bounds = (between.low, between.high) if between else None
        self.not_empty = AtLeastOne in option.markers

    def _read(self, tp: Any, inside: bool = False) -> None:
        origin, args = get_origin(tp), get_args(tp)
        if origin is Annotated:
            self._read(args[0], inside)
        elif origin in (Union, UnionType):
            for one in args:
                self._read(one, inside)
        elif tp is not Any:
            kind = self._kind(tp, origin, args)
            if not inside:
                self.kinds.add(kind)

    def _kind(self, tp: Any, origin: Any, args: Sequence[Any]) -> str:
        names = {str: "string", bool: "boolean", int: "number", float: "number"}
        if is_typeddict(tp):
            self.objects.append(tp)
            return "object"
        if tp in names:
            return names[tp]
        if origin is Literal:
            self.words |= set(args)
            return names[type(args[0])]
        self._read(args[-1], inside=True)
        return "object" if issubclass(origin, Mapping) else "array"


def _merged(*definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return one definition out of what the two packages, or several definitions, have for the same thing."""
    out: dict[str, Any] = {"props": {}, "needed": set()}
    for one in definitions:
        for names in one.get("req", {}).values():
            out["needed"] |= set(names)
        for name, prop in one.get("props", {}).items():
            known = out["props"].setdefault(name, {"src": ""})
            known.update({source: prop[source] for source in "sv" if prop.get(source) is not None})
            known["src"] = "".join(sorted({*known["src"], *prop["src"]}))
    return out


def _inline(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of an object that the schema describes in place."""
    props = {name: {"src": "s", "s": prop} for name, prop in node.get("properties", {}).items()}
    return {"src": "s", "props": props, "req": {"s": node.get("required", [])}}


def _joined(words: set[Any]) -> str:
    return " or ".join(sorted(str(word) for word in words)) or "none"


# --- what one sees ---------------------------------------------------------------------------------------------------


def report(published: Mapping[str, Any]) -> list[str]:
    """Return a line for each difference that is not on purpose, and for each on purpose that is no longer one."""
    found = differences(published)
    lines = [f"{one.where} {one.text}" for one in found if (one.where, one.what) not in DELIBERATE]
    gone = DELIBERATE.keys() - {(one.where, one.what) for one in found}
    return lines + [f"{where} no longer differs ({what}): take it off DELIBERATE" for where, what in sorted(gone)]


def _written(published: Mapping[str, Any], path: pathlib.Path) -> None:
    """Bring a file of facts up to date; what else is in it stays."""
    whole = {**(_load(path) if path.exists() else {}), **published}

    def compact(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    sections = []
    for key, section in sorted(whole.items()):
        text = compact(section)
        if isinstance(section, dict) and key not in ("sources", "versions"):
            entries = ",\n".join(f"{compact(name)}:{compact(value)}" for name, value in sorted(section.items()))
            text = f"{{\n{entries}\n}}"
        sections.append(f"{compact(key)}:{text}")
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison, and return the exit status."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__.replace("``", "").replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "node_modules",
        nargs="?",
        type=pathlib.Path,
        default=pathlib.Path("node_modules"),
        help="the folder where npm has put the two packages (default: ./node_modules)",
    )
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="bring a file of facts up to date as well")
    options = parser.parse_args(arguments)
    try:
        published = facts(options.node_modules)
    except FileNotFoundError as error:
        parser.error(f"{error}; npm install @jambonz/schema @jambonz/verb-specifications puts them there")
    lines = report(published)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(published["versions"].items()))
    print(*lines, sep="\n", end="\n" if lines else "")
    print(f"{len(lines) or 'no'} difference{'' if len(lines) == 1 else 's'} from {versions}", file=sys.stderr)
    if options.write is not None:
        _written(published, options.write)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
