"""Sample audits: opened with dice, papers drawn and read, the risk measured, closed or turned into a full recount."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import ERROR, N_, Refusal, raise_all, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.actions.count import repeat_count
from conventus.elections.models import Audit, AuditDraw, Ballot, seal_of

refusal_texts(
    "elections",
    {
        "audit_there": N_(
            "This count has its audit already; another one with other dice would be a choice of results."
        ),
        "audit_method": N_("There is no way to audit “%(method)s”. Use one of: %(known)s."),
        "risk_limit": N_("Choose a risk limit from 1 to %(most)s percent."),
        "audit_papers": N_("The stacks hold %(papers)s papers, the count says %(collected)s. Count the stacks again."),
        "audit_stack_empty": N_("A stack holds at least one paper."),
        "audit_no_stacks": N_(
            "The scanned stacks do not add up to the count, or there is only one. Draw single papers."
        ),
        "audit_closed": N_("This audit is closed."),
        "audit_of_papers": N_("This audit draws whole stacks: count the stack by hand instead."),
        "draw_not_due": N_("This paper is not due now. Take one from the list."),
        "draw_ruling": N_("Say what the paper is: valid, invalid or not in its place."),
        "draw_names": N_("Some of these names do not stand in this ballot."),
        "draw_there": N_("This paper was entered already. Say why it is entered again."),
        "round_incomplete": N_("%(missing)s papers of this round are not entered yet."),
        "stack_due": N_("Stack “%(stack)s” was drawn. Two members count it by hand first."),
        "audit_not_passed": N_(
            "The outcome is not confirmed at this risk limit. Draw on, or say why all is counted anew."
        ),
    },
)

MOST_RISK = 20


@action("elections.resolve", phases=("session",))
def open_audit(
    actor: User,
    ballot: Ballot,
    *,
    risk_percent: int,
    seed: str,
    method: str = rules.audit.POLLING,
    stacks: Sequence[int] = (),
) -> Audit:
    """Open the sample audit of an agreed count: the risk limit, the digits of the dice, how the papers lie.

    `stacks` are the papers in each stack on the table, in their order; whole stacks are those that were scanned.
    """
    if ballot.state != Ballot.State.AGREED:
        raise Refusal("elections.not_agreed")
    reads.seat_for(actor, ballot, head=True)
    raise_all(one.refusal() for one in reads.findings_of(ballot) if one.severity == ERROR)
    _check_audit(ballot, method, risk_percent)
    audit = Audit(
        ballot=ballot,
        attempt=ballot.attempt,
        method=method,
        risk_percent=risk_percent,
        seed=rules.audit.check_seed(seed),
        by=actor,
        at=clock.now(),
    )
    lay_out = _lay_out_stacks if method == rules.audit.STACKS else _lay_out_papers
    lay_out(audit, stacks)
    audit.save()
    return audit


def _check_audit(ballot: Ballot, method: str, risk_percent: int) -> None:
    if reads.audit_of(ballot):
        raise Refusal("elections.audit_there")
    if method not in rules.audit.METHODS:
        raise Refusal("elections.audit_method", field="method", method=method, known=", ".join(rules.audit.METHODS))
    if not 1 <= risk_percent <= MOST_RISK:
        raise Refusal("elections.risk_limit", field="risk_percent", most=MOST_RISK)


def _lay_out_papers(audit: Audit, stacks: Sequence[int]) -> None:
    """Single papers out of the stacks on the table."""
    sizes, collected = list(stacks), audit.ballot.collected or 0
    if any(size < 1 for size in sizes):
        raise Refusal("elections.audit_stack_empty", field="stacks")
    if sum(sizes) != collected:
        raise Refusal("elections.audit_papers", field="stacks", papers=sum(sizes), collected=collected)
    found = reads.statements_of(audit.ballot)
    audit.stacks = [[str(number), size] for number, size in enumerate(sizes, 1)]
    audit.statements = [asdict(one) for one in found]
    forecast = reads.papers_forecast(audit.ballot, audit.limit)
    audit.round_size = min(audit.population, max(reads.LEAST_ROUND, forecast.half))


def _lay_out_stacks(audit: Audit, _stacks: Sequence[int]) -> None:
    """Whole stacks as they were scanned, with what the count says of each."""
    found = reads.whole_stacks(audit.ballot)
    if not found:
        raise Refusal("elections.audit_no_stacks", field="method")
    counts = [count for _, count in found]
    audit.stacks = [[str(stack.batch), count.collected] for stack, count in found]
    audit.batches = [stack.batch.pk for stack, _ in found]
    audit.statements = [
        asdict(one) | {"parts": [one.total(count) for count in counts]} for one in reads.statements_of(audit.ballot)
    ]
    audit.round_size = 1


# Papers -------------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def record_draw(
    actor: User, audit: Audit, *, number: int, ruling: str, chosen: Collection[str] = (), reason: str = ""
) -> AuditDraw:
    """Enter what a drawn paper shows, without looking at its scan; until the risk is measured it can be put right.

    `chosen` are the keys of the names that a valid paper chooses. The minute book gets the seal, never the marks.
    """
    _check_open(actor, audit)
    if audit.method != rules.audit.POLLING:
        raise Refusal("elections.audit_of_papers")
    names = set(chosen) if ruling == rules.VALID else set()
    _check_draw(audit, number, ruling, names)
    before = audit.draws.filter(number=number).first()
    if before and not reason.strip():
        raise Refusal("elections.draw_there", field="reason")
    if before:
        note(corrected=reason.strip())
    return _keep(before or AuditDraw(audit=audit, number=number), actor, ruling, sorted(names))


def _check_open(actor: User, audit: Audit, *, head: bool = False) -> None:
    """Refuse what comes after the close, or from outside the board."""
    if audit.state != Audit.State.OPEN:
        raise Refusal("elections.audit_closed")
    reads.seat_for(actor, audit.ballot, head=head)


def _check_draw(audit: Audit, number: int, ruling: str, chosen: set[str]) -> None:
    if not reads.drawn_before(audit) < number <= reads.round_end(audit):
        raise Refusal("elections.draw_not_due")
    if ruling not in rules.audit.PAPER_RULINGS:
        raise Refusal("elections.draw_ruling", field="ruling")
    ballot = audit.ballot
    facts = ballot.facts()
    if not chosen <= set(facts.candidates):
        raise Refusal("elections.draw_names", field="chosen")
    if ruling == rules.VALID:
        _check_valid(ballot, facts.candidates, chosen)


def _check_valid(ballot: Ballot, candidates: Iterable[str], chosen: set[str]) -> None:
    """A valid paper is one by the law of ballots; refuses for example more names than seats."""
    marks = {key: rules.CHOSEN if key in chosen else rules.REJECTED for key in candidates}
    verdict = rules.Verdict(rules.VALID, marks=marks)
    rules.check_verdict(ballot.contest.law, ballot.facts(), verdict, ballot.contest.day)


def _keep(draw: AuditDraw, actor: User, ruling: str, chosen: list[str]) -> AuditDraw:
    figures: dict[str, Any] = {"ruling": ruling, "chosen": chosen}
    draw.ruling, draw.chosen, draw.by = ruling, chosen, actor
    draw.salt = secrets.token_hex(16)
    draw.seal = seal_of(figures, draw.salt)
    draw.save()
    return draw


# The risk -----------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def measure_audit(actor: User, audit: Audit) -> Audit:
    """Measure the risk over all papers drawn so far, once those of the round are entered; they are fixed then."""
    _check_open(actor, audit)
    drawn = _stacks_counted(audit) if audit.method == rules.audit.STACKS else _papers_entered(audit)
    risks = reads.stacks_risks if audit.method == rules.audit.STACKS else reads.papers_risks
    found = [math.ceil(one * 10**6) / 10**6 for one in risks(audit, drawn)]
    missing = audit.draws.filter(ruling=rules.audit.MISSING).count()
    audit.measured = [*audit.measured, {"drawn": drawn, "missing": missing, "risks": found}]
    audit.save()
    note(drawn=drawn, missing=missing, greatest_risk=max(found, default=0.0))
    return audit


def _papers_entered(audit: Audit) -> int:
    end = reads.round_end(audit)
    missing = end - audit.draws.filter(number__lte=end).count()
    if missing or end == reads.drawn_before(audit):
        raise Refusal("elections.round_incomplete", missing=missing)
    return end


def _stacks_counted(audit: Audit) -> int:
    which, stack = reads.stack_due(audit)
    if stack is None or stack.agreed is None:
        raise Refusal("elections.stack_due", stack=audit.stacks[which][0])
    return reads.drawn_before(audit) + 1


@action("elections.resolve", phases=("session",))
def close_audit(actor: User, audit: Audit, *, reason: str = "") -> Audit:
    """Close the audit as head: confirmed once every statement is shown; otherwise all papers are counted anew."""
    _check_open(actor, audit, head=True)
    if not audit.passed and not reason.strip():
        raise Refusal("elections.audit_not_passed", field="reason")
    audit.state = Audit.State.CONFIRMED if audit.passed else Audit.State.ESCALATED
    audit.reason, audit.closed_by, audit.closed_at = reason.strip(), actor, clock.now()
    audit.save()
    if audit.state == Audit.State.ESCALATED:
        repeat_count(actor, Ballot.objects.get(pk=audit.ballot_id), reason=reason)
    return audit
