"""The record of a trial count: a deck with a known answer, and what the scanner made of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from conventus.core.papers import Block, Column, Facts, Form, Heading, Paper, Paragraph, Table, fill, load_form, word


@dataclass(frozen=True)
class TrialKind:
    """The sheets of one kind (a code of the form's `kinds`): of the deck, read right, asked about, wrong."""

    kind: str
    known: int
    right: int
    asked: int
    wrong: int


@dataclass(frozen=True)
class TrialFigure:
    """A figure as known and as read; `waiting` is held by clear sheets that the reader asked about.

    `figure` is `valid`, `votes` or `against`; the latter two are those of a name.
    """

    figure: str
    name: str
    known: int
    read: int
    waiting: int


@dataclass(frozen=True)
class TrialFault:
    """A sheet that went wrong; `what` and `kind` are codes of the form, `marks` who was read how, in words."""

    what: str
    kind: str = ""
    marks: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class TrialFacts:
    """Everything a trial's record says. Its words are in the form's language already."""

    superior: str
    unit: str
    contest: str
    congress: str
    number: int
    at: datetime
    by: str
    place: str
    paper: str
    """Print and size, in words."""
    pages: int
    fingerprint: str
    passed: bool
    sheets_known: int
    sheets_read: int
    people_known: int
    people_read: int
    kinds: tuple[TrialKind, ...]
    figures: tuple[TrialFigure, ...]
    faults: tuple[TrialFault, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class TrialSections:
    """Headings, in the order of the paper."""

    trial: str
    kinds: str
    figures: str
    faults: str
    verdict: str


@dataclass(frozen=True)
class TrialLabels:
    """Names of single facts."""

    contest: str
    congress: str
    at: str
    by: str
    paper: str
    pages: str
    fingerprint: str
    sheets_known: str
    sheets_read: str
    people_known: str
    people_read: str


@dataclass(frozen=True)
class TrialColumns:
    """Heads of columns."""

    kind: str
    known: str
    right: str
    asked: str
    wrong: str
    figure: str
    read: str
    waiting: str


@dataclass(frozen=True)
class TrialSentences:
    """Whole sentences with slots."""

    opening: str
    deck: str
    asked: str
    no_faults: str
    passed: str
    failed: str
    remark: str


@dataclass(frozen=True)
class TrialSigns:
    """What stands over the places to sign."""

    by: str
    head: str


@dataclass(frozen=True)
class TrialWords:
    """The words of `trial_record.<lang>.toml`."""

    title: str
    subtitle: str
    footer: str
    counted: str
    votes: str
    against: str
    numerals: tuple[str, ...]
    sections: TrialSections
    labels: TrialLabels
    columns: TrialColumns
    sentences: TrialSentences
    sign: TrialSigns
    kinds: Mapping[str, str]
    faults: Mapping[str, str]
    marks: Mapping[str, str]


TrialForm: TypeAlias = Form[TrialWords]


def load_trial_form(path: Path) -> TrialForm:
    """Read `trial_record.<lang>.toml` of a pack."""
    return load_form(path, TrialWords)


def trial_record(form: TrialForm, facts: TrialFacts) -> Paper:
    """The record of one trial: what was scanned, how it was read, and the verdict."""
    words, number = form.words, form.count(facts.number)
    return Paper(
        language=form.language,
        dated=facts.at.date(),
        header=form.head((facts.superior, facts.unit), "", facts.place, facts.at.date()),
        title=words.title,
        subtitle=fill(words.subtitle, contest=facts.contest, number=number),
        blocks=_blocks(form, facts),
        signatures=((form.sign(words.sign.by, facts.by), form.sign(words.sign.head)),),
        footer=form.footer(fill(words.footer, number=number, unit=facts.unit)),
    )


def _blocks(form: TrialForm, facts: TrialFacts) -> tuple[Block, ...]:
    heads, sentences = form.words.sections, form.words.sentences
    sections: tuple[tuple[str, tuple[Block, ...]], ...] = (
        (heads.trial, (_setting(form, facts), Paragraph(sentences.deck))),
        (heads.kinds, (_kinds(form, facts), Paragraph(sentences.asked))),
        (heads.figures, (_figures(form, facts),)),
        (heads.faults, _faults(form, facts)),
        (heads.verdict, _verdict(form, facts)),
    )
    pairs = zip(form.words.numerals, sections, strict=False)
    parts = (block for numeral, (head, inside) in pairs for block in (Heading(f"{numeral} {head}"), *inside))
    return (Paragraph(fill(sentences.opening, contest=facts.contest)), *parts)


def _setting(form: TrialForm, facts: TrialFacts) -> Facts:
    labels = form.words.labels
    return Facts(
        (
            (labels.congress, facts.congress),
            (labels.contest, facts.contest),
            (labels.at, form.moment(facts.at)),
            (labels.by, facts.by),
            (labels.paper, facts.paper),
            (labels.pages, form.count(facts.pages)),
            (labels.fingerprint, facts.fingerprint),
            (labels.sheets_known, form.count(facts.sheets_known)),
            (labels.sheets_read, form.count(facts.sheets_read)),
            (labels.people_known, form.count(facts.people_known)),
            (labels.people_read, form.count(facts.people_read)),
        )
    )


def _kinds(form: TrialForm, facts: TrialFacts) -> Table:
    columns = form.words.columns
    heads = (
        Column(columns.kind, 10),
        Column(columns.known, 3, "right"),
        Column(columns.right, 3, "right"),
        Column(columns.asked, 4, "right"),
        Column(columns.wrong, 3, "right"),
    )
    rows = tuple(
        (word(form.words.kinds, one.kind), *map(form.count, (one.known, one.right, one.asked, one.wrong)))
        for one in facts.kinds
    )
    return Table(heads, rows, summary=form.words.sections.kinds)


def _figures(form: TrialForm, facts: TrialFacts) -> Table:
    words, columns = form.words, form.words.columns
    heads = (
        Column(columns.figure, 12),
        Column(columns.known, 3, "right"),
        Column(columns.read, 3, "right"),
        Column(columns.waiting, 4, "right"),
    )
    labels = {"valid": words.counted, "votes": words.votes, "against": words.against}
    rows = tuple(
        (fill(labels[one.figure], name=one.name), *map(form.count, (one.known, one.read, one.waiting)))
        for one in facts.figures
    )
    return Table(heads, rows, summary=words.sections.figures)


def _faults(form: TrialForm, facts: TrialFacts) -> tuple[Block, ...]:
    if not facts.faults:
        return (Paragraph(form.words.sentences.no_faults),)
    return tuple(Paragraph(_fault(form, one)) for one in facts.faults)


def _fault(form: TrialForm, fault: TrialFault) -> str:
    """“Read wrongly (plain sheet): An: chosen, read as not chosen.”"""
    words = form.words
    kind = f" ({word(words.kinds, fault.kind)})" if fault.kind else ""
    marks = "; ".join(
        f"{name}: {word(words.marks, known)} → {word(words.marks, read)}" for name, known, read in fault.marks
    )
    return word(words.faults, fault.what) + kind + (f": {marks}" if marks else "") + "."


def _verdict(form: TrialForm, facts: TrialFacts) -> tuple[Block, ...]:
    sentences = form.words.sentences
    verdict = Paragraph(sentences.passed if facts.passed else sentences.failed)
    return (verdict, Paragraph(fill(sentences.remark, remark=facts.remark))) if facts.remark else (verdict,)
