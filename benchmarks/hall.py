"""A congress in session for the timed walk of a scanned count: its board, and a ballot with many names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.cycle.models import Congress, Cycle
from conventus.directives.actions import register_document
from conventus.elections import actions
from conventus.elections.models import Ballot, Contest, PaperForm
from conventus.elections.rules import base_lines
from conventus.org.actions import enrol, found_organisation, found_unit
from conventus.org.models import Unit

DAY = date(2025, 2, 25)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi")
MIDDLE = ("Văn", "Thị", "Đức", "Ngọc", "Quốc")
GIVEN = ("An", "Bình", "Cường", "Dũng", "Giang", "Hạnh", "Khánh", "Lan", "Minh", "Phượng", "Thủy")


@dataclass
class Hall:
    """Who counts what."""

    head: User
    members: tuple[User, User]
    ballot: Ballot
    paper: PaperForm


def hall(names: int, seats: int, voters: int) -> Hall:
    """A ward's congress of members with a ballot issued to `voters`, to be counted by scan and two entries."""
    system = system_account("installer")
    house = found_organisation(system, None, key="bench-scan", name="Bench", pack="vn-party-2024", language="vi")
    city = found_unit(system, None, organisation=house, code="S1", level="district", name="Thành phố")
    ward = found_unit(system, city, code="S1-1", level="base", kind="phường", name="Phường Đông Mẫu")
    cell = found_unit(system, ward, code="S1-1-1", level="cell", kind="chi bộ", name="Chi bộ 1")
    users = {name: _account(ward, name, role) for name, role in _STAFF.items()}
    congress = _congress(city, ward, voters)
    board = [enrol(system, cell, code=f"B{name}", name=f"Người {name}", account=users[name], **_MEMBER).person
             for name in ("head", "one", "two")]  # fmt: skip
    seated = [(one, one.user, one.user == users["head"]) for one in board]
    actions.appoint_board(users["organiser"], congress, members=seated)
    contest = _listed(users["organiser"], congress, cell, names, seats)
    ballot = actions.prepare_ballot(users["organiser"], contest)
    paper = actions.design_form(users["organiser"], ballot)
    actions.record_print_run(users["organiser"], paper, copies=voters + voters // 20)
    ballot.refresh_from_db()
    _hand_out(users, ballot, voters)
    return Hall(users["head"], (users["one"], users["two"]), ballot, paper)


_STAFF = {"organiser": "organiser", "head": "board_head", "one": "counter", "two": "counter"}
_MEMBER: dict[str, Any] = {"kind": "official", "valid_from": date(2020, 1, 1), "born": date(1980, 5, 1)}


def _account(ward: Unit, name: str, role: str) -> User:
    user = User.objects.create_user(f"bench.{name}", full_name=name.title())
    give_grant(system_account("installer"), ward, user=user, role=role, valid_from=date(2024, 1, 1))
    return user


def _congress(city: Unit, ward: Unit, voters: int) -> Congress:
    system = system_account("installer")
    directive = register_document(
        system, city, type="CT", number="35", issuer_code="TW", title="Căn cứ", issued_on=date(2024, 6, 14)
    )
    term = {"name": "2025–2030", "term_from": 2025, "term_to": 2030}
    cycle = Cycle.objects.create(organisation=city.organisation, unit=city, directive=directive, **term)
    window = {"window_from": date(2025, 2, 1), "window_to": date(2025, 4, 30), "starts_on": DAY, "ends_on": DAY}
    return Congress.objects.create(
        cycle=cycle,
        unit=ward,
        state="open",
        half_days=2,
        summoned=voters,
        present=voters,
        pack=ward.rules.pin,
        **window,
    )


def _listed(organiser: User, congress: Congress, cell: Unit, names: int, seats: int) -> Contest:
    contest = actions.open_contest(organiser, congress, body="committee", title="Ban Chấp hành", seats=seats)
    for number in range(names):
        name = f"{FAMILY[number % 11]} {MIDDLE[number % 5]} {GIVEN[(number * 3 + number // 11) % 11]}"
        person = enrol(system_account("installer"), cell, code=f"M{number}", name=name, **_MEMBER).person
        actions.add_candidate(organiser, contest, person=person)
    return actions.close_list(organiser, contest, decision="Đại hội biểu quyết thông qua danh sách bầu cử.")


def _hand_out(users: dict[str, User], ballot: Ballot, voters: int) -> None:
    contest = ballot.contest
    lines = base_lines(contest.law, contest.body_of_voters, contest.day)
    figures: dict[str, int | None] = {line.code: 0 for line in lines}
    actions.set_electorate(users["organiser"], ballot, figures=figures | {lines[0].code: voters}, present=voters)
    actions.choose_paths(users["head"], ballot, paths=["scan", "first", "second"])
    actions.issue(users["head"], ballot, issued=voters)
    actions.record_stock(users["head"], ballot, spoilt=0, unused=voters // 20)
