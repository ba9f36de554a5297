"""The units, people and accounts of the sample city."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator

from conventus.core import actions as core
from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.org import actions as org
from conventus.org.imports.columns import PEOPLE, UNITS
from conventus.org.imports.files import sheet_of
from conventus.org.models import Unit
from conventus.portal.sample import invented
from conventus.portal.sample.world import CITY, KEY, OPENING, PACK, PILOTS, PROVINCE, SCHOOL, WHOLE, World


def found(small: bool) -> World:
    """Found the organisation and its units."""
    system = system_account("sample")
    house = org.found_organisation(system, None, key=KEY, name="Đảng bộ (mẫu)", pack=PACK, language="vi")
    world = World(house)
    whole = org.found_unit(
        system, None, organisation=house, code=WHOLE, level="centre", kind="trung ương", name="Ban Chấp hành Trung ương"
    )
    rows = list(_unit_rows(small))
    org.import_units(system, whole, sheet=sheet_of(rows, UNITS, "thanh-hoa"), sample=True)
    Unit.objects.filter(organisation=house, code__in=[WHOLE, *_real(rows)]).update(sample=False)
    world.units = {unit.code: unit for unit in house.units.select_related("organisation", "parent__organisation")}
    return world


def _real(rows: list[dict[str, str]]) -> Iterator[str]:
    return (
        row["code"] for row in rows if (row["code"][0] in "PDW" and "." not in row["code"]) or row["code"] == SCHOOL
    )


def _unit_rows(small: bool) -> Iterator[dict[str, str]]:
    yield _row(PROVINCE, WHOLE, "province", "tỉnh", "Đảng bộ tỉnh Thanh Hóa")
    yield _row(CITY, PROVINCE, "district", "thành phố", "Đảng bộ thành phố Thanh Hóa")
    bases = list(_bases())
    if small:
        bases = [base for base in bases if base["code"] in {OPENING, *PILOTS, "W14755", "W14758", "S001"}]
    yield from bases
    for base in bases:
        yield from _cells(base, small)


def _bases() -> Iterator[dict[str, str]]:
    with (packs.PACKS / PACK / "data" / "units-2025-01.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["parent_code"] == CITY:
                yield _row(row["code"], CITY, "base", row["kind"], f"Đảng bộ {row['name'][0].lower()}{row['name'][1:]}")
    for number, (kind, name) in enumerate(invented.organisations(), 1):
        yield _row(f"S{number:03d}", CITY, "base", kind, name)
    yield _row(SCHOOL, CITY, "base", "trường học", "Đảng bộ Trường THPT Đông Sơn 1")


def _cells(base: dict[str, str], small: bool) -> Iterator[dict[str, str]]:
    rng = random.Random(base["code"])
    territorial = base["code"].startswith("W")
    place = {"phường": "Tổ dân phố", "xã": "Thôn"}.get(base["kind"], "số")
    count = 2 if small else rng.randint(6, 9) if territorial else rng.randint(3, 5)
    for number in range(1, count + 1):
        yield _row(f"{base['code']}.{number:02d}", base["code"], "cell", "chi bộ", f"Chi bộ {place} {number}")


def _row(code: str, parent: str, level: str, kind: str, name: str) -> dict[str, str]:
    return {"code": code, "parent_code": parent, "level": level, "kind": kind, "name": name}


def enrol(world: World, small: bool) -> None:
    """Invent the members of every cell."""
    rows = []
    for unit in world.units.values():
        if unit.level != "cell":
            continue
        rng = random.Random(unit.code)
        count = (
            rng.randint(9, 12) if small else rng.randint(14, 40) if unit.code.startswith("W") else rng.randint(9, 24)
        )
        for number, person in enumerate(invented.people(count, unit.code), 1):
            kind = "probationary" if number % 17 == 0 else "exempt" if number % 13 == 0 else "official"
            rows.append(
                {
                    "number": f"{unit.code}-{number:03d}",
                    "name": person.name,
                    "sex": person.gender,
                    "born": person.born.isoformat(),
                    "unit_code": unit.code,
                    "membership": kind,
                    "valid_from": person.joined.isoformat(),
                }
            )
    org.import_people(system_account("sample"), world.units[WHOLE], sheet=sheet_of(rows, PEOPLE, "people"), sample=True)


# Accounts -----------------------------------------------------------------------------------------------------------

ACCOUNTS = (
    ("city.admin", "Trịnh Thị Thu Hà", CITY, ("administrator",)),
    ("province.organiser", "Lê Văn Khánh", PROVINCE, ("organiser", "appraiser")),
    ("city.organiser", "Nguyễn Thị Minh Ánh", CITY, ("organiser",)),
    ("city.appraiser", "Phạm Đức Thắng", CITY, ("appraiser",)),
    ("city.auditor", "Đỗ Khắc Nghĩa", CITY, ("auditor",)),
    ("dongson.organiser", "Vũ Thị Ngọc Lan", OPENING, ("organiser", "appraiser")),
    ("dongson.head", "Bùi Quang Vinh", OPENING, ("board_head",)),
    ("dongson.counter1", "Hoàng Thị Yến", OPENING, ("counter",)),
    ("dongson.counter2", "Đặng Hữu Phúc", OPENING, ("counter",)),
    ("hamrong.organiser", "Mai Xuân Đạt", "W14755", ("organiser", "appraiser")),
    ("cell.secretary", "Tô Thị Bích Đào", f"{OPENING}.01", ("organiser",)),
)
"""The log-ins of the main roles: user name, name, unit, roles."""
BOARD = ("dongson.head", "dongson.counter1", "dongson.counter2")
"""Who is to count at Đông Sơn."""


def open_accounts(world: World, password: str) -> None:
    """Open the accounts of the main roles and give them their rights."""
    system = system_account("sample")
    hashed = ""
    for name, full_name, code, roles in ACCOUNTS:
        _account(world, name, full_name, code, roles)
        user = world.users[name]
        if not hashed:
            user.set_password(password)
            hashed = user.password
        # One password for all: hashing it once instead of eleven times saves seconds.
        user.password = hashed
        user.save(update_fields=["password"])
    for number, name in enumerate(BOARD, 1):
        # Whoever keys in a count is a member with an account: the page of the board takes the account from the member.
        cell, user = world.units[f"{OPENING}.02"], world.users[name]
        org.enrol(system, cell, code=f"{cell.code}-B{number:02d}", name=user.full_name, account=user, sample=True)
    for code in PILOTS:
        _account(world, f"{code.lower()}.organiser", f"Cán bộ {code}", code, ("organiser", "appraiser"))
    world.users |= {
        f"{WHOLE.lower()}.organiser": core.open_account(
            system, world.units[WHOLE], username="whole.organiser", full_name="Ngô Trọng Kiên"
        ),
        f"{CITY.lower()}.appraiser": world.users["city.appraiser"],
        f"{CITY.lower()}.organiser": world.users["city.organiser"],
        f"{OPENING.lower()}.organiser": world.users["dongson.organiser"],
        f"{OPENING.lower()}.appraiser": world.users["dongson.organiser"],
        "w14755.appraiser": world.users["hamrong.organiser"],
    }
    core.give_grant(system, world.units[WHOLE], user=world.users[f"{WHOLE.lower()}.organiser"], role="organiser")


def _account(world: World, name: str, full_name: str, code: str, roles: tuple[str, ...]) -> None:
    system, unit = system_account("sample"), world.units[code]
    user = core.open_account(system, unit, username=name, full_name=full_name, language="")
    for role in roles:
        core.give_grant(system, unit, user=user, role=role)
        world.users[f"{code.lower()}.{role}"] = user
    world.users[name] = user
