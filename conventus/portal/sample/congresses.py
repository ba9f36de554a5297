"""The congresses of the sample city: generated, dated, prepared, and for the pilots held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from conventus.core.models import User
from conventus.cycle import actions as cycle
from conventus.cycle.facts import Wish
from conventus.cycle.models import Congress, Cycle
from conventus.portal.sample.clock import living
from conventus.portal.sample.walk import Staff, Turnout, hold, next_day, prepare
from conventus.portal.sample.world import CITY, OPENING, PILOTS, SCHOOL, TODAY, WHOLE, World


def generate(world: World) -> None:
    """Open the cycle and generate its congresses, and once more after Conclusion 126."""
    head, whole = world.users["tw.organiser"], world.units[WHOLE]
    with living(date(2024, 11, 4)):
        world.cycle = cycle.open_cycle(
            head,
            whole,
            name="2025–2030",
            term_from=2025,
            term_to=2030,
            directive=world.documents["35-CT/TW"],
            sample=True,
        )
        cycle.generate(head, world.cycle)
    with living(date(2025, 2, 17)):
        # Conclusion 126 of 14-2-2025 brings the grassroots congresses forward to March.
        cycle.generate(head, world.cycle)


def hold_pilots(world: World) -> None:
    """Hold the cells and congresses of four pilots, and prepare the fifth."""
    for code, day in PILOTS.items():
        _cells_held(world, code)
        _base(
            world,
            code,
            day,
            until={"W16414": "recognised", "W16426": "recognised", "W15859": "filed"}.get(code, "held"),
        )
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


def date_wave(world: World) -> None:
    """The other units: most were dated in December for April and prepared in time; some wait, some were returned.

    When the window opened in March (Conclusion 126), another fifth was dated there, at short notice; the last fifth has
    no date yet.
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
    wishes = {
        one.pk: Wish(day, half_days=2, venue="Hội trường UBND") for one, day in zip(congresses, days, strict=True)
    }
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
