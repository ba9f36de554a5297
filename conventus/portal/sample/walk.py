"""One congress on its way: board, list, ballot, count, result, filing, recognition; every step an action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from conventus.core import actions as core
from conventus.core.models import User
from conventus.cycle import actions as cycle
from conventus.cycle.models import Congress
from conventus.elections import actions as elections
from conventus.elections.models import Ballot, Contest
from conventus.elections.reads import count as election_reads
from conventus.elections.rules import base_lines
from conventus.org import reads as org
from conventus.org.models import Person
from conventus.portal.sample.clock import living


@dataclass(frozen=True)
class Staff:
    """Who works on a congress: its unit's organiser, the working group above, whoever manages access."""

    organiser: User
    appraiser: User
    administrator: User
    board: tuple[User, User, User] | None = None
    """Head and two members of the counting board, where they have accounts already."""


@dataclass(frozen=True)
class Turnout:
    """How the vote went: summoned, present, invalid papers; votes by place on the list (None: drawn up)."""

    summoned: int
    present: int
    invalid: int = 0
    differing: bool = False
    votes: Sequence[int] = field(default=())


def prepare(congress: Congress, staff: Staff, *, approve: bool = True) -> None:
    """Report what the unit reports, hand it in and, if wanted, approve it."""
    for milestone in congress.milestones.filter(reported_on=None):
        if congress.law.milestones[milestone.key].reported:
            cycle.report_milestone(staff.organiser, milestone)
    congress.refresh_from_db()
    cycle.submit(staff.organiser, congress)
    if approve:
        cycle.approve(staff.appraiser, congress)


def board_accounts(congress: Congress, staff: Staff, people: Sequence[Person]) -> tuple[User, User, User]:
    """Accounts of the board, made where the staff brings none; they are for this unit and its session only."""
    if staff.board:
        return staff.board
    made = []
    for number, (person, role) in enumerate(zip(people, ("board_head", "counter", "counter"), strict=True), 1):
        name = f"{congress.unit.code.lower()}.board{number}"
        user = core.open_account(staff.administrator, congress.unit, username=name, full_name=person.name)
        core.give_grant(staff.administrator, congress.unit, user=user, role=role, phase="session")
        made.append(user)
    return made[0], made[1], made[2]


def open_session(congress: Congress, staff: Staff, turnout: Turnout, seats: int, names: int) -> Contest:
    """Open the congress with its board and a closed list of `names` for `seats`."""
    people = members_for(congress, names + 3)
    board = board_accounts(congress, staff, people[:3])
    cycle.open_congress(staff.organiser, congress, summoned=turnout.summoned, present=turnout.present)
    heads = zip(people[:3], board, (True, False, False), strict=True)
    elections.appoint_board(staff.organiser, congress, members=list(heads))
    title = "Bầu Ban Chấp hành khóa mới" if congress.unit.level != "cell" else "Bầu chi ủy khóa mới"
    contest = elections.open_contest(staff.organiser, congress, body="committee", title=title, seats=seats)
    for person in people[3:]:
        elections.add_candidate(staff.organiser, contest, person=person)
    return elections.close_list(staff.organiser, contest)


def members_for(congress: Congress, count: int) -> list[Person]:
    """Members of the unit who may stand, spread over its cells, the oldest memberships first."""
    found = org.candidates_for_posts(congress.unit).order_by("code")
    every = max(1, found.count() // count)
    return list(found[::every][:count])


def hand_out(contest: Contest, staff: Staff, board: Sequence[User], turnout: Turnout) -> Ballot:
    """Prepare the next ballot, enter the electorate and hand out the ballot papers."""
    ballot = contest.ballots.exclude(state=Ballot.State.DECLARED).first()
    ballot = ballot or elections.prepare_ballot(staff.organiser, contest)
    lines = base_lines(contest.law, contest.body_of_voters, contest.day)
    figures: dict[str, int | None] = {line.code: 0 for line in lines}
    figures[lines[0].code] = turnout.summoned
    elections.set_electorate(staff.organiser, ballot, figures=figures, present=turnout.present)
    return elections.issue(board[0], ballot, issued=turnout.present)


def figures_for(ballot: Ballot, turnout: Turnout) -> dict[str, object]:
    """A count that adds up: the first names on the list well above half, the surplus names below."""
    valid = turnout.present - turnout.invalid
    names = list(ballot.standing.order_by("order"))
    losing = {
        round((place + 1) * len(names) / (len(names) - ballot.seats + 1)) for place in range(len(names) - ballot.seats)
    }
    strong = 0.96 - 0.2 * len(losing) / ballot.seats
    shares = (0.2 if place in losing else strong - 0.01 * (place % 4) for place in range(len(names)))
    votes = {str(name.pk): int(valid * share) for name, share in zip(names, shares, strict=True)}
    return {"collected": turnout.present, "valid": valid, "invalid": turnout.invalid, "votes": votes, "against": {}}


def count(ballot: Ballot, board: Sequence[User], turnout: Turnout) -> None:
    """Two entries by two people; where they differ, the head takes the first; warnings are accepted; declared."""
    figures = figures_for(ballot, turnout)
    elections.enter_count(board[1], ballot, figures=figures)
    second = dict(figures)
    if turnout.differing:
        votes = dict(figures["votes"])  # type: ignore[call-overload]
        key = next(iter(votes))
        votes[key] -= 1
        second["votes"] = votes
    elections.enter_count(board[2], ballot, figures=second)
    if turnout.differing:
        choice = elections.Choice("first", None, "")
        reason = "Đếm lại tập phiếu số 3: lần nhập thứ nhất đúng."
        elections.resolve(board[0], ballot, choices={f"votes_{key}": choice}, reason=reason)
    for finding in election_reads.findings_of(ballot):
        reason = "Ban kiểm phiếu đã kiểm tra lại, số liệu đúng."
        elections.accept_warning(board[0], ballot, code=finding.code, reason=reason)
    elections.declare_result(board[0], ballot)


def hold(
    congress: Congress, staff: Staff, turnout: Turnout, *, seats: int, names: int, until: str = "recognised"
) -> None:
    """From the opening to `until` (`open`, `held`, `filed`, `recognised`), on the congress's own days and after."""
    assert congress.starts_on
    assert congress.ends_on
    with living(congress.starts_on):
        contest = open_session(congress, staff, turnout, seats, names)
    with living(congress.ends_on):
        board = [member.user for member in congress.board.all() if member.user]
        count(hand_out(contest, staff, board, turnout), board, turnout)
        if until == "open":
            return
        congress.refresh_from_db()
        cycle.close_congress(staff.organiser, congress)
    if until == "held":
        return
    with living(next_day(congress.ends_on)):
        cycle.file_result(staff.organiser, congress)
    if until == "recognised":
        with living(next_day(congress.ends_on, 2)):
            cycle.recognise(staff.appraiser, congress)


def next_day(day: date, count: int = 1) -> date:
    """The working day after, Saturdays and Sundays left out."""
    for _ in range(count):
        day += timedelta(days=1)
        while day.isoweekday() > 5:
            day += timedelta(days=1)
    return day
