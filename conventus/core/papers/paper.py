"""What an official paper is, said once: letterhead, title, blocks, signatures. Pure data, no renderer."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any, Literal, TypeAlias

Align: TypeAlias = Literal["left", "centre", "right"]


@dataclass(frozen=True)
class Letterhead:
    """The head of the first page: who issues it on the left, motto and date on the right."""

    issuer: tuple[str, ...] = ()
    """From the superior down; the last line is the issuer and is set in bold."""
    motto: tuple[str, ...] = ()
    divider: str = ""
    """A mark between issuer and symbol (`*` in papers of the Party)."""
    symbol: str = ""
    place_date: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Running text. `lead` is a bold run-in such as “Article 1.”; `basis` is the italic of a preamble."""

    text: str
    lead: str = ""
    style: Literal["body", "centred", "basis"] = "body"


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Labels with their values, one pair a row."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lines:
    """A sum: named lines with dot leaders, and under a rule what they come to."""

    rows: tuple[tuple[str, str], ...]
    total: tuple[str, str] | None = None


@dataclass(frozen=True)
class Items:
    """A numbered list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; `width` is its share among the columns."""

    title: str
    width: int = 1
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """Rows under a head that is repeated on every page; `summary` is what a screen reader says first."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    summary: str = ""

    def __post_init__(self) -> None:
        wide = len(self.columns)
        if any(len(row) != wide for row in self.rows) or len(self.total) not in (0, wide):
            raise ValueError(f"Every row of this table needs {wide} cells.")


@dataclass(frozen=True)
class Note:
    """A remark in small type."""

    text: str


Block: TypeAlias = Paragraph | Heading | Facts | Lines | Items | Table | Note


@dataclass(frozen=True)
class Signature:
    """A place to sign: the office (several lines with `\\n`), a hint in italics, room, and the name where known."""

    role: str
    name: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Recipients:
    """Who gets a copy; stands at the left of the first row of signatures."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Footer:
    """The foot of every page: a text at the left, the page at the right (`{page}` and `{pages}` are filled in)."""

    text: str = ""
    page: str = "{page}/{pages}"


@dataclass(frozen=True)
class Paper:
    """A whole paper. `dated` is also the time stamp inside the files, so that equal papers give equal bytes."""

    language: str
    dated: date
    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    header: Letterhead = Letterhead()
    signatures: tuple[tuple[Signature, ...], ...] = ()
    recipients: Recipients | None = None
    footer: Footer = Footer()
    watermark: str = ""
    """The word across every page of a paper that is not valid yet (“DRAFT”); empty on a valid one."""
    fingerprint: str = ""
    """A code printed in the foot, by which a copy on paper is matched with the minute book (see `sealed`)."""
    author: str = "Conventus"


LOCALES = {"vi": "vi-VN", "en": "en-GB", "de": "de-DE", "nl": "nl-NL", "pl": "pl-PL"}


def locale_of(paper: Paper) -> str:
    """The language tag that office programs and screen readers expect."""
    return LOCALES.get(paper.language, paper.language)


def digest(paper: Paper) -> str:
    """SHA-256 (hex) of what the paper says, whatever the file format and the renderer's version."""
    said = as_data(replace(cleaned(paper), fingerprint=""))
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sealed(paper: Paper) -> Paper:
    """The paper with the first 16 digits of its digest printed in the foot, in groups of four."""
    code = digest(paper)[:16].upper()
    return replace(paper, fingerprint="-".join(code[at : at + 4] for at in range(0, 16, 4)))


def as_data(thing: Any) -> Any:
    """The paper as plain JSON data; each part carries its kind, so that a template can tell blocks apart."""
    if is_dataclass(thing):
        parts = {item.name: as_data(getattr(thing, item.name)) for item in fields(thing)}
        return {"kind": type(thing).__name__.lower(), **parts}
    if isinstance(thing, tuple):
        return [as_data(part) for part in thing]
    return thing.isoformat() if isinstance(thing, date) else thing


def cleaned(paper: Paper) -> Paper:
    """The paper with every text made fit for print; both renderers start from it and so say the same."""
    result: Paper = _cleaned(paper)
    return result


def _cleaned(thing: Any) -> Any:
    if isinstance(thing, str):
        return clean(thing)
    if isinstance(thing, tuple):
        return tuple(_cleaned(part) for part in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{item.name: _cleaned(getattr(thing, item.name)) for item in fields(thing)})
    return thing


# Direction marks can make a name read otherwise than it is stored; an official paper must not carry them.
DIRECTION_MARKS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKS = str.maketrans(
    {"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " "}
)


def clean(text: str) -> str:
    """Composed letters (NFC), no control characters, a visible mark (U+FFFD) for what no font can show."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(BREAKS))
    return "".join(_printable(letter) for letter in composed)


def _printable(letter: str) -> str:
    if letter == "\n":
        return letter
    if letter in DIRECTION_MARKS or unicodedata.category(letter) == "Cc":
        return ""
    unfit = (
        unicodedata.category(letter) in {"Cs", "Co"}
        or (ord(letter) & 0xFFFE) == 0xFFFE
        or 0xFDD0 <= ord(letter) <= 0xFDEF
    )
    return "\ufffd" if unfit else letter
