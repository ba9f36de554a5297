"""Contests, candidates, ballots and the counting board."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core.models import User
from conventus.core.rights import scopes, visible
from conventus.core.rules import N_, Citation, Finding, Refusal, each_of, refusal_texts
from conventus.cycle import reads as cycle
from conventus.cycle.models import Congress
from conventus.elections import rules
from conventus.elections.models import Ballot, BoardMember, Candidate, Contest, VoteCount

refusal_texts(
    "elections",
    {
        "no_board": N_("Appoint the counting board first: it issues the ballots and counts them."),
        "only_head": N_("Only the head of the counting board does this."),
    },
)

VIEW = "elections.view"


def congress_for(reader: User, pk: int) -> Congress:
    """A congress whose elections `reader` may see; 404 otherwise."""
    congress = cycle.congress_for(reader, pk)
    if not any(congress.unit.path.startswith(path) for path in scopes(reader, VIEW)):
        raise Http404
    return congress


def contests_of(reader: User, congress: Congress) -> QuerySet[Contest]:
    """The contests of a congress with their candidates and ballots, as far as `reader` may see them."""
    contests = Contest.objects.filter(visible(reader, VIEW, "congress__unit__path"), congress=congress)
    return contests.select_related("congress__unit__organisation").prefetch_related("candidates", "ballots")


def contest_for(reader: User, pk: int) -> Contest:
    """A contest that `reader` may see; 404 otherwise."""
    contests = Contest.objects.filter(visible(reader, VIEW, "congress__unit__path"))
    return get_object_or_404(contests.select_related("congress__unit__organisation", "congress__cycle"), pk=pk)


def candidate_for(reader: User, pk: int) -> Candidate:
    """A candidate that `reader` may see; 404 otherwise."""
    candidates = Candidate.objects.filter(visible(reader, VIEW, "contest__congress__unit__path"))
    return get_object_or_404(candidates.select_related("contest__congress__unit__organisation", "person"), pk=pk)


def ballot_for(reader: User, pk: int) -> Ballot:
    """A ballot that `reader` may see; 404 otherwise."""
    ballots = Ballot.objects.filter(visible(reader, VIEW, "contest__congress__unit__path"))
    found = ballots.select_related("contest__congress__unit__organisation", "contest__congress__cycle")
    return get_object_or_404(found.prefetch_related(Prefetch("standing")), pk=pk)


def board_of(congress: Congress) -> list[BoardMember]:
    """The counting board, its head first; the congress has been checked before."""
    return list(congress.board.select_related("person", "user"))


def board_seat(reader: User, congress: Congress) -> BoardMember | None:
    """The reader's own seat on the counting board, if there is one."""
    return congress.board.filter(user=reader).first()


def elected_of(contest: Contest) -> list[VoteCount]:
    """Who is elected so far and with how many votes, in the order of ballots and votes."""
    counts = VoteCount.objects.filter(ballot__contest=contest, elected=True).select_related("candidate", "ballot")
    return list(counts.order_by("ballot__number", "place_in_order"))


def seat_for(actor: User, ballot: Ballot, *, head: bool = False) -> BoardMember:
    """The actor's seat on the board of this congress; the role alone does not make a member of it (ELE-31)."""
    board = list(ballot.contest.congress.board.all())
    if not board:
        raise Refusal("elections.no_board")
    seat = next((one for one in board if one.user_id == actor.pk), None)
    if seat is None:
        raise Refusal("elections.not_on_board")
    if head and not seat.head:
        raise Refusal("elections.only_head")
    return seat


def in_order(contest: Contest) -> list[Candidate]:
    """The standing names in the order of the ballot paper; blocks come as they were first entered (ELE-15)."""
    standing = {str(one.pk): one for one in contest.candidates.filter(withdrawn=False).order_by("pk")}
    blocks = list(dict.fromkeys(one.block for one in standing.values()))
    names = [rules.Name(key, one.name, one.block) for key, one in standing.items()]
    order = contest.law.order.at(contest.day).value
    return [standing[one.key] for one in rules.candidate_order(names, order, blocks)]


def style_of(contest: Contest) -> str:
    """The style of paper that names and seats lead to (ELE-16, ELE-17)."""
    return rules.ballot_style(len(contest.facts().names), contest.seats)


def list_findings(contest: Contest) -> tuple[tuple[Refusal, ...], tuple[Finding, ...]]:
    """What the law has against closing the list now, and what it wants a decision on."""
    try:
        return (), rules.check_list(contest.law, contest.facts(), contest.day)
    except Refusal as refusal:
        return each_of(refusal), ()


@dataclass(frozen=True)
class Surplus:
    """How a list stands against the law on extra names: those there are, and what may be prepared and allowed."""

    required: bool
    seats: int
    names: int
    prepared: int
    extra: int
    least: int
    most: int
    cap: int
    article: Citation

    @property
    def missing(self) -> int:
        """How many prepared names are missing still."""
        return max(0, self.seats + self.least - self.prepared) if self.required else 0


def surplus_of(contest: Contest) -> Surplus:
    """The surplus of a list in the making (ELE-10 to ELE-12)."""
    law, facts, day = contest.law, contest.facts(), contest.day
    least, most = rules.prepared_surplus(law, contest.seats, day)
    required = rules.kind_of(law, contest.body).surplus.at(day).value == "required"
    cap, names = rules.surplus_cap(law, contest.seats, day), len(facts.names)
    cite = law.surplus_cap_percent.at(day).cite
    return Surplus(required, contest.seats, names, facts.prepared or 0, names - contest.seats, least, most, cap, cite)
