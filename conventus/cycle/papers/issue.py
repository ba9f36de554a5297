"""What the notice and the decision share: who issues them about whom, what was found, and the frame around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from conventus.core.papers import Block, Column, Form, Paper, Paragraph, Recipients, Table, fill


@dataclass(frozen=True)
class Issue:
    """Who issues the paper, about whom, where and when. Words are in the form's language already."""

    superior: str
    """The body above the issuer; may be empty."""
    issuer: str
    unit: str
    """The unit whose congress it is."""
    assembly: str
    place: str
    dated: date
    number: str = ""
    grounds: tuple[str, ...] = ()
    """The clauses the paper rests on, one a line."""
    office: str = ""
    """In whose name it is signed; empty = the form's own words."""
    signer: str = ""
    recipients: tuple[str, ...] = ()
    """Besides the unit itself, which always gets a copy."""
    draft: bool = False


@dataclass(frozen=True)
class Finding:
    """What is wrong: the document or matter, what has to be changed, and the clause that asks for it."""

    subject: str
    text: str
    clause: str = ""


@dataclass(frozen=True)
class FindingWords:
    """Heads of the table of findings."""

    subject: str
    text: str
    clause: str


@dataclass(frozen=True)
class CommonWords:
    """The words that both papers have."""

    ground: str
    office: str
    """In whose name it is signed, where the facts do not say."""
    recipients: str
    archive: tuple[str, ...]
    """The last lines of the list of copies."""
    due: str
    findings: FindingWords


W = TypeVar("W", bound=CommonWords)


def findings_table(form: Form[W], findings: tuple[Finding, ...]) -> tuple[Block, ...]:
    """What is wrong, row by row; nothing when there is nothing."""
    if not findings:
        return ()
    words = form.words.findings
    heads = (
        Column(form.general.number, 2, "centre"),
        Column(words.subject, 6),
        Column(words.text, 11),
        Column(words.clause, 6),
    )
    rows = tuple((form.count(at), one.subject, one.text, one.clause) for at, one in enumerate(findings, 1))
    return (Table(heads, rows, summary=words.text),)


def issued(form: Form[W], issue: Issue, title: str, subtitle: str, blocks: tuple[Block, ...]) -> Paper:
    """The paper around the blocks: letterhead, signature, copies, foot."""
    words = form.words
    return Paper(
        language=form.language,
        dated=issue.dated,
        header=form.head((issue.superior, issue.issuer), issue.number, issue.place, issue.dated),
        title=title,
        subtitle=fill(subtitle, assembly=issue.assembly, unit=issue.unit),
        blocks=blocks,
        signatures=((form.sign(issue.office or words.office, issue.signer),),),
        recipients=Recipients(words.recipients, (issue.unit, *issue.recipients, *words.archive)),
        footer=form.footer(" ".join(part for part in (title, issue.number) if part)),
        watermark=form.general.draft if issue.draft else "",
    )


def grounds(issue: Issue, pattern: str) -> tuple[Block, ...]:
    """The clauses the paper rests on, one a line."""
    return tuple(Paragraph(fill(pattern, ground=ground), style="basis") for ground in issue.grounds)
