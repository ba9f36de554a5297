"""The counting record of a ballot as an official paper (rulebook ELE-33). Pure: facts and a form in, a paper out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from conventus.core.papers import (
    Block,
    Column,
    Facts,
    Form,
    Heading,
    Lines,
    Note,
    Paper,
    Paragraph,
    Signature,
    Table,
    fill,
    load_form,
    word,
)

# --- Facts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoardMember:
    """A member of the counting board; `office` is a code of the form's `offices` (head, member)."""

    name: str
    office: str = "member"


@dataclass(frozen=True)
class BaseLine:
    """A step on the way to the base: a code of the form's `base`, and people added (+) or taken off (−)."""

    code: str
    count: int


@dataclass(frozen=True)
class Result:
    """What one name on the list received."""

    number: int
    name: str
    votes: int
    elected: bool


@dataclass(frozen=True)
class Entry:
    """A keying-in of the count: which (first, second, resolution), by whom, when (local time)."""

    step: str
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class AcceptedWarning:
    """A warning of the checks that somebody accepted, with the reason given."""

    code: str
    text: str
    reason: str
    by: str


@dataclass(frozen=True)
class RecordFacts:
    """Everything a counting record says. Words in it (`contest`, `method_clause` …) are in the form's language already."""

    superior: str
    unit: str
    assembly: str
    """The congress by its full name."""
    contest: str
    """What was voted on, such as “Executive Committee of …, term 2025–2030”."""
    dated: date
    place: str
    """The place named beside the date; `hall` says where exactly the ballots were counted."""
    seats: int
    results: tuple[Result, ...]
    base_lines: tuple[BaseLine, ...]
    needed: int | None
    """Votes that elect; None when the highest numbers decide, as in a tie ballot."""
    issued: int
    collected: int
    valid: int
    invalid: int
    board: tuple[BoardMember, ...]
    number: str = ""
    round: str = "first"
    style: str = "strike"
    hall: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    attended: int | None = None
    clause: str = ""
    """The clause that says how many votes elect."""
    entries: tuple[Entry, ...] = ()
    warnings: tuple[AcceptedWarning, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the board found or the congress decided besides, such as a tie."""
    adopted: datetime | None = None
    copies: int = 2
    presidium: tuple[str, ...] = ()
    draft: bool = False

    @property
    def base(self) -> int:
        """The number of people over which shares are taken."""
        return sum(line.count for line in self.base_lines)

    @property
    def elected(self) -> tuple[Result, ...]:
        """Those elected, by votes; equal votes stay in the order of the list."""
        return tuple(sorted((one for one in self.results if one.elected), key=lambda one: -one.votes))


# --- Words ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sections:
    """Headings, in the order of the paper."""

    sitting: str
    board: str
    contest: str
    base: str
    ballots: str
    votes: str
    elected: str
    entries: str
    warnings: str
    remarks: str


@dataclass(frozen=True)
class Labels:
    """Names of single facts."""

    assembly: str
    began: str
    ended: str
    hall: str
    attended: str
    contest: str
    round: str
    style: str
    seats: str
    listed: str
    base: str
    issued: str
    collected: str
    missing: str
    valid: str
    invalid: str


@dataclass(frozen=True)
class Columns:
    """Heads of columns."""

    name: str
    office: str
    votes: str
    share: str
    outcome: str
    step: str
    by: str
    at: str
    note: str
    code: str
    warning: str
    reason: str


@dataclass(frozen=True)
class Sentences:
    """Whole sentences with slots."""

    opening: str
    needed: str
    highest: str
    clause: str
    share: str
    elected: str
    short: str
    nobody: str
    equal: str
    resolved: str
    no_warnings: str
    closing: str
    closing_blank: str


@dataclass(frozen=True)
class Offices:
    """What stands over the places to sign."""

    presidium: str
    head: str
    member: str


@dataclass(frozen=True)
class RecordWords:
    """The words of `counting_record.<lang>.toml`."""

    title: str
    subtitle: str
    footer: str
    is_elected: str
    not_elected: str
    members_sign: bool
    """Whether every member of the board signs, or its head for all."""
    numerals: tuple[str, ...]
    """How the sections are numbered."""
    sections: Sections
    labels: Labels
    columns: Columns
    sentences: Sentences
    sign: Offices
    rounds: Mapping[str, str]
    styles: Mapping[str, str]
    offices: Mapping[str, str]
    base: Mapping[str, str]
    steps: Mapping[str, str]


RecordForm: TypeAlias = Form[RecordWords]


def load_record_form(path: Path) -> RecordForm:
    """Read `counting_record.<lang>.toml` of a pack."""
    return load_form(path, RecordWords)


# --- The paper --------------------------------------------------------------------------------------------------------


def counting_record(form: RecordForm, facts: RecordFacts) -> Paper:
    """The record of one ballot, with every figure of ELE-33 and the places to sign."""
    words = form.words
    return Paper(
        language=form.language,
        dated=facts.dated,
        header=form.head((facts.superior, facts.unit), facts.number, facts.place, facts.dated),
        title=words.title,
        subtitle="\n".join((fill(words.subtitle, contest=facts.contest), word(words.rounds, facts.round))),
        blocks=_blocks(form, facts),
        signatures=_signatures(form, facts),
        footer=form.footer(fill(words.footer, number=facts.number or "…", unit=facts.unit)),
        watermark=form.general.draft if facts.draft else "",
    )


def _blocks(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    opening = Paragraph(fill(form.words.sentences.opening, assembly=facts.assembly, contest=facts.contest))
    return (opening, *_numbered(form, facts), _closing(form, facts))


def _numbered(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    """The sections that have something to say, numbered without gaps."""
    heads = form.words.sections
    sections: tuple[tuple[str, tuple[Block, ...]], ...] = (
        (heads.sitting, _sitting(form, facts)),
        (heads.board, _board(form, facts)),
        (heads.contest, _contest(form, facts)),
        (heads.base, _base(form, facts)),
        (heads.ballots, _ballots(form, facts)),
        (heads.votes, _votes(form, facts)),
        (heads.elected, _elected(form, facts)),
        (heads.entries, _entries(form, facts)),
        (heads.warnings, _warnings(form, facts)),
        (heads.remarks, tuple(Paragraph(text) for text in facts.remarks)),
    )
    filled = [section for section in sections if section[1]]
    pairs = zip(form.words.numerals, filled, strict=False)
    return tuple(block for numeral, (head, parts) in pairs for block in (Heading(f"{numeral} {head}"), *parts))


def _sitting(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    labels = form.words.labels
    rows = (
        (labels.assembly, facts.assembly),
        (labels.hall, facts.hall or facts.place),
        (labels.began, form.moment(facts.began) if facts.began else ""),
        (labels.ended, form.moment(facts.ended) if facts.ended else ""),
        (labels.attended, "" if facts.attended is None else form.count(facts.attended)),
    )
    return (Facts(tuple(row for row in rows if row[1])),)


def _board(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    columns = form.words.columns
    people = ((one.name, word(form.words.offices, one.office)) for one in facts.board)
    heads = (Column(columns.name, 6), Column(columns.office, 4))
    return _table(form, heads, tuple(people), form.words.sections.board)


def _contest(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, labels = form.words, form.words.labels
    rows = (
        (labels.contest, facts.contest),
        (labels.round, word(words.rounds, facts.round)),
        (labels.style, word(words.styles, facts.style)),
        (labels.seats, form.count(facts.seats)),
        (labels.listed, form.count(len(facts.results))),
    )
    return (Facts(rows),)


def _base(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    sentences = form.words.sentences
    rows = tuple((word(form.words.base, line.code), _signed(form, line.count)) for line in facts.base_lines)
    rule = sentences.highest if facts.needed is None else fill(sentences.needed, needed=form.count(facts.needed))
    clause = fill(sentences.clause, clause=facts.clause) if facts.clause else ""
    return (Lines(rows, (form.words.labels.base, form.count(facts.base))), Paragraph(f"{rule} {clause}".rstrip()))


def _signed(form: RecordForm, number: int) -> str:
    return f"−\u00a0{form.count(-number)}" if number < 0 else form.count(number)


def _ballots(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    labels = form.words.labels
    rows = (
        (labels.issued, facts.issued),
        (labels.collected, facts.collected),
        (labels.missing, facts.issued - facts.collected),
        (labels.valid, facts.valid),
        (labels.invalid, facts.invalid),
    )
    return (Lines(tuple((label, form.count(number)) for label, number in rows)),)


def _votes(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, columns = form.words, form.words.columns
    heads = (
        Column(form.general.number, 1, "centre"),
        Column(columns.name, 5),
        Column(columns.votes, 2, "right"),
        Column(columns.share, 2, "right"),
        Column(columns.outcome, 2, "centre"),
    )
    rows = tuple(
        (
            form.count(one.number),
            one.name,
            form.count(one.votes),
            form.share(one.votes, facts.base),
            words.is_elected if one.elected else words.not_elected,
        )
        for one in facts.results
    )
    note = Note(fill(words.sentences.share, base=form.count(facts.base)))
    return (Table(heads, rows, summary=words.sections.votes), note)


def _elected(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    words, sentences = form.words, form.words.sentences
    elected = len(facts.elected)
    if not elected:
        return (Paragraph(fill(sentences.nobody, seats=form.count(facts.seats))),)
    summary = Paragraph(fill(sentences.elected, elected=form.count(elected), seats=form.count(facts.seats)))
    short = (Paragraph(fill(sentences.short, missing=form.count(facts.seats - elected))),) * (elected < facts.seats)
    heads = (Column(words.columns.name, 7), Column(words.columns.votes, 2, "right"), Column(words.columns.share, 2, "right"))
    rows = tuple((one.name, form.count(one.votes), form.share(one.votes, facts.base)) for one in facts.elected)
    return (summary, *_table(form, heads, rows, words.sections.elected), *short)


def _entries(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    if not facts.entries:
        return ()
    words, columns = form.words, form.words.columns
    resolved = any(one.step == "resolution" for one in facts.entries)
    heads = [Column(columns.step, 4), Column(columns.by, 4), Column(columns.at, 4)]
    rows = [(word(words.steps, one.step), one.by, form.moment(one.at)) for one in facts.entries]
    remarks = tuple(Paragraph(one.note, lead=f"{one.by}:") for one in facts.entries if one.note)
    table = Table(tuple(heads), tuple(rows), summary=words.sections.entries)
    return (Paragraph(words.sentences.resolved if resolved else words.sentences.equal), table, *remarks)


def _warnings(form: RecordForm, facts: RecordFacts) -> tuple[Block, ...]:
    if not facts.warnings:
        return (Paragraph(form.words.sentences.no_warnings),)
    columns = form.words.columns
    heads = (Column(columns.code, 2, "centre"), Column(columns.warning, 6), Column(columns.reason, 6), Column(columns.by, 4))
    rows = tuple((one.code, one.text, one.reason, one.by) for one in facts.warnings)
    return (Table(heads, rows, summary=form.words.sections.warnings),)


def _table(
    form: RecordForm, heads: tuple[Column, ...], rows: tuple[tuple[str, ...], ...], summary: str
) -> tuple[Block, ...]:
    """A table whose rows are counted; nothing when there is no row."""
    if not rows:
        return ()
    counted = tuple((form.count(at), *row) for at, row in enumerate(rows, 1))
    return (Table((Column(form.general.number, 1, "centre"), *heads), counted, summary=summary),)


def _closing(form: RecordForm, facts: RecordFacts) -> Paragraph:
    sentences, copies = form.words.sentences, form.count(facts.copies)
    if facts.adopted is None:
        return Paragraph(fill(sentences.closing_blank, copies=copies))
    return Paragraph(fill(sentences.closing, adopted=form.moment(facts.adopted), copies=copies))


def _signatures(form: RecordForm, facts: RecordFacts) -> tuple[tuple[Signature, ...], ...]:
    """Presidium on the left, head of the board on the right; then, where the form wants it, the board three a row."""
    sign = form.words.sign
    head = next((one.name for one in facts.board if one.office == "head"), "")
    first = (form.sign(sign.presidium, "\n".join(facts.presidium[:1])), form.sign(sign.head, head))
    further = [form.sign(sign.presidium, name) for name in facts.presidium[1:]]
    members = [form.sign(sign.member, one.name) for one in facts.board if one.office != "head" and form.words.members_sign]
    rest = further + members
    return (first, *(tuple(rest[at : at + 3]) for at in range(0, len(rest), 3)))
