"""The way of one congress: preparation reported and appraised, session opened and closed, result recognised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conventus.core import clock
from conventus.core.accounts import system_account
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Finding, Refusal, raise_all, refusal_texts
from conventus.cycle import readiness, rules
from conventus.cycle.hooks import open_points
from conventus.cycle.models import Congress, Milestone, Review
from conventus.cycle.steps import check_step, reopen_superiors, report_superiors, step
from conventus.directives import actions as directives
from conventus.directives.reads import open_obligations

refusal_texts(
    "cycle",
    {
        "reported_already": N_("This was reported on %(day)s already."),
        "not_reported": N_("This has not been reported."),
        "superiors_step": N_("This is the superior's step: it is done when the superior approves."),
        "with_superior": N_("The preparation was submitted. What it rests on can be undone when it has been returned."),
        "attendance_more": N_("%(present)s present are more than the %(summoned)s summoned. Check both numbers."),
        "attendance_none": N_("A congress without anybody present cannot be opened."),
    },
)

State = Congress.State
REPORT_RESULT = "report_result"
"""The task of the packs that a filed result fulfils."""


# Preparation --------------------------------------------------------------------------------------


@action("cycle.prepare", phases=("preparation",))
def report_milestone(actor: User, milestone: Milestone, *, note: str = "") -> Milestone:
    """Report a step of the preparation as done."""
    if milestone.reported_on:
        raise Refusal("cycle.reported_already", day=milestone.reported_on)
    law = milestone.congress.law.milestones.get(milestone.key)
    if law is not None and not law.reported:
        raise Refusal("cycle.superiors_step")
    milestone.reported_on, milestone.reported_by, milestone.note = clock.today(), actor, note.strip()
    milestone.save()
    return milestone


@action("cycle.prepare", phases=("preparation",))
def undo_report(actor: User, milestone: Milestone) -> Milestone:
    """Take back a report; not of what a submitted preparation rests on."""
    if milestone.reported_on is None:
        raise Refusal("cycle.not_reported")
    if milestone.required and milestone.congress.state in (State.SUBMITTED, State.APPROVED):
        raise Refusal("cycle.with_superior")
    milestone.reported_on, milestone.reported_by, milestone.note = None, None, ""
    milestone.save()
    return milestone


@action("cycle.prepare", phases=("preparation",))
def submit(actor: User, congress: Congress) -> Congress:
    """Hand the preparation in to the superior, once it has a date and what the pack requires is reported."""
    if congress.state != State.PLANNED:
        check_step(congress, State.SUBMITTED)
    raise_all(readiness.submitting(congress))
    step(congress, State.SUBMITTED)
    congress.save()
    return congress


@action("cycle.appraise", at="superior", phases=("preparation",))
def return_with_findings(
    actor: User, congress: Congress, *, findings: Sequence[str], document_symbol: str = ""
) -> Congress:
    """Give the preparation back to the unit, saying what has to be mended."""
    check_step(congress, State.RETURNED)
    rules.check_findings(findings)
    _review(actor, congress, Review.Stage.APPRAISAL, False, findings, document_symbol)
    reopen_superiors(congress)
    step(congress, State.RETURNED)
    congress.save()
    return congress


@action("cycle.appraise", at="superior", phases=("preparation",))
def approve(actor: User, congress: Congress, *, document_symbol: str = "", findings: Sequence[str] = ()) -> Congress:
    """Approve the preparation; `findings` are what should still be heeded."""
    check_step(congress, State.APPROVED)
    _review(actor, congress, Review.Stage.APPRAISAL, True, [text for text in findings if text.strip()], document_symbol)
    report_superiors(congress, actor.pk)
    step(congress, State.APPROVED)
    congress.save()
    return congress


# Session ------------------------------------------------------------------------------------------


@action("cycle.hold", phases=("preparation",))
def open_congress(actor: User, congress: Congress, *, summoned: int, present: int) -> tuple[Finding, ...]:
    """Open the session on or after its day, with those summoned and those present; returns what the law warns of."""
    check_step(congress, State.OPEN)
    barred, findings = readiness.opening(congress, clock.today())
    raise_all([*barred, *_attendance_refusals(summoned, present)])
    congress.summoned, congress.present = summoned, present
    step(congress, State.OPEN)
    congress.save()
    note(warnings=[one.code for one in findings])
    return tuple(findings)


def _attendance_refusals(summoned: int, present: int) -> Iterator[Refusal]:
    if present < 1:
        yield Refusal("cycle.attendance_none", field="present")
    elif present > summoned:
        yield Refusal("cycle.attendance_more", field="present", present=present, summoned=summoned)


@action("cycle.hold", phases=("session",))
def close_congress(actor: User, congress: Congress) -> Congress:
    """Close the session, once every contest is decided: it ended today, and the duty to hold the congress is done."""
    check_step(congress, State.HELD)
    raise_all(open_points(congress))
    today = clock.today()
    if today != congress.ends_on:
        congress.ends_on, congress.end_half = max(today, congress.starts_on or today), rules.PM
    step(congress, State.HELD)
    congress.save()
    tasks = congress.rules.laws["directives"].tasks
    _fulfil(congress, [key for key, task in tasks.items() if task.congress])
    return congress


# Result -------------------------------------------------------------------------------------------


@action("cycle.file", phases=("after",))
def file_result(actor: User, congress: Congress) -> Congress:
    """Hand the result in to the superior, once every contest is decided."""
    check_step(congress, State.FILED)
    raise_all(open_points(congress))
    step(congress, State.FILED)
    congress.save()
    _fulfil(congress, [REPORT_RESULT])
    return congress


@action("cycle.recognise", at="superior", phases=("after",))
def recognise(actor: User, congress: Congress, *, document_symbol: str = "", findings: Sequence[str] = ()) -> Congress:
    """Recognise the result of the congress."""
    check_step(congress, State.RECOGNISED)
    texts = [text for text in findings if text.strip()]
    _review(actor, congress, Review.Stage.RECOGNITION, True, texts, document_symbol)
    step(congress, State.RECOGNISED)
    congress.save()
    return congress


@action("cycle.recognise", at="superior", phases=("after",))
def send_back(actor: User, congress: Congress, *, findings: Sequence[str], document_symbol: str = "") -> Congress:
    """Give the result back to the unit, saying what has to be mended."""
    check_step(congress, State.SENT_BACK)
    rules.check_findings(findings)
    _review(actor, congress, Review.Stage.RECOGNITION, False, findings, document_symbol)
    step(congress, State.SENT_BACK)
    congress.save()
    return congress


def _review(actor: User, congress: Congress, stage: str, approved: bool, findings: Iterable[str], symbol: str) -> None:
    review = Review.objects.create(
        congress=congress,
        stage=stage,
        approved=approved,
        findings=[text.strip() for text in findings],
        document_symbol=symbol.strip(),
        decided_on=clock.today(),
        by=actor,
    )
    note(review=review.pk, findings=len(review.findings), decision=review.document_symbol)


def _fulfil(congress: Congress, tasks: Sequence[str]) -> None:
    """Report the unit's open duties of these tasks done: the minute book then shows what they rest on."""
    for duty in open_obligations([congress.unit_id]).filter(task__in=tasks):
        evidence = f"{congress.cycle.name}: {congress.unit.name}, {congress.ends_on:%Y-%m-%d}"
        directives.fulfil(system_account("cycle"), duty, evidence=evidence, on=clock.today())
