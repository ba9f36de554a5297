"""A plain association in March 2025: one level, a members' assembly, a board by absolute majority with a run-off.

All of it is invented; the statutes are the sample statutes of the pack. It shows that nothing of one organisation is
built in.
"""

from __future__ import annotations

from datetime import date

from conventus.core import actions as core
from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.core.jobs import Progress, silent
from conventus.core.models import User
from conventus.cycle import actions as cycle
from conventus.cycle.models import Congress
from conventus.directives import actions as directives
from conventus.elections import actions as elections
from conventus.elections.models import Ballot, Contest
from conventus.elections.reads import count as election_reads
from conventus.elections.rules import base_lines
from conventus.org import actions as org
from conventus.org.imports.columns import PEOPLE
from conventus.org.imports.files import sheet_of
from conventus.org.models import Organisation, Person, Unit
from conventus.portal.sample.clock import living

TODAY = date(2025, 3, 29)
KEY = "association-sample"
PACK = "association"
STEPS = 4
NAMES = (
    "Åsa Lindqvist", "Jörg Weißmüller", "Łucja Wiśniewska", "Đặng Thị Hạnh", "Émile Garnier", "Zoë van der Meer",
    "Mieczysław Gołąb", "Ulrike Größl", "Nguyễn Hữu Phước", "Siobhán Ní Bhriain", "Tomáš Dvořák", "İlkay Öztürk",
    "Grażyna Źrebiec", "Bjørn Ødegård", "Renée d'Hondt", "Phạm Thu Uyên", "Jürgen Süß", "Anneke Bruïne", "Hồ Minh Ngọc",
    "Żaneta Ćwik", "Karel Říha", "Maïté Lacroix", "Günter Käßbohrer", "Vũ Bảo An", "Ewa Świątek", "Hugo Peña",
)  # fmt: skip
"""Invented members; the first four stand for the board."""
ACCOUNTS = (
    ("canal.admin", "Ulrike Größl", "V1", ("administrator",)),
    ("canal.secretary", "Zoë van der Meer", "V1", ("organiser",)),
    ("canal.head", "Mieczysław Gołąb", "V1", ("board_head",)),
    ("canal.teller1", "Siobhán Ní Bhriain", "V1", ("counter",)),
    ("canal.teller2", "Tomáš Dvořák", "V1", ("counter",)),
)


def build(password: str, progress: Progress = silent) -> Organisation:
    """The association on the day of its assembly: the board is elected, the chair's election goes into the run-off."""
    system = system_account("sample")
    with living(date(2024, 12, 2)):
        progress(1, STEPS, "association and members")
        house = org.found_organisation(
            system, None, key=KEY, name="Friends of the Canal (sample)", pack=PACK, language="en"
        )
        unit = org.found_unit(
            system, None, organisation=house, code="V1", level="association", kind="association",
            name="Friends of the Canal (sample)", sample=True,
        )  # fmt: skip
        rows = [
            {
                "number": f"M{n:03d}",
                "name": name,
                "unit_code": "V1",
                "membership": "official",
                "valid_from": "2020-01-01",
            }
            for n, name in enumerate(NAMES, 1)
        ]
        org.import_people(system, unit, sheet=sheet_of(rows, PEOPLE, "members"), sample=True)
        users = {
            name: _account(system, unit, name, full_name, roles, password) for name, full_name, _code, roles in ACCOUNTS
        }
    progress(2, STEPS, "statutes and assembly")
    assembly = _assembly(users, unit)
    progress(3, STEPS, "elections")
    _elect(users, assembly)
    progress(STEPS, STEPS, "done")
    return house


def _account(system: User, unit: Unit, name: str, full_name: str, roles: tuple[str, ...], password: str) -> User:
    user = core.open_account(system, unit, username=name, full_name=full_name)
    user.set_password(password)
    user.save(update_fields=["password"])
    for role in roles:
        core.give_grant(system, unit, user=user, role=role)
    return user


def _assembly(users: dict[str, User], unit: Unit) -> Congress:
    organiser = users["canal.secretary"]
    known = next(iter(packs.load(PACK).documents.values()))
    day = max(known.issued, date(2024, 12, 2))
    with living(day):
        statutes = directives.register_document(
            organiser, unit, type=known.type.upper(), number=known.number, issuer_code="FC", title=known.title,
            issued_on=known.issued, sample=True,
        )  # fmt: skip
        directives.put_in_force(organiser, statutes)
    with living(date(2025, 1, 6)):
        made = cycle.open_cycle(
            organiser, unit, name="2025–2027", term_from=2025, term_to=2027, directive=statutes, sample=True
        )
        cycle.generate(organiser, made)
        assembly = Congress.objects.get(cycle=made, unit=unit)
    with living(date(2025, 3, 3)):
        cycle.set_date(organiser, assembly, starts_on=TODAY, start_half="am", half_days=1, venue="Boat house")
        for milestone in assembly.milestones.all():
            cycle.report_milestone(organiser, milestone)
        assembly.refresh_from_db()
    return assembly


def _elect(users: dict[str, User], assembly: Congress) -> None:
    organiser = users["canal.secretary"]
    people = {person.name: person for person in Person.objects.filter(organisation=assembly.unit.organisation)}
    with living(TODAY):
        cycle.open_congress(organiser, assembly, summoned=len(NAMES), present=21)
        tellers = [(people[full], users[name], name == "canal.head") for name, full, _code, _roles in ACCOUNTS[2:]]
        elections.appoint_board(organiser, assembly, members=tellers)
        board = _contest(
            organiser, assembly, "committee", "Board (3 seats)", 3, [people[name] for name in NAMES[14:18]]
        )
        _vote(users, board, (17, 15, 14, 4), invalid=1)
        chair = _contest(organiser, assembly, "chair", "Chair", 1, [people[name] for name in NAMES[:3]])
        # Nobody has more than half of the valid votes: the two strongest go into the run-off, which is prepared.
        _vote(users, chair, (9, 7, 5), invalid=0)


def _contest(organiser: User, assembly: Congress, body: str, title: str, seats: int, people: list[Person]) -> Contest:
    contest = elections.open_contest(organiser, assembly, body=body, title=title, seats=seats)
    for person in people:
        elections.add_candidate(organiser, contest, person=person)
    return elections.close_list(organiser, contest)


def _vote(users: dict[str, User], contest: Contest, votes: tuple[int, ...], *, invalid: int) -> None:
    ballot = elections.prepare_ballot(users["canal.secretary"], contest)
    lines = base_lines(contest.law, contest.body_of_voters, contest.day)
    figures: dict[str, int | None] = {line.code: 0 for line in lines}
    figures[lines[0].code] = len(NAMES)
    elections.set_electorate(users["canal.secretary"], ballot, figures=figures, present=21)
    elections.issue(users["canal.head"], ballot, issued=21)
    names = [str(candidate.pk) for candidate in ballot.standing.order_by("order")]
    count = {
        "collected": 21,
        "valid": 21 - invalid,
        "invalid": invalid,
        "votes": dict(zip(names, votes, strict=True)),
        "against": {},
    }
    elections.enter_count(users["canal.teller1"], ballot, figures=count)
    elections.enter_count(users["canal.teller2"], ballot, figures=count)
    for finding in election_reads.findings_of(ballot):
        elections.accept_warning(
            users["canal.head"], ballot, code=finding.code, reason="Checked once more by all three tellers."
        )
    elections.declare_result(users["canal.head"], ballot)
    assert ballot.state == Ballot.State.DECLARED
