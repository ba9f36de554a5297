"""Units from a file: compared with what is stored, judged as the tree that they would make, written level by level."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from conventus.core.jobs import Progress, silent
from conventus.core.rules import N_, Level, Refusal, Refusals, refusal_texts
from conventus.org.imports.bulk import update_rows
from conventus.org.imports.files import Row, Sheet
from conventus.org.imports.report import Report, Shown, rejects_of
from conventus.org.models import Membership, Organisation, Unit
from conventus.org.names import fold, step
from conventus.org.reads import below
from conventus.org.rules import UnitFacts, UnitRow, check_parent_level, check_unit_row, clean_text, level_named

refusal_texts(
    "org",
    {
        "code_elsewhere": N_("The code “%(text)s” belongs to a unit outside of the one you import into."),
        "import_moves": N_(
            "“%(unit)s” stands below “%(old)s”. Moving it is a reorganisation; leave its superior as it is here."
        ),
        "parent_rejected": N_("The superior “%(parent)s” is rejected itself. Correct its row first."),
        "outlives_parent": N_("The superior “%(parent)s” ends on %(end)s, this unit later or never."),
    },
)

CHECKED = ("level", "kind", "name", "valid_from", "valid_to")


@dataclass(frozen=True)
class Stored:
    """A unit as it is in the database, cut down to what an import compares."""

    pk: int
    path: str
    row: UnitRow


@dataclass
class UnitPlan:
    """What an import would do: the new rows, the changed ones with their keys, and the report."""

    report: Report
    stored: Mapping[str, Stored]
    new: list[UnitRow] = field(default_factory=list)
    changed: list[tuple[int, UnitRow]] = field(default_factory=list)


# Judging ----------------------------------------------------------------------------------------------------------


def plan_units(
    organisation: Organisation, scope: Unit | None, sheet: Sheet, *, progress: Progress = silent
) -> UnitPlan:
    """What importing `sheet` into `scope` (None = at the top) would do. Nothing is written."""
    judge = _Judge(organisation, scope, sheet)
    report = Report(sheet, "units")
    plan = UnitPlan(report, judge.stored)
    good: dict[str, tuple[Row, UnitRow]] = {}
    for done, row in enumerate(sheet.rows):
        progress(done, len(sheet.rows), _("Checking rows"))
        try:
            unit = judge.row(row)
        except Refusal as refusal:
            report.rejects += rejects_of(row, refusal)
        else:
            good[unit.code] = (row, unit)
    _settle(judge, good, report)
    for row, unit in good.values():
        _sort_in(plan, row, unit)
    report.rejects.sort(key=lambda reject: reject.row.number)
    return plan


def _sort_in(plan: UnitPlan, row: Row, unit: UnitRow) -> None:
    old = plan.stored.get(unit.code)
    if old is None:
        plan.new.append(unit)
        plan.report.add_new(Shown(row.number, unit.code, unit.name))
    elif changes := _changes(old.row, unit):
        plan.changed.append((old.pk, unit))
        plan.report.add_changed(Shown(row.number, unit.code, unit.name, changes))
    else:
        plan.report.unchanged += 1


def _changes(old: UnitRow, new: UnitRow) -> tuple[tuple[str, str, str], ...]:
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in CHECKED)
    return tuple((name, str(was or ""), str(now or "")) for name, was, now in pairs if was != now)


class _Judge:
    """What the rows of one file are judged against."""

    def __init__(self, organisation: Organisation, scope: Unit | None, sheet: Sheet) -> None:
        self.scope = scope
        self.sheet = sheet
        self.levels: Mapping[str, Level] = organisation.rules.core.levels
        self.stored = {stored.row.code: stored for stored in _stored(organisation, scope)}
        self.elsewhere = _codes_elsewhere(organisation, scope)
        cells = [(clean_text(row.cells["code"]), row) for row in sheet.rows]
        self.twice = {code for code, count in Counter(code for code, _row in cells).items() if code and count > 1}
        in_file = {code: level for code, row in cells if code and (level := self._level(row))}
        known = {code: stored.row.level for code, stored in self.stored.items()} | in_file
        self.facts = UnitFacts(levels=self.levels, known=known, seen=self.twice, root_level=self._root_level())

    def row(self, row: Row) -> UnitRow:
        """The clean unit of a row, with what the file is silent about taken over from the database."""
        if row.fault:
            raise row.fault
        code = clean_text(row.cells["code"])
        given = clean_text(row.cells.get("parent_code", ""))
        cells = dict(row.cells) | {"parent_code": self._parent(code, given)}
        points: list[Refusal] = []
        unit = None
        try:
            unit = check_unit_row(cells, self.facts)
        except Refusal as refusal:
            points += refusal.refusals if isinstance(refusal, Refusals) else [refusal]
        points += self._place(code, given)
        if points or unit is None:
            raise Refusals(points)
        return self._kept(unit)

    def _parent(self, code: str, given: str) -> str:
        """The superior's code to judge by: the unit imported into for a row that names none, and none for itself."""
        if self.scope is None:
            return given
        return "" if code == self.scope.code else given or self.scope.code

    def _place(self, code: str, given: str) -> Iterator[Refusal]:
        if code in self.elsewhere:
            yield Refusal("org.code_elsewhere", field="code", text=code)
        old = self.stored.get(code)
        if old is None:
            return
        is_scope = self.scope is not None and code == self.scope.code
        wanted = given or (old.row.parent if is_scope else self._parent(code, given))
        if wanted != old.row.parent:
            yield Refusal("org.import_moves", field="parent_code", unit=code, old=old.row.parent or "–")

    def _kept(self, unit: UnitRow) -> UnitRow:
        old = self.stored.get(unit.code)
        if old is None:
            return unit
        silent_about = [name for name in CHECKED if not self.sheet.has(name)]
        return replace(unit, parent=old.row.parent, **{name: getattr(old.row, name) for name in silent_about})

    def _level(self, row: Row) -> str:
        try:
            return level_named(row.cells["level"], self.levels)
        except Refusal:
            return ""

    def _root_level(self) -> str:
        """At the top only the highest level may stand; a lower row without a superior has lost its cell."""
        if self.scope is not None:
            return ""
        roots = {self._level(row) for row in self.sheet.rows if not clean_text(row.cells.get("parent_code", ""))}
        roots |= {stored.row.level for stored in self.stored.values() if not stored.row.parent}
        return min(roots - {""}, key=lambda level: self.levels[level].order, default="")


def _stored(organisation: Organisation, scope: Unit | None) -> Iterator[Stored]:
    units = Unit.objects.filter(organisation=organisation)
    if scope is not None:
        units = units.filter(below(scope.path))
    names = ("pk", "path", "code", "parent__code", "level", "kind", "name", "valid_from", "valid_to")
    for pk, path, code, parent, *rest in units.order_by().values_list(*names):
        yield Stored(pk, path, UnitRow(code, parent or "", *rest))


def _codes_elsewhere(organisation: Organisation, scope: Unit | None) -> set[str]:
    if scope is None:
        return set()
    others = Unit.objects.filter(organisation=organisation).exclude(below(scope.path))
    return set(others.order_by().values_list("code", flat=True))


# The tree that the good rows would make ---------------------------------------------------------------------------


def _settle(judge: _Judge, good: dict[str, tuple[Row, UnitRow]], report: Report) -> None:
    """Take out rows that do not fit the tree until the rest does: a rejected row may take others with it.

    Each round judges all rows against the same state, so that their order in the file does not matter.
    """
    tree = _Tree(judge, good)
    while wrong := [(row, points) for row, unit in good.values() if (points := list(tree.points(unit)))]:
        for row, points in wrong:
            report.rejects += rejects_of(row, Refusals(points))
            del good[clean_text(row.cells["code"])]


class _Tree:
    """The units after the import: good rows over stored ones."""

    def __init__(self, judge: _Judge, good: Mapping[str, tuple[Row, UnitRow]]) -> None:
        self.stored, self.levels, self.good = judge.stored, judge.levels, good
        self.above = _above(judge.scope)
        self.children: dict[str, list[str]] = defaultdict(list)
        for code, stored in judge.stored.items():
            self.children[stored.row.parent].append(code)
        self.members_until = _members_until([unit for _row, unit in good.values() if self._is_ended(unit)], self.stored)

    def points(self, unit: UnitRow) -> Iterator[Refusal]:
        """What speaks against a row in this tree."""
        if not self._is_touched(unit):
            return
        parent = self._parent(unit)
        if unit.parent and parent is None:
            yield Refusal("org.parent_rejected", field="parent_code", parent=unit.parent)
        elif parent is not None:
            yield from self._under(unit, parent)
        yield from self._over(unit)

    def _parent(self, unit: UnitRow) -> UnitRow | None:
        if unit.parent in self.good or unit.parent in self.stored:
            return self._now(unit.parent)
        return self.above if self.above is not None and self.above.code == unit.parent else None

    def _now(self, code: str) -> UnitRow:
        return self.good[code][1] if code in self.good else self.stored[code].row

    def _is_touched(self, unit: UnitRow) -> bool:
        return unit.code not in self.stored or self.stored[unit.code].row != unit

    def _is_ended(self, unit: UnitRow) -> bool:
        return unit.valid_to is not None and unit.code in self.stored and self._is_touched(unit)

    def _under(self, unit: UnitRow, parent: UnitRow) -> Iterator[Refusal]:
        try:
            check_parent_level(unit.level, parent.level, self.levels)
        except Refusal as refusal:
            yield refusal
        if _outlives(unit.valid_to, parent.valid_to):
            yield Refusal("org.outlives_parent", field="valid_to", parent=parent.code, end=parent.valid_to)

    def _over(self, unit: UnitRow) -> Iterator[Refusal]:
        children = [self._now(code) for code in self.children.get(unit.code, ())]
        if low := [one.level for one in children if self.levels[one.level].order <= self.levels[unit.level].order]:
            yield Refusal("org.level_blocks_children", field="level", child=low[0])
        left = sum(1 for one in children if _outlives(one.valid_to, unit.valid_to))
        members = sum(1 for end in self.members_until.get(unit.code, ()) if _outlives(end, unit.valid_to))
        if left or members:
            yield Refusal("org.unit_in_use", field="valid_to", units=left, members=members, end=unit.valid_to)


def _above(scope: Unit | None) -> UnitRow | None:
    """The superior of the unit imported into: its only unit that may stand outside of what the import sees."""
    if scope is None or scope.parent is None:
        return None
    parent = scope.parent
    return UnitRow(parent.code, "", parent.level, parent.kind, parent.name, parent.valid_from, parent.valid_to)


def _outlives(end: date | None, other: date | None) -> bool:
    return other is not None and (end is None or end > other)


def _members_until(units: Sequence[UnitRow], stored: Mapping[str, Stored]) -> dict[str, list[date | None]]:
    """Until when the members of the units that end are members, in one query however many they are."""
    codes = {stored[unit.code].pk: unit.code for unit in units}
    until: dict[str, list[date | None]] = defaultdict(list)
    if codes:
        rows = Membership.objects.filter(unit__in=list(codes)).order_by().values_list("unit", "valid_to")
        for pk, end in rows:
            until[codes[pk]].append(end)
    return until


# Writing ----------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a unit is: its key and path."""

    pk: int
    path: str


def write_units(
    organisation: Organisation, plan: UnitPlan, *, sample: bool = False, progress: Progress = silent
) -> None:
    """Store a plan: new units level by level, because a path needs the keys above it; then the changes."""
    places = {code: Place(stored.pk, stored.path) for code, stored in plan.stored.items()}
    waiting, done = plan.new, 0
    while waiting:
        ready = [row for row in waiting if not row.parent or row.parent in places]
        waiting = [row for row in waiting if row.parent and row.parent not in places]
        assert ready, "a settled plan has no unit without its superior"
        for start in range(0, len(ready), 2000):
            progress(done, len(plan.new), _("Writing units"))
            done += _create(organisation, ready[start : start + 2000], places, sample)
    _update(plan.changed)
    progress(len(plan.new), len(plan.new), _("Writing units"))


def _create(organisation: Organisation, rows: Sequence[UnitRow], places: dict[str, Place], sample: bool) -> int:
    units = [_unit(organisation, row, places, sample) for row in rows]
    Unit.objects.bulk_create(units)
    for unit, row in zip(units, rows, strict=True):
        unit.path = (places[row.parent].path if row.parent else "") + step(unit.pk)
        places[row.code] = Place(unit.pk, unit.path)
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE org_unit SET path = %s WHERE id = %s", [(unit.path, unit.pk) for unit in units])
    return len(units)


def _unit(organisation: Organisation, row: UnitRow, places: Mapping[str, Place], sample: bool) -> Unit:
    return Unit(
        organisation=organisation,
        parent_id=places[row.parent].pk if row.parent else None,
        code=row.code,
        level=row.level,
        kind=row.kind,
        name=row.name,
        **_folded(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        sample=sample,
    )


def _update(changed: Sequence[tuple[int, UnitRow]]) -> None:
    update_rows(Unit, [({name: getattr(row, name) for name in CHECKED} | _folded(row), pk) for pk, row in changed])


def _folded(row: UnitRow) -> dict[str, str]:
    return {"folded": fold(f"{row.name} {row.code}")}
