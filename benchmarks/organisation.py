"""The organisation over time: tree representations side by side, and a reorganisation of national size."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from benchmarks.national import TREE, national
from benchmarks.spine import Row, _house, _seconds, _undone, benchmark
from conventus.core import clock
from conventus.core.accounts import system_account
from conventus.org import actions as org
from conventus.org import reads
from conventus.org.exports import units_csv
from conventus.org.imports.bulk import insert_rows
from conventus.org.imports.columns import PLANS, UNITS
from conventus.org.imports.files import read, read_path
from conventus.org.models import Membership, Organisation, Person, Unit
from conventus.org.names import step

MEMBERS = (100_000, 500_000)
"""Members of the reorganised country; the last line says what 5.4 million would take on the line through both."""

# Representations ----------------------------------------------------------------------------------------------------


@benchmark
def representations() -> Iterator[Row]:
    """Subtree, move and roll-up at three sizes: path as in the product, nested set, closure; one tree, one run."""
    for size in (3_000, 30_000, 300_000):
        with _undone():
            tree = Tree(size)
            yield from tree.measured()


class Tree:
    """A random tree of five levels in four representations, with a member figure for each unit."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rng = random.Random(size)
        self.parents = self._parents()
        self.paths = self._paths()
        self._write()

    def _parents(self) -> list[int]:
        """Unit 1 is the root; 34 provinces, then levels that widen; each unit's parent has a smaller number."""
        bounds = [1, 35, max(70, self.size // 60), max(140, self.size // 8), self.size]
        parents = [0, 0]
        level, start = 0, 1
        for number in range(2, self.size + 1):
            if number > bounds[level]:
                start, level = (bounds[level - 1] + 1 if level else 1), level + 1
            low, high = (1, 1) if level <= 1 else (bounds[level - 2] + 1, bounds[level - 1])
            parents.append(self.rng.randint(low, high) if start else 1)
        return parents

    def _paths(self) -> list[str]:
        paths = ["", step(1)]
        for number in range(2, self.size + 1):
            paths.append(paths[self.parents[number]] + step(number))
        return paths

    def _write(self) -> None:
        kind = "TEMP TABLE"
        collate = 'COLLATE "C"' if connection.vendor == "postgresql" else ""
        _do(
            f"CREATE {kind} by_path "
            f"(id integer PRIMARY KEY, parent integer, path varchar(72) {collate}, members integer)"
        )
        _do(f"CREATE {kind} by_set (id integer PRIMARY KEY, parent integer, lft integer, rgt integer, members integer)")
        _do(f"CREATE {kind} by_closure (above integer, below integer, depth integer, PRIMARY KEY (above, below))")
        numbers = range(1, self.size + 1)
        members = [0, *(self.rng.randint(0, 40) for _ in numbers)]
        _many(
            "INSERT INTO by_path VALUES (%s, %s, %s, %s)",
            [(n, self.parents[n], self.paths[n], members[n]) for n in numbers],
        )
        lft, rgt = self._nested()
        _many(
            "INSERT INTO by_set VALUES (%s, %s, %s, %s, %s)",
            [(n, self.parents[n], lft[n], rgt[n], members[n]) for n in numbers],
        )
        pairs = []
        for n in numbers:
            here, depth = n, 0
            while here:
                pairs.append((here, n, depth))
                here, depth = self.parents[here], depth + 1
        _many("INSERT INTO by_closure VALUES (%s, %s, %s)", pairs)
        for statement in (
            "CREATE INDEX by_path_path ON by_path (path)", "CREATE INDEX by_path_parent ON by_path (parent)",
            "CREATE INDEX by_set_lft ON by_set (lft)", "CREATE INDEX by_set_rgt ON by_set (rgt)",
            "CREATE INDEX by_closure_below ON by_closure (below)",
        ):  # fmt: skip
            _do(statement)
        if connection.vendor == "postgresql":
            for table in ("by_path", "by_set", "by_closure"):
                _do(f"ANALYZE {table}")

    def _nested(self) -> tuple[list[int], list[int]]:
        children: list[list[int]] = [[] for _ in range(self.size + 1)]
        for number in range(2, self.size + 1):
            children[self.parents[number]].append(number)
        lft, rgt, count, stack = [0] * (self.size + 1), [0] * (self.size + 1), 0, [(1, False)]
        while stack:
            number, done = stack.pop()
            count += 1
            if done:
                rgt[number] = count
            else:
                lft[number] = count
                stack.append((number, True))
                stack += [(child, False) for child in reversed(children[number])]
        return lft, rgt

    # Measures ------------------------------------------------------------------------------

    def measured(self) -> Iterator[Row]:
        """Each measure against the path representation, which is the product's."""
        unit = self._near(5_000)
        size = sum(path.startswith(self.paths[unit]) for path in self.paths[1:])
        for what, ways in (
            (f"subtree of {size:,} in {self.size:,}", self._subtree(unit)),
            (f"roll-up of the root's children in {self.size:,}", self._roll_up()),
            (f"move {size:,} of {self.size:,}", self._move(unit)),
        ):
            times = {name: _seconds(lambda work=work: _twice_and_back(work), 3) for name, work in ways.items()}  # type: ignore[misc]
            path = times.pop("path")
            for name, spent in times.items():
                yield what, f"path {path * 1000:,.1f} ms", f"{name} {spent * 1000:,.1f} ms", f"{spent / path:.2f}×"

    def _near(self, wanted: int) -> int:
        """The unit whose subtree is nearest to `wanted` units, the root left out."""
        sizes = [1] * (self.size + 1)
        for number in range(self.size, 1, -1):
            sizes[self.parents[number]] += sizes[number]
        return min(range(2, self.size + 1), key=lambda number: abs(sizes[number] - wanted))

    def _subtree(self, unit: int) -> dict[str, Callable[[], Any]]:
        path = self.paths[unit]
        return {
            "path": lambda: _all("SELECT id FROM by_path WHERE path >= %s AND path < %s", [path, path + "~"]),
            "nested set": lambda: _all(
                "SELECT below.id FROM by_set top JOIN by_set below "
                "ON below.lft BETWEEN top.lft AND top.rgt WHERE top.id = %s",
                [unit],
            ),
            "closure": lambda: _all("SELECT below FROM by_closure WHERE above = %s", [unit]),
        }

    def _roll_up(self) -> dict[str, Callable[[], Any]]:
        """Sums of the whole subtree of each child of the root."""
        return {
            "path": lambda: _all(
                "SELECT substr(path, 1, 12), sum(members) FROM by_path WHERE length(path) >= 12 GROUP BY 1", []
            ),
            "nested set": lambda: _all(
                "SELECT child.id, sum(below.members) FROM by_set child JOIN by_set below "
                "ON below.lft BETWEEN child.lft AND child.rgt WHERE child.parent = 1 GROUP BY child.id",
                [],
            ),
            "closure": lambda: _all(
                "SELECT child.id, sum(unit.members) FROM by_path child JOIN by_closure ON above = child.id "
                "JOIN by_path unit ON unit.id = below WHERE child.parent = 1 GROUP BY child.id",
                [],
            ),
        }

    def _move(self, unit: int) -> dict[str, Callable[[], Any]]:
        """Below another child of the root."""
        to = next(n for n in range(2, 36) if not self.paths[unit].startswith(self.paths[n]))
        old, new = self.paths[unit], self.paths[to] + step(unit)
        return {
            "path": lambda: self._move_path(unit, to, old, new),
            "nested set": lambda: self._move_set(unit, to),
            "closure": lambda: self._move_closure(unit, to),
        }

    def _move_path(self, unit: int, to: int, old: str, new: str) -> None:
        _do("UPDATE by_path SET parent = %s WHERE id = %s", [to, unit])
        _do(
            "UPDATE by_path SET path = %s || substr(path, %s) WHERE path >= %s AND path < %s",
            [new, len(old) + 1, old, old + "~"],
        )

    def _move_set(self, unit: int, to: int) -> None:
        """The usual two updates: take the block out of the numbering, and let it in behind the new parent's others."""
        ((lft, rgt),) = _all("SELECT lft, rgt FROM by_set WHERE id = %s", [unit])
        ((place,),) = _all("SELECT rgt FROM by_set WHERE id = %s", [to])
        width = rgt - lft + 1
        shift, low, high, by = (
            (place - lft, place, lft - 1, width) if place < lft else (place - rgt - 1, rgt + 1, place - 1, -width)
        )
        for column in ("lft", "rgt"):
            _do(
                f"UPDATE by_set SET {column} = {column} + CASE WHEN {column} BETWEEN %s AND %s THEN %s ELSE %s END "
                f"WHERE {column} BETWEEN %s AND %s OR {column} BETWEEN %s AND %s",
                [lft, rgt, shift, by, lft, rgt, low, high],
            )
        _do("UPDATE by_set SET parent = %s WHERE id = %s", [to, unit])

    def _move_closure(self, unit: int, to: int) -> None:
        _do(
            "DELETE FROM by_closure WHERE below IN (SELECT below FROM by_closure WHERE above = %s) "
            "AND above IN (SELECT above FROM by_closure WHERE below = %s AND above <> %s)",
            [unit, unit, unit],
        )
        _do(
            "INSERT INTO by_closure SELECT up.above, down.below, up.depth + down.depth + 1 "
            "FROM by_closure up CROSS JOIN by_closure down WHERE up.below = %s AND down.above = %s",
            [to, unit],
        )


def _twice_and_back(work: Callable[[], Any]) -> None:
    """Run inside a savepoint that is taken back, so that each repeat finds the same tree."""
    point = transaction.savepoint()
    work()
    transaction.savepoint_rollback(point)


def _do(statement: str, values: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 50_000):
            cursor.executemany(statement, rows[start : start + 50_000])


def _all(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


# A national reorganisation ------------------------------------------------------------------------------------------


@benchmark
def reorganise() -> Iterator[Row]:
    """The country of 2025 reorganised by an invented plan, read as of the day before, and put back."""
    spent: list[float] = []
    for members in MEMBERS:
        with _undone():
            yield from reorganised(members, spent)
    slope = (spent[1] - spent[0]) / (MEMBERS[1] - MEMBERS[0])
    whole = spent[0] + slope * (5_400_000 - MEMBERS[0])
    yield "  5.4 million, on the line through both", f"{whole:.0f} s", "target 120 s", f"{whole / 120:.2f}"


def reorganised(members: int, times: list[float]) -> Iterator[Row]:
    """The figures for so many members spread over the communes; `times` gets what carrying out took."""
    system, house = system_account("bench"), _house()
    org.import_units(system, house, sheet=read_path(TREE, UNITS))
    _enrol(house, members)
    floor = _cpu(_copy_memberships)
    made, day = national(), date(2025, 1, 1)
    eve = date(2024, 12, 31)
    plan = org.draft_plan(system, house, name="national", effective=day, complete=True)
    steps, tree = (read(name, text.encode(), columns) for name, text, columns in _files(made))
    org.bring_plan(system, plan, steps=steps, tree=tree)
    before, members_before = units_csv(reads.units_on(eve)), Membership.objects.filter(valid_to=None).count()
    spent = _cpu(lambda: org.apply_plan(system, plan))
    times.append(spent)
    assert Membership.objects.filter(valid_to=None).count() == members_before
    assert sum(plan.successions.values_list("members", flat=True)) == members_before
    what = f"reorganise 10,810 units, {members:,} members"
    yield what, f"{spent:.1f} s", f"copying the memberships alone ({floor:.1f} s)", f"{spent / floor:.2f}×"
    assert clock.today() > eve
    past = _seconds(lambda: units_csv(reads.units_on(eve)), 3)
    now = _seconds(lambda: units_csv(reads.units_on(clock.today())), 3)
    yield (
        "the tree as of the day before",
        f"{past * 1000:.0f} ms",
        f"today's tree ({now * 1000:.0f} ms)",
        f"{past / now:.1f}×",
    )
    assert units_csv(reads.units_on(eve)) == before
    back = _cpu(lambda: org.undo_plan(system, plan))
    assert units_csv(reads.units_on(eve)) == before
    yield "undone as a whole", f"{back:.1f} s", f"carrying it out ({spent:.1f} s)", f"{back / spent:.2f}×"


def _cpu(work: Callable[[], Any]) -> float:
    """Processor seconds of this process: SQLite works in it, and others use the machine meanwhile."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _files(made: Any) -> Iterator[tuple[str, str, Any]]:
    yield "plan.csv", made.plan_csv(), PLANS
    yield "tree.csv", made.tree_csv(), UNITS


def _enrol(house: Organisation, count: int) -> None:
    """Members in equal numbers in every commune, as bare rows: enrolling is not what is measured."""
    communes = list(Unit.objects.filter(organisation=house, level="base").values_list("pk", flat=True))
    first = (Person.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    for start in range(0, count, 50_000):
        keys = range(first + start, first + min(start + 50_000, count))
        insert_rows(
            Person,
            ("id", "version", "organisation_id", "code", "name", "folded", "gender", "email", "sample"),
            [(key, 1, house.pk, f"{key:08d}", f"Người {key}", f"nguoi {key}", "", "", True) for key in keys],
        )
        insert_rows(
            Membership,
            ("version", "person_id", "unit_id", "kind", "valid_from"),
            [(1, key, communes[key % len(communes)], "official", date(2020, 1, 1)) for key in keys],
        )


def _copy_memberships() -> None:
    """The floor: the same rows written once into a table with the same indexes, by one statement."""
    table = Membership._meta.db_table
    _do(f"CREATE TEMP TABLE copied AS SELECT * FROM {table} WHERE 1 = 0")
    for column in ("id", "person_id", "unit_id"):
        _do(f"CREATE INDEX copied_{column} ON copied ({column})")
    _do(f"INSERT INTO copied SELECT * FROM {table}")
    _do("DROP TABLE copied")
