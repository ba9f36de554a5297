"""A city with wards, a school and cells, its plan with two pilots, a neighbour city, and people in their offices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.cycle import actions, hooks
from conventus.cycle.models import Congress, Cycle
from conventus.directives import actions as directives
from conventus.directives.models import Document
from conventus.org.actions import found_organisation, found_unit
from conventus.org.models import Unit
from tests.world import standing

TODAY = date(2025, 2, 20)
PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n%%EOF\n"

PEOPLE = {
    "province": ("38", "organiser"),
    "province_appraiser": ("38", "appraiser"),
    "organiser": ("D380", "organiser"),
    "appraiser": ("D380", "appraiser"),
    "viewer": ("D380", "viewer"),
    "auditor": ("D380", "auditor"),
    "ward": ("W1", "organiser"),
    "ward_appraiser": ("W1", "appraiser"),
    "sister": ("W2", "organiser"),
    "cell": ("W1-1", "organiser"),
    "neighbour": ("D381", "organiser"),
    "neighbour_appraiser": ("D381", "appraiser"),
}


@dataclass
class World:
    """Units by code, accounts by name, and the cycle once it is open."""

    units: dict[str, Unit]
    people: dict[str, User]
    directive: Document
    plan: Document
    cycles: list[Cycle] = field(default_factory=list)
    set_today: Callable[[date], None] = lambda day: None

    @property
    def cycle(self) -> Cycle:
        """The cycle of the province."""
        return self.cycles[0]

    def client(self, name: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.people[name])
        return client

    def congress(self, code: str) -> Congress:
        """The congress of the unit with this code, as it is now."""
        rows = Congress.objects.select_related("cycle", "unit__organisation", "unit__parent__organisation")
        return rows.get(cycle=self.cycle, unit__code=code)

    def date(self, code: str, day: date, who: str = "organiser", **more: Any) -> Congress:
        """Give a unit's congress its day."""
        facts: dict[str, Any] = {"starts_on": day, "venue": "Hội trường", **more}
        actions.set_date(self.people[who], self.congress(code), **facts)
        return self.congress(code)

    def report_all(self, code: str, who: str = "ward") -> None:
        """Report every milestone that the unit reports itself."""
        for milestone in self.congress(code).milestones.filter(reported_on=None).exclude(key="appraisal"):
            actions.report_milestone(self.people[who], milestone)

    def submitted(self, code: str, day: date, who: str = "ward") -> Congress:
        """A congress that is with its superior."""
        self.date(code, day, who)
        self.report_all(code, who)
        actions.submit(self.people[who], self.congress(code))
        return self.congress(code)

    def approved(self, code: str, day: date, who: str = "ward") -> Congress:
        """A congress that the superior has approved."""
        actions.approve(self.people["appraiser"], self.submitted(code, day, who), document_symbol="12-TB/TU")
        return self.congress(code)

    def held(self, code: str, day: date, who: str = "ward") -> Congress:
        """A congress whose session is over; today is its day then."""
        self.approved(code, day, who)
        for cell in Congress.objects.filter(cycle=self.cycle, unit__parent__code=code):
            Congress.objects.filter(pk=cell.pk).update(
                state="held", starts_on=date(2025, 1, 10), ends_on=date(2025, 1, 10)
            )
        self.set_today(day)
        actions.open_congress(self.people[who], self.congress(code), summoned=60, present=58)
        actions.close_congress(self.people[who], self.congress(code))
        return self.congress(code)

    def filed(self, code: str, day: date, who: str = "ward") -> Congress:
        """A congress whose result is with the superior."""
        self.held(code, day, who)
        actions.file_result(self.people[who], self.congress(code))
        return self.congress(code)


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(hooks, "READY_CHECKS", [])
    monkeypatch.setattr(hooks, "ELECTED", [])


@pytest.fixture(scope="package")
def founded(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The organisation with its directive and the city's plan in force, for all tests of this folder."""
    with standing(django_db_blocker, TODAY):
        system = system_account("installer")
        units = _units(system)
        people = {name: _person(system, name, units[code], role) for name, (code, role) in PEOPLE.items()}
        people["stranger"] = User.objects.create_user("stranger", full_name="Stranger")
        yield World(units, people, *_documents(system, units))


@pytest.fixture
def bare(founded: World, db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """The organisation, its directive and its plan; no cycle yet."""
    world = deepcopy(founded)
    world.set_today = lambda day: monkeypatch.setenv("CONVENTUS_TODAY", day.isoformat())
    return world


@pytest.fixture
def world(bare: World) -> World:
    """As `bare`, with the province's cycle opened and generated."""
    bare.cycles.append(open_cycle(bare))
    actions.generate(system_account("installer"), bare.cycle)
    return bare


def open_cycle(world: World, name: str = "2025–2030", who: str = "province", unit: str = "38") -> Cycle:
    """A cycle of the province (or another unit)."""
    return actions.open_cycle(
        world.people[who], world.units[unit], name=name, term_from=2025, term_to=2030, directive=world.directive
    )


def paper() -> SimpleUploadedFile:
    """A small PDF to file."""
    return SimpleUploadedFile("bao-cao.pdf", PDF, content_type="application/pdf")


def _units(system: User) -> dict[str, Unit]:
    house = found_organisation(system, None, key="vn", name="Sample party", pack="vn-party-2024", language="vi")
    units: dict[str, Unit] = {}

    def found(code: str, parent: str, level: str, name: str, kind: str = "") -> None:
        above = units.get(parent)
        units[code] = found_unit(system, above, organisation=house, code=code, level=level, kind=kind, name=name)

    found("TW", "", "centre", "Trung ương")
    found("38", "TW", "province", "Tỉnh Thanh Hóa")
    found("D380", "38", "district", "Thành phố Thanh Hóa")
    found("D381", "38", "district", "Thị xã Bỉm Sơn")
    for number in range(1, 6):
        found(f"W{number}", "D380", "base", f"Phường Đông {number}", "phường")
    found("S1", "D380", "base", "Trường THPT Đông Sơn 1", "trường học")
    found("W1-1", "W1", "cell", "Chi bộ 1", "chi bộ")
    found("W1-2", "W1", "cell", "Chi bộ 2", "chi bộ")
    found("N1", "D381", "base", "Phường Ba Đình", "phường")
    return units


def _person(system: User, name: str, unit: Unit, role: str) -> User:
    user = User.objects.create_user(name, full_name=name.title())
    give_grant(system, unit, user=user, role=role, valid_from=date(2024, 1, 1))
    return user


def _documents(system: User, units: dict[str, Unit]) -> tuple[Document, Document]:
    directive = directives.register_document(
        system, units["TW"], type="CT", number="35", issuer_code="TW", title="Về đại hội", issued_on=date(2024, 6, 14)
    )
    directives.put_in_force(system, directive)
    plan = directives.register_document(
        system,
        units["D380"],
        type="KH",
        number="268",
        issuer_code="TU",
        title="Kế hoạch đại hội",
        issued_on=date(2024, 9, 20),
        implements=[directive],
    )
    pilots = [units["W5"], units["S1"]]
    directives.add_item(
        system, plan, task="hold_pilot_congress", level="base", mode="named", units=pilots, start=date(2025, 2, 20),
        due=date(2025, 2, 27), provision="3.1",
    )  # fmt: skip
    directives.add_item(
        system, plan, task="hold_congress", level="base", mode="except", units=pilots, start=date(2025, 3, 3),
        due=date(2025, 4, 29), provision="3.2",
    )  # fmt: skip
    directives.add_item(system, plan, task="report_result", level="base", due=date(2025, 5, 15), provision="5")
    directives.put_in_force(system, plan)
    return directive, plan
