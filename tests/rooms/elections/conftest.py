"""A ward in session with its members and counting board, an association's assembly, and nosy neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.test import Client

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.words import each
from conventus.cycle.models import Congress, Cycle
from conventus.directives import actions as directives
from conventus.elections import actions
from conventus.elections.models import Ballot, Candidate, Contest
from conventus.org.actions import enrol, found_organisation, found_unit
from conventus.org.models import Person, Unit

TODAY = date(2025, 2, 24)

PEOPLE = {
    "organiser": ("ward", "organiser"),
    "head": ("ward", "board_head"),
    "one": ("ward", "counter"),
    "two": ("ward", "counter"),
    "three": ("ward", "counter"),
    "spare": ("ward", "counter"),
    "viewer": ("ward", "viewer"),
    "auditor": ("ward", "auditor"),
    "admin": ("ward", "administrator"),
    "city": ("city", "organiser"),
    "neighbour": ("other", "organiser"),
    "neighbour_head": ("other", "board_head"),
    "cell": ("cell", "organiser"),
    "cell_head": ("cell", "board_head"),
    "member": ("ward", "member"),
}
BOARD = ("head", "one", "two", "three")
NAMES = (
    "Lê Văn An", "Phạm Thị Bích", "Trần Văn Cường", "Hoàng Thị Dung", "Đỗ Văn Đạt", "Vũ Thị Hà", "Bùi Văn Khoa",
    "Đặng Thị Lan", "Ngô Văn Minh", "Dương Thị Nga", "Lý Văn Phúc", "Mai Thị Quỳnh",
)  # fmt: skip
FIGURES = {
    "official_summoned": 100, "attached_elsewhere": 4, "exempt_absent": 3, "exempt_present": 1, "suspended": 0,
    "prosecuted": 1, "excused": 2,
}  # fmt: skip
"""Test vector 1 of the rulebook: the base is 90, 46 votes elect."""


class People(dict[str, User]):
    """Accounts by name, made with their role when a test first names them; those of the board are members as well."""

    def __init__(self, units: dict[str, Unit]) -> None:
        super().__init__()
        self.units = units

    def __missing__(self, name: str) -> User:
        """Open the account."""
        user = self[name] = User.objects.create_user(name, full_name=f"Account {name}")
        if name in PEOPLE:
            at, role = PEOPLE[name]
            give_grant(system(), self.units[at], user=user, role=role, valid_from=date(2024, 1, 1))
        if name in (*BOARD, "spare"):
            enrolled(self.units["cell"], f"B-{name}", f"Người {name}", account=user)
        return user

    def everybody(self) -> dict[str, User]:
        """All of them, a stranger included."""
        return {name: self[name] for name in (*PEOPLE, "stranger")}


class Members:
    """The members who stand in elections, enrolled when a test first names them."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.known: dict[int, Person] = {}

    def __getitem__(self, number: int) -> Person:
        if number not in self.known:
            self.known[number] = enrolled(self.unit, f"M{number}", NAMES[number])
        return self.known[number]

    def first(self, count: int) -> list[Person]:
        """The first `count` of them."""
        return [self[number] for number in range(count)]


def enrolled(unit: Unit, code: str, name: str, **more: Any) -> Person:
    """A new official member."""
    facts = {"kind": "official", "valid_from": date(2020, 1, 1), "born": date(1980, 5, 1)}
    return enrol(system(), unit, code=code, name=name, **facts, **more).person


def system() -> User:
    """The account that sets worlds up."""
    return system_account("installer")


@dataclass
class World:
    """Units and accounts by name, the members of the ward, its congress, and a way to walk an election quickly."""

    units: dict[str, Unit]
    people: People
    members: Members
    congress: Congress
    body: str = "committee"
    figures: Mapping[str, int] = field(default_factory=lambda: dict(FIGURES))
    present: int | None = 90

    def client(self, name: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.people[name])
        return client

    def state(self, state: str) -> None:
        """Put the congress into a state, whatever its way there."""
        Congress.objects.filter(pk=self.congress.pk).update(state=state)
        self.congress.refresh_from_db()

    def board(self) -> None:
        """Appoint the head and three members."""
        actions.appoint_board(self.people["organiser"], self.congress, members=self.seats())

    def seats(self, *names: str, head: str = "head") -> list[tuple[Person, User | None, bool]]:
        """Seats on the board for accounts by name, the four of `BOARD` when none are named."""
        users = [self.people[name] for name in names or BOARD]
        return [(Person.objects.get(user=user), user, user == self.people[head]) for user in users]

    def contest(self, seats: int = 3, names: int = 4, **more: Any) -> Contest:
        """A contest with prepared names."""
        facts = {"body": self.body, "title": "Ban Chấp hành", **more}
        contest = actions.open_contest(self.people["organiser"], self.congress, seats=seats, **facts)
        for person in self.members.first(names):
            actions.add_candidate(self.people["organiser"], contest, person=person)
        return contest

    def listed(self, seats: int = 3, names: int = 4, decision: str = "", **more: Any) -> Contest:
        """A contest whose list is closed."""
        return actions.close_list(self.people["organiser"], self.contest(seats, names, **more), decision=decision)

    def issued(self, contest: Contest | None = None, issued: int = 88) -> Ballot:
        """A ballot of the contest, with its electorate, handed out by the board."""
        contest = contest or self.listed()
        if not self.congress.board.exists():
            self.board()
        last = contest.ballots.last()
        ballot = last if last and last.state == "prepared" else self.prepared(contest)
        actions.set_electorate(self.people["organiser"], ballot, figures=self.figures, present=self.present)
        return actions.issue(self.people["head"], ballot, issued=issued)

    def prepared(self, contest: Contest) -> Ballot:
        """The next ballot of the contest."""
        contest.refresh_from_db()
        return actions.prepare_ballot(self.people["organiser"], contest)

    def enter(self, who: str, ballot: Ballot, votes: Sequence[int], **more: Any) -> Ballot:
        """Key in a count in which nothing is missing."""
        ballot.refresh_from_db()
        return actions.enter_count(self.people[who], ballot, figures=count(ballot, votes, **more))

    def agreed(self, ballot: Ballot, votes: Sequence[int], **more: Any) -> Ballot:
        """Two equal entries."""
        self.enter("one", ballot, votes, **more)
        return self.enter("two", ballot, votes, **more)

    def accept_all(self, ballot: Ballot) -> None:
        """Let the head accept every warning."""
        from conventus.elections import reads

        for finding in reads.findings_of(ballot):
            actions.accept_warning(self.people["head"], ballot, code=finding.code, reason="Đã kiểm tra")

    def declared(self, ballot: Ballot, votes: Sequence[int], **more: Any) -> Ballot:
        """Count and declare."""
        ballot = self.agreed(ballot, votes, **more)
        self.accept_all(ballot)
        return actions.declare_result(self.people["head"], ballot)


def count(
    ballot: Ballot,
    votes: Sequence[int],
    *,
    collected: int = 88,
    valid: int | None = None,
    invalid: int = 0,
    against: Sequence[int] | None = None,
) -> dict[str, Any]:
    """The figures of a count, votes in the order of the ballot paper."""
    names = [str(one.pk) for one in ballot.names()]
    good = collected - invalid if valid is None else valid
    others = against or [good - one for one in votes]
    opposed = {} if ballot.style == "strike" else dict(zip(names, others, strict=True))
    totals = {"collected": collected, "valid": good, "invalid": invalid}
    return totals | {"votes": dict(zip(names, votes, strict=True)), "against": opposed}


def elected(contest: Contest) -> list[str]:
    """The names marked as elected, in the order of the list."""
    return list(Candidate.objects.filter(contest=contest, elected=True).values_list("name", flat=True))


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    """Expect a refusal by its name, alone or among others."""
    return pytest.raises(Refusal, check=lambda fault: code in {one.code for one in each(fault)})


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())


@pytest.fixture
def world(db: None) -> World:
    """The ward's members' congress in session; nothing is elected yet."""
    house = found_organisation(system(), None, key="vn", name="Sample party", pack="vn-party-2024", language="vi")
    city = found_unit(system(), None, organisation=house, code="D380", level="district", name="Thành phố mẫu")
    units = {"city": city}
    for key, code, name in (("ward", "W1", "Phường Đông Mẫu"), ("other", "W2", "Phường Tây Mẫu")):
        units[key] = found_unit(system(), city, code=code, level="base", kind="phường", name=name)
    units["cell"] = found_unit(system(), units["ward"], code="W1-1", level="cell", kind="chi bộ", name="Chi bộ 1")
    return _world(units)


@pytest.fixture
def assembly(db: None) -> World:
    """A branch assembly of an association, in session."""
    house = found_organisation(system(), None, key="club", name="Sample club", pack="association", language="en")
    top = found_unit(system(), None, organisation=house, code="C", level="association", name="Sample club")
    units = {"city": top}
    for key, code in (("ward", "B1"), ("other", "B2")):
        units[key] = found_unit(system(), top, code=code, level="branch", name=f"Branch {code}")
    units["cell"] = units["ward"]
    world = _world(units, pack="association")
    world.figures, world.present = {"present_with_vote": 95, "left_early": 5}, 90
    return world


def _world(units: dict[str, Unit], pack: str = "vn-party-2024") -> World:
    return World(units, People(units), Members(units["cell"]), _congress(units, pack))


def _congress(units: dict[str, Unit], pack: str) -> Congress:
    kind, number = ("CT", "35") if pack == "vn-party-2024" else ("STATUTES", "1")
    directive = directives.register_document(
        system(), units["city"], type=kind, number=number, issuer_code="TW", title="Căn cứ", issued_on=date(2024, 6, 14)
    )
    cycle = Cycle.objects.create(
        organisation=units["city"].organisation,
        unit=units["city"],
        name="2025–2030",
        term_from=2025,
        term_to=2030,
        directive=directive,
    )
    return Congress.objects.create(
        cycle=cycle,
        unit=units["ward"],
        state="open",
        window_from=date(2025, 2, 1),
        window_to=date(2025, 4, 30),
        half_days=2,
        starts_on=TODAY,
        ends_on=TODAY,
        venue="Hội trường",
        summoned=100,
        present=90,
        pack=units["ward"].rules.pin,
    )
