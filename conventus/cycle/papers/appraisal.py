"""The notice that tells a unit how the appraisal of its congress ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from conventus.core.papers import Block, Column, Facts, Form, Heading, Paper, Paragraph, Table, fill, load_form, word

from .issue import CommonWords, Finding, Issue, findings_table, grounds, issued


@dataclass(frozen=True)
class Document:
    """A document that was appraised, with its version; `verdict` is a code of the form's `verdicts`, or empty."""

    title: str
    version: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class AppraisalFacts:
    """The outcome of appraising the preparation of a congress."""

    issue: Issue
    outcome: str
    """`approved` or `returned`."""
    opening: date | None = None
    half: str = ""
    """`am` or `pm`."""
    half_days: int = 0
    submitted: date | None = None
    contents: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Reasons for returning; with an approval, what should still be heeded."""
    due: date | None = None
    """By when the unit hands in again."""


@dataclass(frozen=True)
class NoticeSections:
    """Headings."""

    congress: str
    documents: str
    findings: str
    conclusion: str


@dataclass(frozen=True)
class NoticeLabels:
    """Names of single facts."""

    unit: str
    assembly: str
    submitted: str
    opening: str
    length: str
    contents: str


@dataclass(frozen=True)
class DocumentWords:
    """Heads of the table of documents."""

    title: str
    version: str
    verdict: str


@dataclass(frozen=True)
class NoticeWords(CommonWords):
    """The words of `appraisal_notice.<lang>.toml`."""

    title: str
    subtitle: str
    opening: str
    day: str
    """A length of up to one day; `days` is for longer ones."""
    days: str
    no_findings: str
    sections: NoticeSections
    labels: NoticeLabels
    documents: DocumentWords
    halves: Mapping[str, str]
    verdicts: Mapping[str, str]
    outcomes: Mapping[str, str]


NoticeForm: TypeAlias = Form[NoticeWords]


def load_appraisal_form(path: Path) -> NoticeForm:
    """Read `appraisal_notice.<lang>.toml` of a pack."""
    return load_form(path, NoticeWords)


def appraisal_paper(form: NoticeForm, facts: AppraisalFacts) -> Paper:
    """The notice that tells a unit how the appraisal of its congress ended, and what it has to do next."""
    words, issue = form.words, facts.issue
    blocks = (
        *grounds(issue, words.ground),
        Paragraph(fill(words.opening, issuer=issue.issuer, assembly=issue.assembly)),
        Heading(words.sections.congress),
        _congress(form, facts),
        *_documents(form, facts.documents),
        Heading(words.sections.findings),
        *(findings_table(form, facts.findings) or (Paragraph(words.no_findings),)),
        Heading(words.sections.conclusion),
        *_conclusion(form, facts),
    )
    return issued(form, issue, words.title, words.subtitle, blocks)


def _congress(form: NoticeForm, facts: AppraisalFacts) -> Facts:
    labels = form.words.labels
    rows = (
        (labels.unit, facts.issue.unit),
        (labels.assembly, facts.issue.assembly),
        (labels.submitted, form.day(facts.submitted) if facts.submitted else ""),
        (labels.opening, _opening(form, facts)),
        (labels.length, _length(form, facts.half_days)),
        (labels.contents, "\n".join(facts.contents)),
    )
    return Facts(tuple(row for row in rows if row[1]))


def _opening(form: NoticeForm, facts: AppraisalFacts) -> str:
    if facts.opening is None:
        return ""
    half = word(form.words.halves, facts.half) if facts.half else ""
    return ", ".join(part for part in (half, form.day(facts.opening)) if part)


def _length(form: NoticeForm, half_days: int) -> str:
    """Half-days as days, such as “1½”; CLDR has no halves, so the sign is added."""
    if not half_days:
        return ""
    whole, half = divmod(half_days, 2)
    words = form.words.days if half_days > 2 else form.words.day
    return fill(words, days=(form.count(whole) if whole else "") + "½" * half)


def _documents(form: NoticeForm, documents: tuple[Document, ...]) -> tuple[Block, ...]:
    if not documents:
        return ()
    words = form.words
    heads = (
        Column(form.general.number, 2, "centre"),
        Column(words.documents.title, 12),
        Column(words.documents.version, 4, "centre"),
        Column(words.documents.verdict, 6, "centre"),
    )
    rows = tuple(
        (form.count(at), one.title, one.version, word(words.verdicts, one.verdict) if one.verdict else "")
        for at, one in enumerate(documents, 1)
    )
    return (Heading(words.sections.documents), Table(heads, rows, summary=words.sections.documents))


def _conclusion(form: NoticeForm, facts: AppraisalFacts) -> tuple[Block, ...]:
    said = Paragraph(
        fill(word(form.words.outcomes, facts.outcome), unit=facts.issue.unit, assembly=facts.issue.assembly)
    )
    return (said, Paragraph(fill(form.words.due, due=form.day(facts.due)))) if facts.due else (said,)
