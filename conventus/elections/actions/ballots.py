"""Ballots: prepared for those who stand, with their electorate, and handed out by the counting board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.cycle.models import Congress
from conventus.elections import reads, rules
from conventus.elections.models import Ballot, Candidate, Contest
from conventus.org import reads as org

refusal_texts(
    "elections",
    {
        "list_open": N_("Close the list before a ballot is prepared: voters vote on a list that stays as it is."),
        "contest_decided": N_("This contest is decided; there is nothing more to ballot on."),
        "ballot_running": N_("Ballot %(number)s is not declared yet. Finish it first."),
        "no_further_ballot": N_("The law leads to no further ballot here. Record what the congress decided instead."),
        "decision_missing": N_("A further ballot takes a decision of the congress. Write down what it decided."),
        "not_before_issue": N_("The count has begun or is over: the electorate stays as it was then."),
        "issued_already": N_("The count has begun; the number of ballots issued stays as it is."),
        "nothing_issued": N_("Enter how many ballots were issued, at least one."),
        "present_negative": N_("The number of voters present cannot be %(number)s. Enter 0 or more."),
    },
)

AGAIN = {"tie_ballot": Ballot.Kind.TIE, "congress_decides": Ballot.Kind.TIE, "second_ballot": Ballot.Kind.SECOND}
"""The steps of the law that lead to a further ballot, and its kind."""


@action("elections.prepare", phases=("session",))
def prepare_ballot(actor: User, contest: Contest, *, decision: str = "") -> Ballot:
    """Prepare the next ballot: the first for the whole list, a later one for those whom the law lets stand again.

    Where the law leaves a further ballot to the congress, `decision` says what it decided.
    """
    if contest.state != Contest.State.LISTED:
        raise Refusal("elections.list_open" if contest.state == Contest.State.DRAFT else "elections.contest_decided")
    last = contest.ballots.last()
    if last is None:
        fresh = first_ballot(contest)
    elif last.state != Ballot.State.DECLARED:
        raise Refusal("elections.ballot_running", number=last.number)
    else:
        fresh = next_ballot(last, _step_again(last, decision), decision.strip())
    note(standing=[one.pk for one in fresh.names()])
    return fresh


def _step_again(last: Ballot, decision: str) -> rules.NextStep:
    steps = [step for step in reads.next_steps(last) if step.code in AGAIN]
    if not steps:
        raise Refusal("elections.no_further_ballot")
    if steps[0].decision and not decision.strip():
        raise Refusal("elections.decision_missing", article=steps[0].article, field="decision")
    return steps[0]


def first_ballot(contest: Contest) -> Ballot:
    """The first ballot: everybody on the closed list."""
    names = list(contest.candidates.filter(withdrawn=False))
    fresh = Ballot(contest=contest, number=1, seats=contest.seats, alternates=contest.alternates, style=contest.style)
    return _with_names(fresh, names)


def next_ballot(last: Ballot, step: rules.NextStep, decision: str = "") -> Ballot:
    """The ballot that `step` leads to, with the electorate of the one before."""
    names = list(last.standing.filter(pk__in=[int(key) for key in step.candidates]))
    fresh = Ballot(
        contest=last.contest,
        number=last.number + 1,
        kind=AGAIN[step.code],
        seats=step.seats,
        alternates=last.alternates if step.code == "second_ballot" else 0,
        style=rules.ballot_style(len(names), step.seats),
        decision=decision,
    )
    return _with_names(fresh, names)


def _with_names(ballot: Ballot, names: Sequence[Candidate]) -> Ballot:
    ballot.paths = list(ballot.ways)
    ballot.electorate, ballot.present = known_electorate(ballot.contest)
    ballot.save()
    ballot.standing.set(names)
    return ballot


# The electorate -----------------------------------------------------------------------------------

ATTACHED = "attached_elsewhere"
"""The line of the base that memberships tell: members attached elsewhere (ELE-23)."""


def known_electorate(contest: Contest) -> tuple[dict[str, int], int | None]:
    """The figures of the base that are known already, and how many are present.

    The same body may have voted before at this congress; otherwise the first line is the number summoned or, as long
    as nobody counted, the members with a vote. Nobody is guessed to be absent: those lines are left to be filled in.
    """
    congress, body = contest.congress, contest.body_of_voters
    before = Ballot.objects.filter(contest__congress=congress).exclude(electorate={}).order_by("-pk")
    for ballot in before.select_related("contest__congress__unit__organisation"):
        if ballot.contest.body_of_voters == body:
            return dict(ballot.electorate), ballot.present
    if body != congress.form:
        return {}, None
    return _from_memberships(contest, congress), congress.present


def _from_memberships(contest: Contest, congress: Congress) -> dict[str, int]:
    lines = rules.base_lines(contest.law, contest.body_of_voters, contest.day)
    attached = org.member_counts([congress.unit])[congress.unit_id].get("attached", 0)
    found = {line.code: attached for line in lines if line.code == ATTACHED}
    voters = org.official_members([congress.unit])[congress.unit_id] + sum(found.values())
    return {lines[0].code: congress.summoned or voters} | found


@action("elections.prepare", phases=("session",))
def set_electorate(actor: User, ballot: Ballot, *, figures: Mapping[str, int | None], present: int | None) -> Ballot:
    """Enter the figures that the base is computed from, and the voters present, before ballots are counted."""
    if ballot.state not in (Ballot.State.PREPARED, Ballot.State.ISSUED):
        raise Refusal("elections.not_before_issue")
    contest = ballot.contest
    rules.base_of(contest.law, contest.body_of_voters, figures, contest.day)
    if present is not None and present < 0:
        raise Refusal("elections.present_negative", field="present", number=present)
    ballot.electorate, ballot.present = dict(figures), present
    ballot.save()
    if ballot.issued is not None:
        raise_all(_issue_refusals(ballot, ballot.issued))
    return ballot


@action("elections.resolve", phases=("session",))
def choose_paths(actor: User, ballot: Ballot, *, paths: Sequence[str]) -> Ballot:
    """Say in which ways the ballot is counted, before the count begins: at least those that the pack requires."""
    if ballot.state not in (Ballot.State.PREPARED, Ballot.State.ISSUED):
        raise Refusal("elections.not_before_issue")
    reads.seat_for(actor, ballot, head=True)
    ballot.paths = list(rules.check_paths(ballot.contest.law, paths, ballot.contest.day))
    ballot.save()
    return ballot


@action("elections.count", phases=("session",))
def issue(actor: User, ballot: Ballot, *, issued: int) -> Ballot:
    """Record how many ballots the board handed out; until the first entry the number can be put right."""
    if ballot.state not in (Ballot.State.PREPARED, Ballot.State.ISSUED):
        raise Refusal("elections.issued_already")
    reads.seat_for(actor, ballot)
    raise_all(_issue_refusals(ballot, issued))
    ballot.issued, ballot.state = issued, Ballot.State.ISSUED
    ballot.issued_at = ballot.issued_at or clock.now()
    ballot.save()
    return ballot


def _issue_refusals(ballot: Ballot, issued: int) -> Iterator[Refusal]:
    base = ballot.base_now().total
    figures: dict[str, Any] = {"issued": issued, "present": ballot.present, "base": base}
    if issued < 1:
        yield Refusal("elections.nothing_issued", field="issued")
    if ballot.present is not None and issued > ballot.present:
        yield Refusal("elections.E07", field="issued", **figures)
    if issued > base:
        yield Refusal("elections.E13", field="issued", **figures)
