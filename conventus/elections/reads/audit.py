"""Sample audits: what is drawn, what is due, how far the risk is down."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from django.shortcuts import get_object_or_404

from conventus.core.models import User
from conventus.core.rights import visible
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import rules
from conventus.elections.models import Audit, AuditDraw, Ballot
from conventus.elections.reads.contests import VIEW
from conventus.elections.reads.count import agreed_of, outcome_of
from conventus.elections.reads.stacks import StackCount, stack_counts

refusal_texts(
    "elections",
    {"audit_under_way": N_("A sample audit of this count is under way. Close it first.")},
)

LEAST_ROUND = 10
"""The risk is measured over no fewer papers at once: between two of them it would tell the marks on one."""


def audit_of(ballot: Ballot) -> Audit | None:
    """The audit of the present count, if there is one."""
    return ballot.audits.filter(attempt=ballot.attempt).select_related("by", "closed_by").first()


def former_audits(ballot: Ballot) -> list[Audit]:
    """The audits of earlier counts, which all ended in counting anew."""
    return list(ballot.audits.filter(attempt__lt=ballot.attempt).select_related("closed_by"))


def audit_for(reader: User, pk: int) -> Audit:
    """An audit of a ballot that `reader` may see; 404 otherwise."""
    audits = Audit.objects.filter(visible(reader, VIEW, "ballot__contest__congress__unit__path"))
    related = "ballot__contest__congress__unit__organisation", "ballot__contest__congress__cycle", "by", "closed_by"
    return get_object_or_404(audits.select_related(*related), pk=pk)


def check_no_audit(ballot: Ballot) -> None:
    """Refuse what would pull the count away under an audit."""
    if ballot.audits.filter(attempt=ballot.attempt, state=Audit.State.OPEN).exists():
        raise Refusal("elections.audit_under_way")


# What would be needed -----------------------------------------------------------------------------


def statements_of(ballot: Ballot) -> tuple[rules.audit.Assertion, ...]:
    """What an audit of the agreed count has to show; refuses an outcome with a tie."""
    kind = rules.kind_of(ballot.contest.law, ballot.contest.body)
    places = ballot.alternates if kind.alternates.at(ballot.contest.day).value else 0
    return rules.audit.assertions_of(agreed_of(ballot), outcome_of(ballot), places)


def papers_forecast(ballot: Ballot, risk: float) -> rules.audit.Forecast:
    """How many single papers an audit will need if the count is right."""
    return rules.audit.forecast(statements_of(ballot), agreed_of(ballot), risk)


def stacks_forecast(ballot: Ballot, risk: float) -> rules.audit.Forecast | None:
    """How many stacks will have to be drawn if the count is right; None where the stacks were not kept apart."""
    stacks = whole_stacks(ballot)
    if not stacks:
        return None
    found = statements_of(ballot)
    parts = {one: [one.total(stack) for _one, stack in stacks] for one in found}
    return rules.audit.stacks_forecast(found, [count.collected or 0 for _stack, count in stacks], parts, risk)


def whole_stacks(ballot: Ballot) -> list[tuple[StackCount, rules.Count]]:
    """The scanned stacks with their sums, if there are at least two and together they make the count."""
    found = [(one, one.read) for one in stack_counts(ballot) if one.read is not None and one.read.collected]
    return found if len(found) > 1 and _sum_up([count for _stack, count in found], agreed_of(ballot)) else []


def _sum_up(parts: list[rules.Count], whole: rules.Count) -> bool:
    """Whether the parts make the whole in every figure that an audit looks at."""
    totals = all(
        sum(getattr(part, figure) or 0 for part in parts) == getattr(whole, figure) for figure in ("collected", "valid")
    )
    return totals and all(sum(part.votes[key] or 0 for part in parts) == votes for key, votes in whole.votes.items())


# What is due --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A paper of the present round: its turn, where it lies, and whether it has been read."""

    number: int
    stack: str
    position: int
    draw: AuditDraw | None


def drawn_before(audit: Audit) -> int:
    """How many papers (or stacks) the risk was measured over already."""
    return audit.measured[-1]["drawn"] if audit.measured else 0


def round_end(audit: Audit) -> int:
    """The last turn of the present round; a remainder that is too small for a round of its own is added."""
    end = drawn_before(audit) + audit.round_size
    return audit.population if audit.population - end < LEAST_ROUND else end


def due_papers(audit: Audit) -> list[Due]:
    """The papers of the present round, in the order in which they are pulled out of the stacks."""
    draws = {one.number: one for one in audit.draws.all()}
    first, last = drawn_before(audit), round_end(audit)
    numbers = islice(rules.audit.drawing(audit.seed, audit.population), first, last)
    found = []
    for turn, paper in enumerate(numbers, first + 1):
        which, position = rules.audit.place_of(audit.sizes, paper)
        found.append((which, Due(turn, audit.stacks[which][0], position, draws.get(turn))))
    return [due for _which, due in sorted(found, key=lambda one: (one[0], one[1].position))]


def stacks_drawn(audit: Audit, draws: int) -> list[int]:
    """Which stack each of the first draws hits, counted from 0: a larger stack is hit more often, and again."""
    hit = islice(rules.audit.picks(audit.seed, audit.population), draws)
    return [rules.audit.place_of(audit.sizes, paper)[0] for paper in hit]


def stack_due(audit: Audit) -> tuple[int, StackCount | None]:
    """The stack that is counted by hand next, and how it stands; None when it was made void."""
    which = stacks_drawn(audit, drawn_before(audit) + 1)[-1]
    stacks = {one.batch.pk: one for one in stack_counts(audit.ballot)}
    return which, stacks.get(audit.batches[which])


# The risk -----------------------------------------------------------------------------------------


def papers_risks(audit: Audit, drawn: int) -> list[float]:
    """The risk of each statement after the first papers drawn, in the order of their turns."""
    papers = [one.paper() for one in audit.draws.filter(number__lte=drawn).order_by("number")]
    return [
        rules.audit.risk_of(one, audit.population, [one.score(paper) for paper in papers]) for one in audit.assertions()
    ]


def stacks_risks(audit: Audit, draws: int) -> list[float]:
    """The risk of each statement after the first stacks drawn."""
    by_hand = {one.batch.pk: one.agreed for one in stack_counts(audit.ballot)}
    hits = stacks_drawn(audit, draws)
    found = []
    for one, kept in zip(audit.assertions(), audit.statements, strict=True):
        stacks = list(zip(audit.sizes, kept["parts"], strict=True))
        drawn = [(which, _by_hand(one, by_hand.get(audit.batches[which]))) for which in hits]
        found.append(rules.audit.stacks_risk(one, stacks, drawn))
    return found


def _by_hand(assertion: rules.audit.Assertion, count: rules.Count | None) -> int:
    return assertion.total(count) if count else 0
