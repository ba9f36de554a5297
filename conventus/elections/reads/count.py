"""The count of a ballot: who made it, how counts made apart compare, what the agreed figures lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conventus.core.models import User
from conventus.core.rights import allowing
from conventus.core.rules import N_, Finding, Refusal, refusal_texts
from conventus.elections import rules
from conventus.elections.models import Ballot, Candidate, Contest, CountEntry, count_of, labels_of
from conventus.elections.reads.contests import seat_for
from conventus.elections.reads.stacks import facts_to_reconcile, papers_of

refusal_texts(
    "elections",
    {
        "not_issued": N_("No ballots were issued yet. Record how many the board handed out first."),
        "compare_instead": N_("Both entries are in and differ. A third member compares them; nobody keys in again."),
    },
)

AGREED = (Ballot.State.AGREED, Ballot.State.DECLARED)


def entries_now(ballot: Ballot) -> list[CountEntry]:
    """The entries of the present attempt, in order, with their figures: for the law, never for a page."""
    return list(ballot.entries.filter(attempt=ballot.attempt).order_by("pk"))


@dataclass(frozen=True)
class Made:
    """That somebody keyed in a count: never what."""

    attempt: int
    slot: str
    by: User
    at: datetime


def entries_made(ballot: Ballot) -> list[Made]:
    """Who keyed in this ballot's counts and when, all attempts, without any figure."""
    entries = ballot.entries.select_related("by").defer("figures", "salt", "choices")
    return [Made(one.attempt, one.slot, one.by, one.at) for one in entries]


def agreed_of(ballot: Ballot) -> rules.Count:
    """The figures of the agreed count; only for a ballot whose count is agreed."""
    assert ballot.state in AGREED
    count = rules.agreed_count([one.facts() for one in entries_now(ballot)], ballot.ways)
    assert count is not None
    return count


def findings_of(ballot: Ballot) -> tuple[Finding, ...]:
    """The numbered checks of the agreed count, with what papers and scans say of it."""
    return rules.check_count(ballot.contest.law, facts_to_reconcile(ballot), agreed_of(ballot), ballot.contest.day)


def balance_of(ballot: Ballot) -> tuple[rules.Equation, ...]:
    """What papers, scans and count must have in common; without the figures of a count that is not agreed."""
    if ballot.state in AGREED:
        return rules.balance(facts_to_reconcile(ballot), agreed_of(ballot))
    return rules.equations(papers_of(ballot))


def accepted_of(ballot: Ballot, findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """The accepted warnings by code; one whose figures have changed since does not count as accepted any more."""
    now = {one.code: str(one) for one in findings}
    kept = {one["code"]: one for one in ballot.accepted if one["code"] in now}
    return {code: one for code, one in kept.items() if one.get("found", now[code]) == now[code]}


def findings_on(ballot: Ballot, count: rules.Count) -> tuple[Finding, ...]:
    """The numbered checks of any figures, for whoever keys them in."""
    return rules.check_count(ballot.contest.law, ballot.facts(), count, ballot.contest.day)


# Who may key in -----------------------------------------------------------------------------------


def slot_for(actor: User, ballot: Ballot) -> str:
    """The slot that the actor's entry would fill, first or second; refuses whoever may not key in now, saying why."""
    if ballot.state == Ballot.State.PREPARED:
        raise Refusal("elections.not_issued")
    if ballot.state == Ballot.State.DIFFERING:
        raise Refusal("elections.compare_instead")
    return slot_by_law(actor, ballot)


def slot_by_law(actor: User, ballot: Ballot) -> str:
    """The slot that the law gives the actor now: first, second or resolution (rules.slot_for)."""
    seat_for(actor, ballot)
    board = {str(pk) for pk in ballot.contest.congress.board.values_list("user_id", flat=True) if pk}
    names = Candidate.objects.filter(contest=ballot.contest, withdrawn=False, person__user__isnull=False)
    candidates = {str(pk) for pk in names.values_list("person__user_id", flat=True)}
    entries = [one.facts() for one in entries_now(ballot)]
    return rules.slot_for(str(actor.pk), entries, board, candidates, ballot.ways)


# Comparing ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One figure of all counts side by side, `values` by path; `key` names its field, `take` how it was settled."""

    key: str
    label: str
    figure: str
    values: Mapping[str, int | None]
    agreed: int | None = None
    take: str = ""
    reason: str = ""

    @property
    def differs(self) -> bool:
        """Whether the counts give different figures."""
        return len(set(self.values.values())) > 1


def may_compare(reader: User, ballot: Ballot) -> bool:
    """Whether `reader` may see all counts now.

    While they differ only another member of the board may: whoever keyed in, or may have to key in again, stays
    blind. Once the count is agreed, everybody who may see the ballot may see how it came about.
    """
    if ballot.state in AGREED:
        return True
    if ballot.state != Ballot.State.DIFFERING:
        return False
    unit, phase = ballot.place, ballot.phase
    on_board = ballot.contest.congress.board.filter(user=reader).exists()
    entered = ballot.entries.filter(attempt=ballot.attempt, by=reader).exclude(slot=rules.SCAN).exists()
    return on_board and not entered and allowing(reader, "elections.resolve", unit, phase) is not None


def comparison_of(reader: User, ballot: Ballot) -> list[Line]:
    """All counts side by side, totals first, then the names in the order of the paper; nothing if not allowed."""
    if not may_compare(reader, ballot):
        return []
    entries = {one.slot: one for one in entries_now(ballot)}
    counts = {path: count_of(entries[path].figures) for path in ballot.ways}
    agreed = agreed_of(ballot) if ballot.state in AGREED else None
    choices = entries["resolution"].choices if "resolution" in entries else {}
    return [_line(figure, counts, agreed, choices) for figure in _figures(ballot)]


@dataclass(frozen=True)
class _Figure:
    """A figure of a count: its kind (`valid`, `votes`), and for a name's figure the candidate's key and words."""

    kind: str
    candidate: str = ""
    label: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}_{self.candidate}" if self.candidate else self.kind

    def of(self, count: rules.Count | None) -> int | None:
        value = getattr(count, self.kind, None)
        found: int | None = value.get(self.candidate) if self.candidate and value is not None else value
        return found


def _figures(ballot: Ballot) -> Iterator[_Figure]:
    yield from (_Figure("collected"), _Figure("valid"), _Figure("invalid"))
    names = ballot.names()
    for one, label in zip(names, labels_of(names), strict=True):
        yield _Figure("votes", str(one.pk), label)
        if ballot.style != Contest.Style.STRIKE:
            yield _Figure("against", str(one.pk), label)


def lines_of(ballot: Ballot, counts: Mapping[str, rules.Count]) -> Iterator[Line]:
    """A line for every figure of any counts of the ballot, by their keys."""
    return (_line(figure, counts, None, {}) for figure in _figures(ballot))


def _line(
    figure: _Figure,
    counts: Mapping[str, rules.Count],
    agreed: rules.Count | None,
    choices: Mapping[str, Mapping[str, str]],
) -> Line:
    choice = choices.get(figure.key, {})
    values = {path: figure.of(count) for path, count in counts.items()}
    take, reason = choice.get("take", ""), choice.get("reason", "")
    return Line(figure.key, figure.label, figure.kind, values, figure.of(agreed), take, reason)


def settled_by(ballot: Ballot) -> CountEntry | None:
    """The resolution of the present attempt, once the count is agreed."""
    if ballot.state not in AGREED:
        return None
    return ballot.entries.filter(attempt=ballot.attempt, slot="resolution").select_related("by").first()


# What it leads to ---------------------------------------------------------------------------------


def outcome_of(ballot: Ballot) -> rules.Outcome:
    """What the agreed count means under the law: elected, tied, and what may follow."""
    votes = {key: number or 0 for key, number in agreed_of(ballot).votes.items()}
    base = ballot.base_now().total if ballot.base is None else ballot.base
    facts = rules.Round(
        ballot.contest.body, ballot.seats, base, ballot.valid or 0, votes, ballot.kind, ballot.number, ballot.alternates
    )
    return rules.elected(ballot.contest.law, facts, ballot.contest.day)


def next_steps(ballot: Ballot) -> tuple[rules.NextStep, ...]:
    """What may follow a declared ballot while its contest is not decided."""
    if ballot.state != Ballot.State.DECLARED or ballot.contest.state == Contest.State.DECIDED:
        return ()
    return outcome_of(ballot).next_steps
