"""The small organisation that the tests of the register live in, and short ways to make documents and tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.test import Client

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.directives import actions
from conventus.directives.models import Document, PlanItem
from conventus.org.actions import found_organisation, found_unit
from conventus.org.models import Unit

TODAY = date(2025, 2, 20)


@dataclass
class World:
    """The units and accounts that tests name."""

    centre: Unit
    province: Unit
    city: Unit
    neighbour: Unit
    ward: Unit
    school: Unit
    cell: Unit
    wards: list[Unit]
    people: dict[str, User]

    def client(self, name: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.people[name])
        return client


PEOPLE = {
    "organiser": ("city", "organiser"),
    "province": ("province", "organiser"),
    "centre": ("centre", "organiser"),
    "neighbour": ("neighbour", "organiser"),
    "ward": ("ward", "organiser"),
    "viewer": ("city", "viewer"),
    "auditor": ("city", "auditor"),
    "counter": ("city", "counter"),
}


def build() -> World:
    """Found the organisation by actions: two cities of one province, wards, a school, a cell, and people."""
    system = system_account("installer")
    house = found_organisation(system, None, key="vn", name="Sample party", pack="vn-party-2024", language="vi")
    centre = found_unit(system, None, organisation=house, code="TW", level="centre", name="Trung ương")
    province = found_unit(system, centre, code="38", level="province", name="Tỉnh Thanh Hóa")
    city = found_unit(system, province, code="D380", level="district", name="Thành phố Thanh Hóa")
    neighbour = found_unit(system, province, code="D381", level="district", name="Thị xã Bỉm Sơn")
    wards = [
        found_unit(system, city, code=f"W{n}", level="base", kind="phường", name=f"Phường {n}") for n in range(1, 5)
    ]
    school = found_unit(system, city, code="S1", level="base", kind="trường học", name="Trường THPT Đông Sơn 1")
    cell = found_unit(system, wards[0], code="W1-1", level="cell", kind="chi bộ", name="Chi bộ 1")
    found_unit(system, neighbour, code="N1", level="base", kind="phường", name="Phường Ba Đình")
    places = {"centre": centre, "province": province, "city": city, "neighbour": neighbour, "ward": wards[0]}
    people = {name: _person(system, name, places[at], role) for name, (at, role) in PEOPLE.items()}
    people["stranger"] = User.objects.create_user("stranger", full_name="Stranger")
    return World(centre, province, city, neighbour, wards[0], school, cell, wards, people)


def _person(system: User, name: str, unit: Unit, role: str) -> User:
    user = User.objects.create_user(name, full_name=name.title())
    give_grant(system, unit, user=user, role=role, valid_from=date(2024, 1, 1))
    return user


def register(world: World, who: str, unit: Unit, **changes: Any) -> Document:
    """A plan of `unit`, registered by `who`."""
    facts: dict[str, Any] = {"type": "KH", "number": "268", "issuer_code": "TU", "issued_on": date(2024, 9, 20)}
    facts |= {"title": "Kế hoạch đại hội", **changes}
    return actions.register_document(world.people[who], unit, **facts)


def add_item(world: World, plan: Document, **changes: Any) -> PlanItem:
    """A task for all units of the base level below the city."""
    facts: dict[str, Any] = {"task": "submit_documents", "level": "base", "due": date(2025, 3, 15)}
    return actions.add_item(world.people["organiser"], plan, **(facts | changes))
