"""What the sample city is made of: its day, its codes, and where its rows are found again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from conventus.core.models import User
from conventus.cycle.models import Congress, Cycle
from conventus.directives.models import Document
from conventus.org.models import Organisation, Unit
from conventus.portal.sample.walk import Staff

TODAY = date(2025, 2, 25)
KEY = "vn-sample"
PACK = "vn-party-2024"
WHOLE, PROVINCE, CITY = "TW", "P38", "D380"
SCHOOL = "S079"
PILOTS = {
    "W16414": date(2025, 2, 12),
    "W16426": date(2025, 2, 14),
    "W15859": date(2025, 2, 18),
    SCHOOL: date(2025, 2, 20),
}
"""Pilots that have been held: Đông Thịnh, Đông Quang, Thiệu Dương, Đông Sơn 1 High School, with invented days."""
OPENING = "W14785"
"""Đông Sơn ward, the fifth pilot: its congress opens today."""


@dataclass
class World:
    """What the sample made, to find it again: units and accounts by code and name."""

    organisation: Organisation
    units: dict[str, Unit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    cycle: Cycle | None = None

    @property
    def city(self) -> Unit:
        """Thanh Hóa city."""
        return self.units[CITY]

    def congress(self, code: str) -> Congress:
        """The congress of the unit with `code`, as it now stands."""
        rows = Congress.objects.select_related("unit__organisation", "unit__parent__organisation", "cycle")
        return rows.get(cycle=self.cycle, unit__code=code)

    def staff(self, superior: str, code: str) -> Staff:
        """Who works on the congress of a unit: its own organiser, the working group of the unit above."""
        name = f"{code.lower()}.organiser"
        own = self.users.get(name) or self.users[f"{superior.lower()}.organiser"]
        return Staff(own, self.users[f"{superior.lower()}.appraiser"], self.users["city.admin"])
