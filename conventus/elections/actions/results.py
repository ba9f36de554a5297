"""Results: declared by the law of the pack, with what follows a tie or too few elected."""

from __future__ import annotations

from collections.abc import Sequence

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.actions.ballots import AGAIN, next_ballot
from conventus.elections.models import Ballot, Candidate, Contest, VoteCount

refusal_texts(
    "elections",
    {
        "declared_already": N_("This result is declared already."),
        "nothing_to_decide": N_("There is nothing for the congress to decide here: the law says what follows."),
        "open_seats_wrong": N_("%(open)s seats are open, not %(number)s. Check the figure."),
        "reason_of_decision": N_("Write down what the congress decided."),
        "no_lot": N_("There is no tie here that a lot decides."),
        "lot_number": N_("The lot fills %(seats)s seats among the tied; name exactly so many of them."),
    },
)


@action("elections.declare", phases=("session",))
def declare_result(actor: User, ballot: Ballot) -> Ballot:
    """Declare the agreed count: who is elected by the pack's majority, who is tied, and what follows.

    A ballot that the law holds without asking the congress, such as one among the tied, is prepared at once.
    """
    if ballot.state != Ballot.State.AGREED:
        declared = ballot.state == Ballot.State.DECLARED
        raise Refusal("elections.declared_already" if declared else "elections.not_agreed")
    reads.seat_for(actor, ballot, head=True)
    reads.check_no_audit(ballot)
    findings = reads.findings_of(ballot)
    accepted = reads.accepted_of(ballot, findings)
    rules.check_accepted(findings, {code: one["reason"] for code, one in accepted.items()})
    outcome = reads.outcome_of(ballot)
    _keep(ballot, outcome)
    note(elected=list(outcome.elected), tied=list(outcome.tied), alternates=list(outcome.alternates))
    _follow(ballot, outcome)
    return ballot


def _keep(ballot: Ballot, outcome: rules.Outcome) -> None:
    """Write the figures of every name and mark the elected."""
    count = reads.agreed_of(ballot)
    names = {str(one.pk): one for one in ballot.names()}
    order = sorted(names, key=lambda key: (-(count.votes[key] or 0), names[key].order))
    VoteCount.objects.bulk_create(
        VoteCount(
            ballot=ballot,
            candidate=names[key],
            votes=count.votes[key] or 0,
            against=count.against.get(key),
            place_in_order=place,
            elected=key in outcome.elected,
            alternate=key in outcome.alternates,
            tied=key in (*outcome.tied, *outcome.tied_alternates),
        )
        for place, key in enumerate(order, 1)
    )
    mark_elected(outcome.elected, outcome.alternates)
    ballot.state, ballot.declared_at = Ballot.State.DECLARED, clock.now()
    ballot.base, ballot.needed = ballot.base_now().total, outcome.needed
    board = reads.board_of(ballot.contest.congress)
    ballot.board = [{"person": one.person_id, "head": one.head} for one in board]
    ballot.save()


def mark_elected(elected: Sequence[str], alternates: Sequence[str] = ()) -> None:
    """Mark candidates, by their keys, as elected or elected as alternates."""
    Candidate.objects.filter(pk__in=[int(key) for key in elected]).update(elected=True)
    Candidate.objects.filter(pk__in=[int(key) for key in alternates]).update(alternate=True)


def _follow(ballot: Ballot, outcome: rules.Outcome) -> None:
    """Decide the contest when no seat is open, or prepare the ballot that follows without a decision."""
    if outcome.open_seats == 0:
        _decide_now(ballot.contest)
        return
    at_once = [step for step in outcome.next_steps if step.code in AGAIN and not step.decision]
    if at_once:
        note(next_ballot=next_ballot(ballot, at_once[0]).pk)


def _decide_now(contest: Contest) -> None:
    """Close a contest whose seats are all filled. The door guards the ballot only, so its version is raised here."""
    contest.state, contest.open_seats = Contest.State.DECIDED, 0
    contest.version += 1
    contest.save()
    note(contest=contest.state)


# Decisions of the congress ------------------------------------------------------------------------


@action("elections.prepare", phases=("session",))
def decide(actor: User, contest: Contest, *, open_seats: int, reason: str) -> Contest:
    """Record that the congress leaves the open seats unfilled; the contest is decided with that."""
    last = _waiting(contest)
    steps = [step for step in reads.next_steps(last) if step.decision]
    if not steps:
        raise Refusal("elections.nothing_to_decide")
    if open_seats != steps[0].seats:
        raise Refusal("elections.open_seats_wrong", field="open_seats", open=steps[0].seats, number=open_seats)
    if not reason.strip():
        raise Refusal("elections.reason_of_decision", article=steps[0].article, field="reason")
    contest.state, contest.open_seats, contest.decision = Contest.State.DECIDED, open_seats, reason.strip()
    contest.save()
    return contest


@action("elections.declare", phases=("session",))
def draw_lot(actor: User, contest: Contest, *, drawn: Sequence[Candidate], reason: str) -> Contest:
    """Record whom the lot has drawn among those tied for the last seats; the head of the board draws it."""
    last = _waiting(contest)
    reads.seat_for(actor, last, head=True)
    step = next((step for step in reads.next_steps(last) if step.code == "lot"), None)
    if step is None:
        raise Refusal("elections.no_lot")
    keys = {str(one.pk) for one in drawn}
    if len(keys) != step.seats or not keys <= set(step.candidates):
        raise Refusal("elections.lot_number", article=step.article, field="drawn", seats=step.seats)
    if not reason.strip():
        raise Refusal("elections.reason_of_decision", article=step.article, field="reason")
    VoteCount.objects.filter(ballot=last, candidate__in=[int(key) for key in keys]).update(elected=True)
    mark_elected(sorted(keys))
    contest.state, contest.open_seats, contest.decision = Contest.State.DECIDED, 0, reason.strip()
    contest.save()
    note(drawn=sorted(int(key) for key in keys))
    return contest


def _waiting(contest: Contest) -> Ballot:
    """The contest's last ballot, declared, while the contest is still open."""
    if contest.state == Contest.State.DECIDED:
        raise Refusal("elections.contest_decided")
    last = contest.ballots.last()
    if last is None:
        raise Refusal("elections.nothing_to_decide")
    if last.state != Ballot.State.DECLARED:
        raise Refusal("elections.ballot_running", number=last.number)
    return last
