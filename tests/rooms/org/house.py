"""A province with two cities, wards and cells, built by the room's own actions, and people with every kind of right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from conventus.core.accounts import system_account
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.org import actions
from conventus.org.models import Membership, Organisation, Person, Unit

TODAY = date(2025, 2, 20)
START = date(2020, 1, 1)


@dataclass
class House:
    """The organisation with its units and accounts by name."""

    system: User
    organisation: Organisation
    province: Unit
    city: Unit
    ward: Unit
    cell: Unit
    neighbour: Unit
    neighbour_cell: Unit
    admin: User
    """Administrator of the city."""
    organiser: User
    """Organising officer of the city."""
    viewer: User
    """Viewer of the city: sees units, no people."""
    below: User
    """Administrator of the ward."""
    beside: User
    """Administrator of the neighbour city."""
    stranger: User
    """No role anywhere."""

    def unit(self, code: str) -> Unit:
        """The unit as it is now."""
        return Unit.objects.select_related("organisation", "parent").get(organisation=self.organisation, code=code)

    def enrol(self, unit: Unit, code: str, name: str, **more: Any) -> Membership:
        """A member since 2020."""
        return actions.enrol(self.system, unit, code=code, name=name, **({"valid_from": START} | more))

    def person(self, code: str) -> Person:
        """The person as it is now."""
        return Person.objects.get(organisation=self.organisation, code=code)


def account(name: str, unit: Unit | None = None, role: str = "") -> User:
    """An account, with a role if one is named."""
    user = User.objects.create_user(name, password="x", full_name=f"Account {name}")
    if unit is not None:
        give_grant(system_account("tests"), unit, user=user, role=role, valid_from=START)
    return user


def build() -> House:
    """The house on its first day."""
    system = system_account("tests")
    organisation = actions.found_organisation(system, None, key="tests", name="Tổ chức Mẫu", pack="vn-party-2024")

    def found(parent: Unit | None, code: str, level: str, kind: str, name: str) -> Unit:
        return actions.found_unit(
            system, parent, organisation=organisation, code=code, level=level, kind=kind, name=name, valid_from=START
        )

    province = found(None, "P1", "province", "tỉnh", "Tỉnh Mẫu")
    city = found(province, "C1", "district", "thành phố", "Thành phố Sông Đào")
    ward = found(city, "W1", "base", "phường", "Phường Đông Ngàn")
    cell = found(ward, "L1", "cell", "chi bộ", "Chi bộ Phố Đồi")
    neighbour = found(province, "C2", "district", "thành phố", "Thành phố Hoa Lư Mẫu")
    neighbour_cell = found(neighbour, "L2", "cell", "chi bộ", "Chi bộ Bến Đò")
    return House(
        system,
        organisation,
        province,
        city,
        ward,
        cell,
        neighbour,
        neighbour_cell,
        admin=account("admin", city, "administrator"),
        organiser=account("organiser", city, "organiser"),
        viewer=account("viewer", city, "viewer"),
        below=account("below", ward, "administrator"),
        beside=account("beside", neighbour, "administrator"),
        stranger=account("stranger"),
    )


def stored() -> list[tuple[Any, ...]]:
    """The whole tree, in a form that does not depend on keys."""
    names = ("code", "parent__code", "level", "kind", "name", "folded", "valid_from", "valid_to")
    return sorted(Unit.objects.values_list(*names), key=lambda one: str(one[0]))
