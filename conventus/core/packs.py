"""Rule packs: found, read, shaped by the rooms' `Law` classes, and explained value by value."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin

import cattrs
import cattrs.v
from cattrs.cols import homogenous_tuple_structure_factory

from conventus.core.rules import N_, Citation, Law, Level, Refusal, Role, Rule, Value, refusal_texts

PACKS = Path(__file__).resolve().parent.parent.parent / "packs"
LAWS: dict[str, type] = {"core": Law}

refusal_texts(
    "packs",
    {
        "unknown": N_("There is no rule pack “%(key)s”. Known packs: %(known)s."),
        "malformed": N_("The rule pack “%(key)s” cannot be read: %(faults)s"),
        "no_rule": N_("The pack “%(key)s” has no rule “%(rule)s”. Similar: %(similar)s."),
    },
)


@dataclass(frozen=True)
class Register:
    """A document that the pack cites: its type, number, issuer, day and title."""

    type: str
    number: str
    issuer: str
    issued: date
    title: str


@dataclass(frozen=True)
class Head:
    """The table `pack`: what the file is. Country and languages are repeated for readers; the law is in `core`."""

    key: str
    version: str
    name: str
    country: str = ""
    languages: tuple[str, ...] = ()
    holidays: str = ""


@dataclass(frozen=True)
class Pack:
    """A loaded pack. `hash` is the SHA-256 of its law (pack.toml), in hexadecimal; a congress pins it."""

    key: str
    version: str
    name: str
    hash: str
    laws: Mapping[str, Any]
    documents: Mapping[str, Register]
    terms: Mapping[str, Mapping[str, str]]
    folder: Path

    @property
    def pin(self) -> str:
        """What a congress remembers: `key@version#hash`, the hash cut to 12 digits."""
        return f"{self.key}@{self.version}#{self.hash[:12]}"

    @property
    def core(self) -> Law:
        """The pack's levels, roles and country."""
        law: Law = self.laws["core"]
        return law

    def term(self, word: str, language: str) -> str:
        """The organisation's own word for `word` (`level.base`, `role.organiser`), English if it has none."""
        for code in (language, "en"):
            if found := self.terms.get(code, {}).get(word):
                return found
        return word.rpartition(".")[2].replace("_", " ")

    def rules(self) -> dict[str, Rule[Any]]:
        """Every rule of the pack by its dotted name (`elections.majority`)."""
        return {name: rule for room, law in self.laws.items() for name, rule in _rules_in(law, room)}


def register_law(room: str, law: type) -> None:
    """Name the shape of a room's table; a room does it when Django starts."""
    LAWS[room] = law
    load.cache_clear()


def known() -> list[str]:
    """The keys of the shipped packs."""
    return sorted(path.parent.name for path in PACKS.glob("*/pack.toml"))


@lru_cache(maxsize=8)
def load(key: str) -> Pack:
    """Read and check the pack `key`; refuses unknown keys, missing values and wrong types, naming their place."""
    folder = PACKS / key
    if not re.fullmatch(r"[a-z0-9-]+", key) or not (folder / "pack.toml").is_file():
        raise Refusal("packs.unknown", key=key, known=", ".join(known()))
    raw = (folder / "pack.toml").read_bytes()
    try:
        head, register, laws = _shaped(tomllib.loads(raw.decode("utf-8")), key)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Refusal("packs.malformed", key=key, faults=str(fault)) from fault
    except Exception as fault:
        faults = "; ".join(cattrs.transform_error(fault, format_exception=_words))
        raise Refusal("packs.malformed", key=key, faults=faults) from fault
    terms = {path.name.split(".")[1]: _terms(path) for path in folder.glob("terms.*.toml")}
    return Pack(key, head.version, head.name, hashlib.sha256(raw).hexdigest(), laws, register, terms, folder)


def _shaped(table: dict[str, Any], key: str) -> tuple[Head, dict[str, Register], dict[str, Any]]:
    """The pack's tables in the shapes that the program knows; one that no room knows is a slip of the pen."""
    head = CONVERTER.structure(table.pop("pack", {}), Head)
    if head.key != key:
        raise Misfit(f"pack.key is “{head.key}”, but the folder is called “{key}”")
    register = CONVERTER.structure(table.pop("documents", {}), dict[str, Register])
    if unknown := sorted(table.keys() - LAWS.keys()):
        raise Misfit(f"unknown tables: {', '.join(unknown)}")
    return head, register, {room: CONVERTER.structure(table.get(room, {}), law) for room, law in LAWS.items()}


def rule_of(pack: Pack, name: str) -> Rule[Any]:
    """The rule called `name` in `pack`; refuses an unknown name and offers the nearest ones."""
    from difflib import get_close_matches

    rules = pack.rules()
    if name in rules:
        return rules[name]
    inside = [known for known in rules if name in known][:5]
    similar = inside or get_close_matches(name, list(rules), n=5, cutoff=0.4)
    raise Refusal("packs.no_rule", key=pack.key, rule=name, similar=", ".join(similar) or "–")


def _terms(path: Path) -> dict[str, str]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{group}.{word}": text for group, words in table.items() for word, text in words.items()}


def _rules_in(thing: object, name: str) -> Iterator[tuple[str, Rule[Any]]]:
    if isinstance(thing, Rule):
        yield name, thing
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for part in dataclasses.fields(thing):
            yield from _rules_in(getattr(thing, part.name), f"{name}.{part.name}")
    elif isinstance(thing, Mapping):
        for key, part in thing.items():
            yield from _rules_in(part, f"{name}.{key}")


class Misfit(ValueError):
    """Something in a pack that does not fit, told in our own words."""


def _words(fault: BaseException, shape: type | None) -> str:
    return str(fault) if isinstance(fault, Misfit) else cattrs.v.format_exception(fault, shape)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)

    def strict(kind: type) -> None:
        def check(value: object, shape: type) -> Any:
            if type(value) is not kind:
                raise Misfit(f"expected {kind.__name__}, found {value!r}")
            # A list of words (StrEnum) is a kind of str and comes this way too; it takes only its own.
            return value if shape is kind else shape(value)

        converter.register_structure_hook(kind, check)

    for kind in (int, str, bool, date):
        strict(kind)

    def rule_factory(shape: Any) -> Any:
        (inner,) = get_args(shape)

        def structure(value: Any, _: Any) -> Rule[Any]:
            readings = value if isinstance(value, list) else [value]
            shape_of_one: Any = Value[inner]  # type: ignore[valid-type]
            return Rule(tuple(converter.structure(reading, shape_of_one) for reading in readings))

        return structure

    def list_factory(shape: Any, converter: cattrs.BaseConverter) -> Any:
        plain = homogenous_tuple_structure_factory(shape, converter)

        def structure(value: Any, shape: Any) -> Any:
            if not isinstance(value, list):
                raise Misfit(f"expected a list, found {value!r}")
            return plain(value, shape)

        return structure

    converter.register_structure_hook_factory(lambda shape: getattr(shape, "__origin__", None) is Rule, rule_factory)
    converter.register_structure_hook_factory(_is_list, list_factory)
    return converter


def _is_list(shape: Any) -> bool:
    """Whether the shape is `tuple[X, ...]`: without our hook a word would be taken apart into its letters."""
    return get_origin(shape) is tuple and get_args(shape)[1:] == (...,)


CONVERTER = _converter()

__all__ = ["PACKS", "Citation", "Level", "Pack", "Role", "known", "load", "register_law", "rule_of"]
