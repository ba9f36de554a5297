"""The decision that recognises a filed result, in whole or in part, or returns it with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from conventus.core.papers import Block, Column, Form, Paper, Paragraph, Table, fill, load_form, word

from .issue import CommonWords, Finding, Issue, findings_table, grounds, issued


@dataclass(frozen=True)
class Person:
    """Somebody elected. `refused` is the reason why this one person is not confirmed; empty = confirmed."""

    name: str
    post: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Body:
    """What was elected, such as the executive committee, and who."""

    name: str
    people: tuple[Person, ...]
    seats: int = 0


@dataclass(frozen=True)
class RecognitionFacts:
    """The superior's word on a result that was filed."""

    issue: Issue
    outcome: str
    """`recognised` or `returned`."""
    held: tuple[date, date] | None = None
    filed: date | None = None
    bodies: tuple[Body, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Why the result is returned."""
    due: date | None = None
    """By when the unit files again."""


@dataclass(frozen=True)
class PersonWords:
    """Heads of the table of people."""

    name: str
    post: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """Title, preamble and articles of one outcome. `articles` come after those about people or findings."""

    title: str
    subtitle: str
    considering: str
    considering_undated: str
    decides: str
    first: str
    articles: tuple[str, ...]


@dataclass(frozen=True)
class DecisionWords(CommonWords):
    """The words of `recognition.<lang>.toml`."""

    article: str
    """Run-in of an article, with the slot `{number}`."""
    held: str
    held_one_day: str
    body: str
    refused: str
    people: PersonWords
    outcomes: Mapping[str, Outcome]


DecisionForm: TypeAlias = Form[DecisionWords]


def load_recognition_form(path: Path) -> DecisionForm:
    """Read `recognition.<lang>.toml` of a pack."""
    return load_form(path, DecisionWords)


def recognition_paper(form: DecisionForm, facts: RecognitionFacts) -> Paper:
    """The decision that recognises a result, in whole or but for some people, or returns it with reasons."""
    outcome = _outcome(form, facts)
    blocks = (
        *grounds(facts.issue, form.words.ground),
        _considering(form, facts, outcome),
        Paragraph(fill(outcome.decides, issuer=facts.issue.issuer.upper()), style="centred"),
        *_articles(form, facts, outcome),
    )
    return issued(form, facts.issue, outcome.title, outcome.subtitle, blocks)


def _outcome(form: DecisionForm, facts: RecognitionFacts) -> Outcome:
    return word(form.words.outcomes, facts.outcome)


def _considering(form: DecisionForm, facts: RecognitionFacts, outcome: Outcome) -> Paragraph:
    """The sentence of the preamble about the file that was handed in."""
    assembly = f"{facts.issue.assembly}{_held(form, facts.held)}"
    if facts.filed is None:
        return Paragraph(fill(outcome.considering_undated, assembly=assembly), style="basis")
    return Paragraph(fill(outcome.considering, assembly=assembly, filed=form.day(facts.filed)), style="basis")


def _held(form: DecisionForm, held: tuple[date, date] | None) -> str:
    if held is None:
        return ""
    first, last = held
    if first == last:
        return fill(form.words.held_one_day, first=form.day(first))
    return fill(form.words.held, first=form.day(first), last=form.day(last))


def _articles(form: DecisionForm, facts: RecognitionFacts, outcome: Outcome) -> tuple[Block, ...]:
    """The articles, numbered through; the first carries the lists of people or the findings."""
    first = fill(outcome.first, unit=facts.issue.unit, assembly=facts.issue.assembly)
    refused = _refused(form, facts.bodies)
    articles: list[tuple[str, tuple[Block, ...]]] = [
        (first, (*_bodies(form, facts.bodies), *findings_table(form, facts.findings)))
    ]
    if refused:
        articles.append((form.words.refused, refused))
    if facts.due:
        articles.append((fill(form.words.due, unit=facts.issue.unit, due=form.day(facts.due)), ()))
    articles += [(fill(text, issuer=facts.issue.issuer, unit=facts.issue.unit), ()) for text in outcome.articles]
    leads = (fill(form.words.article, number=form.count(at)) for at in range(1, len(articles) + 1))
    return tuple(
        block for lead, (text, parts) in zip(leads, articles, strict=True) for block in (Paragraph(text, lead), *parts)
    )


def _bodies(form: DecisionForm, bodies: tuple[Body, ...]) -> tuple[Block, ...]:
    """Each body with the people confirmed in it; a body of which nobody is confirmed is left out."""
    people = form.words.people
    heads = (Column(form.general.number, 2, "centre"), Column(people.name, 11), Column(people.post, 11))
    blocks: list[Block] = []
    for body in bodies:
        confirmed = [one for one in body.people if not one.refused]
        rows = tuple((form.count(at), one.name, one.post) for at, one in enumerate(confirmed, 1))
        if rows:
            blocks += [Paragraph(_body_line(form, body, len(rows))), Table(heads, rows, summary=body.name)]
    return tuple(blocks)


def _body_line(form: DecisionForm, body: Body, confirmed: int) -> str:
    return fill(
        form.words.body, body=body.name, count=form.count(confirmed), seats=form.count(body.seats or len(body.people))
    )


def _refused(form: DecisionForm, bodies: tuple[Body, ...]) -> tuple[Block, ...]:
    people = form.words.people
    heads = (
        Column(form.general.number, 2, "centre"),
        Column(people.name, 7),
        Column(people.post, 6),
        Column(people.reason, 10),
    )
    refused = [(body, one) for body in bodies for one in body.people if one.refused]
    rows = tuple(
        (form.count(at), one.name, one.post or body.name, one.refused) for at, (body, one) in enumerate(refused, 1)
    )
    return (Table(heads, rows, summary=people.reason),) if rows else ()
