"""The papers that the superior issues about a congress: what the rows say, put into the organisation's form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from conventus.core.papers import Paper as Printed
from conventus.core.papers import sealed
from conventus.core.rules import Citation
from conventus.cycle import papers
from conventus.cycle.hooks import bodies_of
from conventus.cycle.models import Congress, Paper, Review
from conventus.cycle.terms import content_words, form_words

Stage = Review.Stage


def languages_of(review: Review) -> list[str]:
    """The languages in which the pack has the form."""
    folder = review.congress.rules.folder / "forms"
    return sorted(path.name.split(".")[1] for path in folder.glob(f"{_form_name(review)}.*.toml"))


def paper_of(review: Review, language: str) -> Printed:
    """The notice of an appraisal or the decision on a result, sealed, in `language`."""
    path: Path = review.congress.rules.folder / "forms" / f"{_form_name(review)}.{language}.toml"
    with translation.override(language):
        if review.stage == Stage.APPRAISAL:
            return sealed(papers.appraisal_paper(papers.load_appraisal_form(path), _appraisal(review)))
        return sealed(papers.recognition_paper(papers.load_recognition_form(path), _recognition(review)))


def _form_name(review: Review) -> str:
    return "appraisal_notice" if review.stage == Stage.APPRAISAL else "recognition"


def assembly_of(congress: Congress) -> str:
    """What the congress is called on paper."""
    cycle = congress.cycle
    words = {"form": form_words(congress), "unit": congress.unit.name, "first": cycle.term_from, "last": cycle.term_to}
    return _("%(form)s of %(unit)s, term %(first)s–%(last)s") % words


def _issue(review: Review, grounds: Iterable[Citation]) -> papers.Issue:
    congress = review.congress
    superior = congress.superior or congress.unit
    above = superior.parent
    known = (str(cite) for cite in grounds if not cite.document.startswith("house-defaults"))
    return papers.Issue(
        superior=above.name if above else "",
        issuer=superior.name,
        unit=congress.unit.name,
        assembly=assembly_of(congress),
        place=superior.name,
        dated=review.decided_on,
        number=review.document_symbol,
        grounds=tuple(dict.fromkeys([congress.cycle.directive.symbol, *known])),
    )


def _appraisal(review: Review) -> papers.AppraisalFacts:
    congress = review.congress
    rule = congress.law.appraisal_required.at(review.decided_on)
    return papers.AppraisalFacts(
        issue=_issue(review, [rule.cite]),
        outcome="approved" if review.approved else "returned",
        opening=congress.starts_on,
        half=congress.start_half if congress.starts_on else "",
        half_days=congress.half_days,
        submitted=_reached(congress, Congress.State.SUBMITTED, review.decided_on),
        contents=content_words(congress),
        documents=_documents(congress),
        findings=_findings(review),
    )


def _documents(congress: Congress) -> tuple[papers.Document, ...]:
    rows = congress.papers.filter(stage=Paper.Stage.PREPARATION, withdrawn=False)
    return tuple(papers.Document(row.title) for row in rows)


def _findings(review: Review) -> tuple[papers.Finding, ...]:
    return tuple(papers.Finding("", text) for text in review.findings)


def _recognition(review: Review) -> papers.RecognitionFacts:
    congress = review.congress
    rule = congress.law.recognition_required.at(review.decided_on)
    starts, ends = congress.starts_on, congress.ends_on
    return papers.RecognitionFacts(
        issue=_issue(review, [rule.cite]),
        outcome="recognised" if review.approved else "returned",
        held=(starts, ends) if starts and ends else None,
        filed=_reached(congress, Congress.State.FILED, review.decided_on),
        bodies=bodies_of(congress) if review.approved else (),
        findings=_findings(review),
    )


def _reached(congress: Congress, state: str, until: date) -> date | None:
    """The last day up to `until` on which the congress reached a state."""
    days = [day for name, day in congress.trail if name == state and day <= until.isoformat()]
    return date.fromisoformat(days[-1]) if days else None
