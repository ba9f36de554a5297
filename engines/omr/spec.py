"""What is asked for: an election's ballot as its SPEC.json describes it."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STYLES = ("strike", "boxes", "single")
PAPERS = {"A4": (595.28, 841.89), "A5": (419.53, 595.28)}
LANGUAGES = ("vi", "en", "de", "nl", "pl")
MOST_CANDIDATES = 1000
MOST_COPIES = 100_000


class OmrError(Exception):
    """Something the caller gave is unusable; the text says what, and is shown without a traceback."""


@dataclass(frozen=True)
class Candidate:
    """One name on the list; `id` is what the results speak of."""

    id: str
    name: str


@dataclass(frozen=True)
class Spec:
    """One election's ballot. `batch` is the only thing in which two prints of one layout may differ."""

    election: str
    title: str
    unit: str
    seats: int
    style: str
    candidates: tuple[Candidate, ...]
    copies: int = 1
    paper: str = "A4"
    lang: str = "en"
    stamp_box: bool = False
    large_print: bool = False
    batch: str = ""


def load_spec(path: Path) -> Spec:
    """Read and check SPEC.json; raises OmrError naming the field that is wrong."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OmrError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise OmrError(f"{path}: is not JSON in UTF-8 ({error})") from error
    if not isinstance(raw, dict):
        raise OmrError(f"{path}: must hold one JSON object")
    return parse_spec(raw)


def parse_spec(raw: Mapping[str, Any]) -> Spec:
    """Turn the JSON object of the issue's SPEC into a Spec; unknown keys are refused, so that no typo is lost."""
    unknown = sorted(set(raw) - set(Spec.__dataclass_fields__))
    if unknown:
        raise OmrError(f"SPEC: unknown field {unknown[0]!r}")
    spec = Spec(
        election=_text(raw, "election", 200),
        title=_text(raw, "title", 300),
        unit=_text(raw, "unit", 300, ""),
        seats=_number(raw, "seats", None, MOST_CANDIDATES),
        style=_choice(raw, "style", STYLES, None),
        candidates=_candidates(raw.get("candidates")),
        copies=_number(raw, "copies", 1, MOST_COPIES),
        paper=_choice(raw, "paper", tuple(PAPERS), "A4"),
        lang=_choice(raw, "lang", LANGUAGES, "en"),
        stamp_box=_flag(raw, "stamp_box"),
        large_print=_flag(raw, "large_print"),
        batch=_text(raw, "batch", 60, ""),
    )
    if spec.seats > len(spec.candidates):
        raise OmrError(f"SPEC: seats is {spec.seats}, but there are {len(spec.candidates)} candidates")
    return spec


def _text(raw: Mapping[str, Any], key: str, longest: int, default: str | None = None) -> str:
    """One line of NFC text, without control characters or invisible marks, at most `longest` characters."""
    value = raw.get(key, default)
    if value is None:
        value = default
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise OmrError(f"SPEC: {key} must be text" + ("" if default is not None else " and not empty"))
    return _clean(value, key, longest)


def _clean(value: str, key: str, longest: int) -> str:
    seen = "".join(letter for letter in unicodedata.normalize("NFC", value) if unicodedata.category(letter) != "Cf")
    text = " ".join(seen.split())
    if len(text) > longest:
        raise OmrError(f"SPEC: {key} is longer than {longest} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in text):
        raise OmrError(f"SPEC: {key} holds characters that cannot be printed")
    return text


def _number(raw: Mapping[str, Any], key: str, default: int | None, most: int) -> int:
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise OmrError(f"SPEC: {key} must be a whole number from 1 to {most}")
    return value


def _choice(raw: Mapping[str, Any], key: str, choices: tuple[str, ...], default: str | None) -> str:
    value = raw.get(key, default)
    if value not in choices:
        raise OmrError(f"SPEC: {key} must be one of {', '.join(choices)}")
    return str(value)


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise OmrError(f"SPEC: {key} must be true or false")
    return value


def _candidates(raw: object) -> tuple[Candidate, ...]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_CANDIDATES:
        raise OmrError(f"SPEC: candidates must be a list of 1 to {MOST_CANDIDATES} names")
    people = tuple(_candidate(item, number) for number, item in enumerate(raw, 1))
    if len({person.id for person in people}) < len(people):
        raise OmrError("SPEC: two candidates have the same id")
    return people


def _candidate(item: object, number: int) -> Candidate:
    if not isinstance(item, dict) or not isinstance(item.get("id"), (str, int)) or isinstance(item["id"], bool):
        raise OmrError(f"SPEC: candidate {number} must have an id and a name")
    name = item.get("name")
    if not isinstance(name, str) or not name.strip() or not str(item["id"]).strip():
        raise OmrError(f"SPEC: candidate {number} must have an id and a name")
    return Candidate(str(item["id"]), _clean(name, f"the name of candidate {number}", 300))
