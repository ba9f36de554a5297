"""Thanh Hóa city in February 2025: 49 wards and communes by name, 79 more organisations, cells, people, five pilots.

Facts: the articles [art-th] and [art-hbt] and the list of units, as the project's rulebook sums them up. Invented and marked as sample:
78 of the other organisations, all cells, all people, the province's plan, and every date inside the windows that are stated.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from conventus.core import actions as core
from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.core.jobs import Progress, silent
from conventus.core.memo import remembering
from conventus.core.models import User
from conventus.cycle import actions as cycle
from conventus.cycle.facts import Wish
from conventus.cycle.models import Congress, Cycle
from conventus.directives import actions as directives
from conventus.directives.models import Document
from conventus.org import actions as org
from conventus.org.imports.columns import PEOPLE, UNITS
from conventus.org.imports.files import sheet_of
from conventus.org.models import Organisation, Unit
from conventus.portal.sample import invented
from conventus.portal.sample.clock import living
from conventus.portal.sample.walk import Staff, Turnout, hold, next_day, prepare

TODAY = date(2025, 2, 25)
KEY = "vn-sample"
PACK = "vn-party-2024"
WHOLE, PROVINCE, CITY = "TW", "P38", "D380"
SCHOOL = "S079"
PILOTS = {"W16414": date(2025, 2, 12), "W16426": date(2025, 2, 14), "W15859": date(2025, 2, 18), SCHOOL: date(2025, 2, 20)}
"""Pilots that have been held: Đông Thịnh, Đông Quang, Thiệu Dương, Đông Sơn 1 High School, with invented days."""
OPENING = "W14785"
"""Đông Sơn ward, the fifth pilot: its congress opens today."""
STEPS = 8


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


def build(password: str, progress: Progress = silent, *, small: bool = False) -> World:
    """The whole sample, by actions, from the founding to 25 February 2025.

    `small` leaves out most of the city (tests): the five pilots and three more units, with fewer cells and members.
    """
    with remembering():
        return _build(password, progress, small)


def _build(password: str, progress: Progress, small: bool) -> World:
    with living(date(2024, 6, 3)):
        progress(1, STEPS, "organisation")
        world = _found(small)
        progress(2, STEPS, "people")
        _people(world, small)
        progress(3, STEPS, "accounts")
        _accounts(world, password)
    progress(4, STEPS, "documents and plans")
    _documents(world)
    progress(5, STEPS, "congresses")
    _congresses(world)
    progress(6, STEPS, "cells and pilots")
    _pilots(world)
    progress(7, STEPS, "the wave")
    _wave(world)
    progress(STEPS, STEPS, "done")
    return world


# Units and people ---------------------------------------------------------------------------------------------------


def _found(small: bool) -> World:
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
    return (row["code"] for row in rows if row["code"][0] in "PDW" and "." not in row["code"] or row["code"] == SCHOOL)


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


def _people(world: World, small: bool) -> None:
    rows = []
    for unit in world.units.values():
        if unit.level != "cell":
            continue
        rng = random.Random(unit.code)
        count = rng.randint(9, 12) if small else rng.randint(14, 40) if unit.code.startswith("W") else rng.randint(9, 24)
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


def _accounts(world: World, password: str) -> None:
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


# Documents ----------------------------------------------------------------------------------------------------------


ISSUED = (
    ("35-CT/TW@2024-06-14", "Bộ Chính trị", "Chỉ thị về đại hội đảng bộ các cấp tiến tới Đại hội XIV của Đảng"),
    ("27-HD/BTCTW@2024-08-26", "Ban Tổ chức Trung ương", "Hướng dẫn một số nội dung về đại hội đảng bộ các cấp"),
    ("190-QĐ/TW@2024-10-10", "Ban Chấp hành Trung ương", "Quyết định ban hành Quy chế bầu cử trong Đảng"),
    ("126-KL/TW@2025-02-14", "Bộ Chính trị", "Kết luận về sắp xếp tổ chức bộ máy và điều chỉnh thời gian đại hội cấp cơ sở"),
)
"""What the whole has issued: the key in the rule pack, the body, what it is about in our words."""


def _documents(world: World) -> None:
    whole, province, city = (world.units[code] for code in (WHOLE, PROVINCE, CITY))
    head, above, own = (world.users[name] for name in ("tw.organiser", "province.organiser", "city.organiser"))
    for key, body, title in ISSUED:
        known = packs.load(PACK).documents[key]
        with living(known.issued):
            row = directives.register_document(
                head, whole, type=known.type, number=known.number, issuer_code=known.issuer, issuing_body=body,
                title=title, issued_on=known.issued,
            )  # fmt: skip
            directives.put_in_force(head, row)
            world.documents[key.partition("@")[0]] = row
    directive = world.documents["35-CT/TW"]
    with living(date(2024, 9, 16)):
        plan = directives.register_document(
            above, province, type="KH", number="901", issuer_code="TU", issuing_body="Ban Thường vụ Tỉnh ủy",
            title="Kế hoạch tổ chức đại hội đảng bộ các cấp trong tỉnh (số hiệu và nội dung mẫu)",
            issued_on=date(2024, 9, 16), valid_to=date(2025, 12, 31), implements=[directive], sample=True,
        )  # fmt: skip
        directives.add_item(
            above, plan, task="hold_pilot_congress", level="base", mode="named",
            units=[world.units[code] for code in (OPENING, *PILOTS)], start=date(2025, 1, 2), due=date(2025, 2, 28),
            provision="mục III.1", text="Đại hội điểm cấp cơ sở",
        )  # fmt: skip
        directives.put_in_force(above, plan)
        world.documents["province plan"] = plan
    with living(date(2024, 10, 21)):
        _city_plan(world, own, city, plan)


def _city_plan(world: World, actor: User, city: Unit, above: Document) -> None:
    plan = directives.register_document(
        actor, city, type="KH", number="268", issuer_code="TU", issuing_body="Ban Thường vụ Thành ủy",
        title="Kế hoạch tổ chức đại hội các chi bộ, đảng bộ trực thuộc, nhiệm kỳ 2025-2030",
        issued_on=date(2024, 10, 21), valid_to=date(2025, 12, 31), implements=[world.documents["35-CT/TW"], above],
        summary="Số hiệu theo [art-th]; ngày ban hành và các mốc chi tiết là dữ liệu mẫu.",
    )  # fmt: skip
    pilots = [world.units[code] for code in (OPENING, *PILOTS)]
    directives.add_item(
        actor, plan, task="hold_pilot_congress", level="base", mode="named", units=pilots, start=date(2025, 2, 10),
        due=date(2025, 2, 27), provision="mục II.2", text="Tổ chức đại hội điểm",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="hold_congress", level="base", mode="except", units=pilots, start=date(2025, 3, 1),
        due=date(2025, 4, 29), provision="mục II.3", text="Tổ chức đại hội trong tháng 3 và tháng 4",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="hold_congress", level="cell", start=date(2024, 12, 2), due=date(2025, 3, 31),
        provision="mục II.1", text="Đại hội chi bộ trực thuộc đảng ủy cơ sở",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="report_lessons", level="base", mode="named", units=pilots, due=date(2025, 2, 28),
        provision="mục III.4", text="Báo cáo rút kinh nghiệm đại hội điểm",
    )  # fmt: skip
    directives.add_item(
        actor, plan, task="consult_drafts", level="base", due=date(2025, 3, 10), provision="mục III.2",
        text="Tổng hợp ý kiến góp ý dự thảo văn kiện đại hội cấp trên",
    )  # fmt: skip
    directives.put_in_force(actor, plan)
    world.documents["268-KH/TU"] = plan


# Congresses ---------------------------------------------------------------------------------------------------------


def _congresses(world: World) -> None:
    head, whole = world.users["tw.organiser"], world.units[WHOLE]
    with living(date(2024, 11, 4)):
        world.cycle = cycle.open_cycle(
            head, whole, name="2025–2030", term_from=2025, term_to=2030, directive=world.documents["35-CT/TW"], sample=True
        )
        cycle.generate(head, world.cycle)
    with living(date(2025, 2, 17)):
        # Conclusion 126 of 14-2-2025 brings the grassroots congresses forward to March.
        cycle.generate(head, world.cycle)


def _pilots(world: World) -> None:
    for code, day in PILOTS.items():
        _cells_held(world, code)
        _base(world, code, day, until={"W16414": "recognised", "W16426": "recognised", "W15859": "filed"}.get(code, "held"))
    _cells_held(world, OPENING)
    with living(date(2024, 12, 2)):
        _date(world, OPENING, TODAY, 3)
        prepare(world.congress(OPENING), world.staff(CITY, OPENING))


def _cells_held(world: World, base: str) -> None:
    day = date(2025, 1, 6)
    congresses = list(_below(world, base))
    with living(date(2024, 11, 18)):
        actor = world.users[f"{base.lower()}.organiser"]
        wishes = {}
        for congress in congresses:
            wishes[congress.pk] = Wish(day, half_days=2, venue="Nhà văn hóa")
            day = next_day(day)
        cycle.set_dates(actor, world.units[base], cycle=_cycle(world), wishes=wishes)
        for congress in congresses:
            congress.refresh_from_db()
            prepare(congress, world.staff(base, congress.unit.code))
    for congress in congresses:
        congress.refresh_from_db()
        members = congress.unit.memberships.filter(kind="official").count()
        turnout = Turnout(members, members - 1, invalid=congress.pk % 2)
        hold(congress, world.staff(base, congress.unit.code), turnout, seats=3, names=4)


def _base(world: World, code: str, day: date, until: str) -> None:
    with living(date(2024, 11, 25)):
        _date(world, code, day, 3 if code != SCHOOL else 2)
        prepare(world.congress(code), world.staff(CITY, code))
    congress = world.congress(code)
    members = sum(1 for _ in _voters(congress))
    summoned = members if congress.form == Congress.Form.MEMBERS else min(members, 120 + congress.pk % 25)
    turnout = Turnout(summoned, summoned - 2, invalid=1, differing=code == "W15859")
    seats, names = (15, 17) if members > 60 else (5, 6)
    hold(congress, world.staff(CITY, code), turnout, seats=seats, names=names, until=until)


def _voters(congress: Congress) -> Iterator[int]:
    from conventus.org.reads import memberships_in

    return iter(memberships_in(congress.unit).filter(kind="official").values_list("pk", flat=True))


def _date(world: World, code: str, day: date, half_days: int) -> None:
    wish = Wish(day, "pm" if half_days == 3 else "am", half_days, venue="Hội trường trung tâm")
    actor = world.users["city.organiser"]
    cycle.set_dates(actor, world.city, cycle=_cycle(world), wishes={world.congress(code).pk: wish})


def _below(world: World, code: str) -> Iterator[Congress]:
    rows = Congress.objects.select_related("unit__organisation", "unit__parent__organisation", "cycle")
    return iter(rows.filter(cycle=world.cycle, unit__parent__code=code).order_by("unit__code"))


def _cycle(world: World) -> Cycle:
    assert world.cycle is not None
    return world.cycle


def _wave(world: World) -> None:
    """The other units: most were dated in December for April and prepared in time; some wait, some were returned.

    When the window opened in March (Conclusion 126), another fifth was dated there, at short notice; the last fifth has no
    date yet.
    """
    actor, appraiser = world.users["city.organiser"], world.users["city.appraiser"]
    wave = [congress for congress in _below(world, CITY) if not congress.pilot]
    april = [congress for number, congress in enumerate(wave) if number % 5 < 3]
    march = [congress for number, congress in enumerate(wave) if number % 5 == 3]
    with living(date(2024, 12, 2)):
        _date_all(world, april, date(2025, 4, 1), per_day=5)
    ready = april[: len(april) * 4 // 5]
    with living(date(2024, 12, 24)):
        for number, congress in enumerate(ready):
            prepare(congress, Staff(actor, appraiser, actor), approve=number % 4 == 0)
    with living(date(2025, 1, 15)):
        for number, congress in enumerate(ready):
            _appraise(congress, appraiser, number)
    with living(date(2025, 2, 18)):
        _date_all(world, march, date(2025, 3, 17), per_day=3)


def _appraise(congress: Congress, appraiser: User, number: int) -> None:
    congress.refresh_from_db()
    if congress.state != Congress.State.SUBMITTED or number % 8 == 7:
        return
    if number % 8 == 3:
        findings = ["Báo cáo chính trị chưa nêu chỉ tiêu phát triển đảng viên.", "Thiếu lý lịch của 2 nhân sự."]
        cycle.return_with_findings(appraiser, congress, findings=findings)
    else:
        cycle.approve(appraiser, congress)


def _date_all(world: World, congresses: list[Congress], first: date, per_day: int) -> None:
    """Date the cells of each unit first, then the units."""
    if not congresses:
        return
    for congress in congresses:
        _date_cells(world, congress.unit.code)
    days = _days(first, len(congresses), per_day=per_day)
    wishes = {one.pk: Wish(day, half_days=2, venue="Hội trường UBND") for one, day in zip(congresses, days, strict=True)}
    cycle.set_dates(world.users["city.organiser"], world.city, cycle=_cycle(world), wishes=wishes)
    for congress in congresses:
        congress.refresh_from_db()


def _date_cells(world: World, base: str) -> None:
    cells = list(_below(world, base))
    days = _days(date(2025, 2, 26), len(cells), per_day=2)
    wishes = {one.pk: Wish(day, half_days=1, venue="Nhà văn hóa") for one, day in zip(cells, days, strict=True)}
    if wishes:
        cycle.set_dates(world.users["city.organiser"], world.units[base], cycle=_cycle(world), wishes=wishes)


def _days(first: date, count: int, per_day: int) -> Iterator[date]:
    """`count` working days from `first`, `per_day` times each; public holidays of April are stepped over."""
    day = first
    for number in range(count):
        yield day
        if number % per_day == per_day - 1:
            day = next_day(day)
            if day == date(2025, 4, 7):
                day += timedelta(days=1)
