"""The counting board, contests and their lists of candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.cycle.models import Congress
from conventus.elections import reads, rules
from conventus.elections.models import Ballot, BoardMember, Candidate, Contest
from conventus.org import reads as org
from conventus.org.models import Person
from conventus.org.rules import may_stand, may_vote

refusal_texts(
    "elections",
    {
        "contest_twice": N_("This congress elects “%(body)s” already. Open that contest instead."),
        "alternates_unknown": N_("“%(kind)s” has no alternates. Set the places for alternates to 0."),
        "list_closed": N_("The list is closed: it was voted on and stays as it is."),
        "candidate_on_board": N_("“%(name)s” sits on the counting board. Appoint another member there first."),
        "candidate_elsewhere": N_("“%(name)s” belongs to another organisation and cannot stand here."),
        "withdrawn_already": N_("“%(name)s” is off the list already."),
        "board_at_work": N_("The board is counting. Let it finish, or have the count repeated by a new board."),
        "board_account_missing": N_("Two members with accounts must key in the count, but only %(count)s have one."),
        "board_account_twice": N_("“%(account)s” is named for two members. Each needs an account of their own."),
    },
)

COUNTING = (Ballot.State.COUNTING, Ballot.State.DIFFERING)
PREPARING = ("preparation", "session")

BoardSeat = tuple[Person, User | None, bool]
"""A member of the counting board: the person, the account to count with, whether they are its head."""


# The counting board -------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def appoint_board(actor: User, congress: Congress, *, members: Sequence[BoardSeat]) -> None:
    """Enter the counting board that the congress has voted in; a later vote replaces it, but not during a count."""
    day = clock.today()
    if Ballot.objects.filter(contest__congress=congress, state__in=COUNTING).exists():
        raise Refusal("elections.board_at_work")
    law: rules.Law = congress.rules.laws["elections"]
    standing = set(_standing(congress).values_list("person_id", flat=True))
    voters = _voters(congress, [person for person, _user, _head in members], day)
    labels = _labels([person for person, _user, _head in members])
    proposed = [
        rules.BoardMember(label, head, person.pk in standing, person.pk in voters)
        for label, (person, _user, head) in zip(labels, members, strict=True)
    ]
    rules.check_board(law, proposed, congress.starts_on or day)
    raise_all(_account_refusals([user for _person, user, _head in members]))
    congress.board.all().delete()
    rows = [BoardMember(congress=congress, person=person, user=user, head=head) for person, user, head in members]
    BoardMember.objects.bulk_create(rows)
    note(board=[{"person": row.person_id, "user": row.user_id, "head": row.head} for row in rows])


def _standing(congress: Congress) -> Any:
    return Candidate.objects.filter(contest__congress=congress, withdrawn=False, person__isnull=False)


def _labels(people: Sequence[Person]) -> list[str]:
    """Names, with the number behind those of namesakes: the law tells people apart by what it is given."""
    names = Counter(person.name for person in people)
    return [f"{one.name} ({one.code})" if names[one.name] > 1 else one.name for one in people]


def _voters(congress: Congress, people: Sequence[Person], day: date) -> set[int]:
    """Those of `people` whose membership in the unit or below carries a vote (ELE-2)."""
    law = org.law_of(congress.unit)
    rows = org.memberships_in(congress.unit, day).filter(person__in=people).values_list("person_id", "kind")
    return {person for person, kind in rows if may_vote(law, kind, day)}


def _account_refusals(accounts: Sequence[User | None]) -> Iterable[Refusal]:
    named = [account for account in accounts if account is not None]
    if len(named) < 2:
        yield Refusal("elections.board_account_missing", field="board", count=len(named))
    for account, times in Counter(named).items():
        if times > 1:
            yield Refusal("elections.board_account_twice", field="board", account=str(account))


# Contests -----------------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def open_contest(actor: User, congress: Congress, *, body: str, title: str, seats: int, alternates: int = 0) -> Contest:
    """Begin an election of `body`, a kind of election of the pack, for so many seats."""
    contest = Contest(congress=congress, body=body, title=title.strip(), seats=seats, alternates=alternates)
    _check_contest(contest)
    if congress.contests.filter(body=body).exists():
        raise Refusal("elections.contest_twice", field="body", body=rules.kind_of(contest.law, body).name)
    contest.save()
    return contest


@action("elections.prepare", phases=PREPARING)
def change_contest(actor: User, contest: Contest, *, title: str, seats: int, alternates: int = 0) -> Contest:
    """Change title, seats or places for alternates while the list is in the making."""
    check_open_list(contest)
    contest.title, contest.seats, contest.alternates = title.strip(), seats, alternates
    _check_contest(contest)
    contest.save()
    return contest


def _check_contest(contest: Contest) -> None:
    kind = rules.kind_of(contest.law, contest.body)
    if not contest.title:
        raise Refusal("core.required", name="title", field="title")
    if contest.seats < 1:
        raise Refusal("elections.no_seats", field="seats")
    if contest.alternates and not kind.alternates.at(contest.day).value:
        cite = kind.alternates.at(contest.day).cite
        raise Refusal("elections.alternates_unknown", article=cite, field="alternates", kind=kind.name)


def check_open_list(contest: Contest) -> None:
    """Refuse to touch a list that was closed (ELE-14)."""
    if contest.state != Contest.State.DRAFT:
        raise Refusal("elections.list_closed")


# Candidates ---------------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def add_candidate(
    actor: User,
    contest: Contest,
    *,
    person: Person | None = None,
    name: str = "",
    born: int | None = None,
    description: str = "",
    block: str = "",
    source: str = Candidate.Source.PREPARED,
    opinion_votes: int | None = None,
    attending: int | None = None,
) -> Candidate:
    """Put a name on the list: a person of the organisation, or somebody by name only.

    Names from the floor and those who put themselves forward need an opinion ballot (ELE-8).
    """
    check_open_list(contest)
    label = (person.name if person else name).strip()
    if not label:
        raise Refusal("core.required", name="name", field="name")
    if person is not None:
        _check_person(contest, person)
    nominee = _nominee(contest, person, label, source, opinion_votes, attending)
    rules.check_nominee(contest.law, nominee, contest.day)
    return Candidate.objects.create(
        contest=contest,
        person=person,
        name=label,
        born=person.born.year if person and person.born else born,
        description=description.strip(),
        block=block.strip(),
        source=source,
        opinion_votes=None if source == Candidate.Source.PREPARED else opinion_votes,
        attending=None if source == Candidate.Source.PREPARED else attending,
    )


def _check_person(contest: Contest, person: Person) -> None:
    congress = contest.congress
    if person.organisation_id != congress.unit.organisation_id:
        raise Refusal("elections.candidate_elsewhere", field="person", name=person.name)
    if contest.candidates.filter(person=person, withdrawn=False).exists():
        raise Refusal("elections.candidate_twice", field="person", name=person.name)
    if congress.board.filter(person=person).exists():
        raise Refusal("elections.candidate_on_board", field="person", name=person.name)


def _nominee(
    contest: Contest, person: Person | None, name: str, source: str, votes: int | None, attending: int | None
) -> rules.Nominee:
    if person is None:
        return rules.Nominee(name, source, opinion_votes=votes, attending=attending)
    day, unit = clock.today(), contest.congress.unit
    membership = org.in_force(person.memberships.all(), day).first()
    stands = membership is not None and may_stand(org.law_of(unit), membership.kind, day)
    kind = org.law_of(unit).memberships[membership.kind].name if membership else "–"
    posts = set(org.holdings_of(unit, day).filter(person=person).values_list("post__key", flat=True))
    convening = not posts.isdisjoint(contest.law.convening_posts.at(contest.day).value)
    return rules.Nominee(name, source, stands, kind, convening, votes, attending)


@action("elections.prepare", phases=PREPARING)
def withdraw_candidate(actor: User, candidate: Candidate, *, reason: str = "") -> Candidate:
    """Take a name off the list while it is in the making (ELE-7)."""
    check_open_list(candidate.contest)
    if candidate.withdrawn:
        raise Refusal("elections.withdrawn_already", name=candidate.name)
    candidate.withdrawn = True
    candidate.save(update_fields=["withdrawn"])
    note(reason=reason.strip())
    return candidate


@action("elections.prepare", phases=("session",))
def close_list(actor: User, contest: Contest, *, decision: str = "") -> Contest:
    """Close the list as the congress voted (ELE-14): names get their fixed order, the paper its style.

    `decision` says in words what the congress decided where the law asks for it, such as more extra names than the
    committee prepares; without it such points refuse.
    """
    check_open_list(contest)
    contest.list_decision = decision.strip()
    findings = rules.check_list(contest.law, contest.facts(), contest.day)
    if not contest.list_decision:
        raise_all(_pointed_at(finding.refusal()) for finding in findings)
    names = reads.in_order(contest)
    for number, candidate in enumerate(names, 1):
        candidate.order = number
    Candidate.objects.bulk_update(names, ["order"])
    contest.style = reads.style_of(contest)
    contest.state, contest.listed_on = Contest.State.LISTED, clock.today()
    contest.save()
    note(names=[candidate.pk for candidate in names], warnings=[finding.code for finding in findings])
    return contest


def _pointed_at(refusal: Refusal) -> Refusal:
    refusal.field = "decision"
    return refusal
