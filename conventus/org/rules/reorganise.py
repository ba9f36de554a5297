"""What a reorganisation plan makes of the tree: who follows whom, the tree that results, and everything wrong with it.

Pure. Units of levels that a complete new tree does not hold (cells below communes) stay, and follow their superior.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conventus.core.rules import Refusal, each_of
from conventus.org.rules.law import check_parent_level
from conventus.org.rules.operations import operations_of
from conventus.org.rules.plans import REST, SHARE, OldUnit, Step
from conventus.org.rules.reform import PLAN, TREE, UNIT, Case, Heir, Problem, Reform
from conventus.org.rules.rows import UnitFacts, UnitRow, check_unit_row

Tree = Sequence[tuple[int, Mapping[str, str | None]]]


def reorganised(case: Case, steps: Sequence[Step], tree: Tree) -> Reform:
    """What `steps` and the rows of the new `tree` (number, cells as an import of units has them) make of `case.old`."""
    return _Maker(case, steps).made(tree)


class _Maker:
    """Works one plan out, in order: the steps, the rows of the tree, those that follow, the tree as a whole."""

    def __init__(self, case: Case, steps: Sequence[Step]) -> None:
        self.case = case
        self.out = Reform()
        self.steps = steps
        self.by_old: dict[str, list[Step]] = defaultdict(list)
        for step in steps:
            self.by_old[step.old].append(step)
        self.rows: dict[str, tuple[int, UnitRow]] = {}

    def made(self, tree: Tree) -> Reform:
        given = {str(cells.get("code") or "").strip() for _number, cells in tree} - {""}
        ends = self._ends(given, {self._level(cells) for _number, cells in tree})
        self._read(tree, given, ends)
        self._check_steps(given, ends)
        self._lay_out(ends)
        self._check_tree()
        self._check_cycles(tree)
        self._sum_up(ends)
        return self.out

    # Who ends --------------------------------------------------------------------------------

    def _ends(self, given: Collection[str], levels: Collection[str]) -> set[str]:
        old = self.case.old
        ends = {code for code, steps in self.by_old.items() if code in old and all(step.new != code for step in steps)}
        if self.case.complete:
            covered = (set(levels) | {step.level for step in self.steps}) - {""}
            ends |= {code for code, unit in old.items() if unit.level in covered and code not in given}
        return ends - set(given)

    def _level(self, cells: Mapping[str, str | None]) -> str:
        word = str(cells.get("level") or "").strip().casefold()
        for key, level in self.case.levels.items():
            if word in (key.casefold(), level.name.casefold(), *(alias.casefold() for alias in level.aliases)):
                return key
        return ""

    # The rows of the new tree ----------------------------------------------------------------

    def _read(self, tree: Tree, given: set[str], ends: set[str]) -> None:
        codes = Counter(str(cells.get("code") or "").strip() for _number, cells in tree)
        known = {code: unit.level for code, unit in self.case.old.items() if code not in ends}
        known |= {str(cells.get("code") or "").strip(): self._level(cells) for _n, cells in tree if self._level(cells)}
        twice = {code for code, count in codes.items() if count > 1}
        facts = UnitFacts(levels=self.case.levels, known=known, seen=twice)
        for number, cells in tree:
            self._read_row(number, cells, facts, ends)

    def _read_row(self, number: int, cells: Mapping[str, str | None], facts: UnitFacts, ends: set[str]) -> None:
        code = str(cells.get("code") or "").strip()
        parent = str(cells.get("parent_code") or "").strip()
        if not parent and code != self.case.top:
            cells = dict(cells) | {"parent_code": self.case.top}
        try:
            row = check_unit_row(cells, facts)
        except Refusal as refusal:
            for one in each_of(refusal):
                self._problem(TREE, number, code, self._why_unknown(one, parent, ends))
            return
        for against in self._row_refusals(row):
            self._problem(TREE, number, code, against)
        self.rows.setdefault(row.code, (number, self._dated(row)))

    def _why_unknown(self, refusal: Refusal, parent: str, ends: set[str]) -> Refusal:
        if refusal.code == "org.parent_unknown" and parent in ends:
            return Refusal("org.superior_ends", field="parent_code", parent=parent)
        return refusal

    def _row_refusals(self, row: UnitRow) -> Iterator[Refusal]:
        if row.code not in self.case.old:
            if row.code in self.case.gone:
                yield Refusal("org.code_was_used", field="code", unit=row.code, end=self.case.gone[row.code])
            if row.valid_from not in (None, self.case.day):
                yield Refusal("org.begins_elsewhen", field="valid_from", day=self.case.day)
        if row.valid_to is not None and row.valid_to < self.case.day:
            yield Refusal("org.ends_at_once", field="valid_to", end=row.valid_to)

    def _dated(self, row: UnitRow) -> UnitRow:
        old = self.case.old.get(row.code)
        if old is None:
            return replace(row, valid_from=self.case.day)
        return replace(row, valid_from=old.valid_from, valid_to=row.valid_to or old.valid_to)

    # The steps -------------------------------------------------------------------------------

    def _check_steps(self, given: set[str], ends: set[str]) -> None:
        for step in self.steps:
            for refusal in self._step_refusals(step, given, ends):
                self._problem(PLAN, step.number, step.old, refusal)
        for code, steps in self.by_old.items():
            self._check_together(code, steps)

    def _step_refusals(self, step: Step, given: set[str], ends: set[str]) -> Iterator[Refusal]:
        unit = self.case.old.get(step.old)
        if unit is None and step.old in self.case.gone:
            yield Refusal("org.plan_unit_ended", field="old_code", unit=step.old, end=self.case.gone[step.old])
        elif unit is None:
            yield Refusal("org.plan_unit_unknown", field="old_code", unit=step.old)
        elif unit.level != step.level and step.level:
            params: dict[str, Any] = {"unit": step.old, "is_level": unit.level, "level": step.level}
            yield Refusal("org.plan_level_differs", field="level", **params)
        stands = step.new in given or (step.new in self.case.old and step.new not in ends)
        if step.new and not stands:
            yield Refusal("org.successor_unknown", field="new_code", unit=step.new)
        if unit and step.old in given and all(one.new != step.old for one in self.by_old[step.old]):
            yield Refusal("org.stands_and_ends", field="old_code", unit=step.old)
        if unit and not step.new and unit.members:
            yield Refusal("org.members_without_unit", field="new_code", unit=step.old, members=unit.members)

    def _check_together(self, code: str, steps: Sequence[Step]) -> None:
        first: dict[str, Step] = {}
        whole = next((step for step in steps if step.whole), None)
        for step in steps:
            if step.new in first:
                params: dict[str, Any] = {"old": code, "new": step.new, "first": first[step.new].number}
                self._problem(PLAN, step.number, code, Refusal("org.successor_twice", field="new_code", **params))
            elif whole and step is not whole:
                refusal = Refusal("org.named_twice", field="old_code", unit=code, first=whole.number)
                self._problem(PLAN, step.number, code, refusal)
            first.setdefault(step.new, step)
        if len(steps) == 1 and not steps[0].whole:
            refusal = Refusal("org.part_alone", field="whole_or_part", unit=code)
            self._problem(PLAN, steps[0].number, code, refusal)
        self._check_rules(code, steps)

    def _check_rules(self, code: str, steps: Sequence[Step]) -> None:
        rests = [step for step in steps if step.rule.kind == REST]
        for step in rests[1:]:
            self._problem(PLAN, step.number, code, Refusal("org.rest_twice", field="rule", unit=code))
        shares = [step for step in steps if step.rule.kind == SHARE]
        total = sum(step.rule.percent for step in shares)
        everybody = len(shares) == len(steps)
        if shares and (total > 100 or (everybody and total != 100)):
            refusal = Refusal("org.shares_sum", field="rule", unit=code, sum=total)
            self._problem(PLAN, shares[-1].number, code, refusal)

    # The tree afterwards ---------------------------------------------------------------------

    def _lay_out(self, ends: set[str]) -> None:
        after = {code: row for code, (_number, row) in self.rows.items()}
        waiting: list[str] = []
        for code, unit in self.case.old.items():
            if code in after or code in ends:
                continue
            parent = unit.parent
            if parent in ends or len(self.by_old.get(parent, ())) > 1:
                parent = self._follow(code, parent, ends)
                if not parent:
                    waiting.append(code)
            row = UnitRow(code, parent, unit.level, unit.kind, unit.name, unit.valid_from, unit.valid_to)
            after[code] = row
        self.out.after, self.out.unplaced = after, tuple(waiting)

    def _follow(self, code: str, parent: str, ends: set[str]) -> str:
        """The superior afterwards of a unit whose superior ends or is divided; "" when a person must say."""
        if chosen := self.case.placed.get(code):
            return chosen
        steps = self.by_old.get(parent, [])
        news = [step.new for step in steps if step.new]
        if len(news) == 1 and steps[0].whole:
            return news[0]
        if len(news) > 1:
            return next((step.new for step in steps if step.rule.kind == REST), "")
        above = self.case.old[parent].parent if parent in self.case.old else ""
        return self._follow(code, above, ends) if above in ends else above

    def _check_tree(self) -> None:
        after, levels = self.out.after, self.case.levels
        divided = {code for code, steps in self.by_old.items() if len(steps) > 1}
        for code, row in after.items():
            if code in self.rows or not row.parent:
                continue
            above = after.get(row.parent)
            if above is None:
                self._problem(UNIT, 0, code, Refusal("org.place_lost", unit=code))
                continue
            try:
                check_parent_level(row.level, above.level, levels)
            except Refusal as refusal:
                self._problem(UNIT, 0, code, refusal)
        for code in self.out.unplaced:
            parent = self.case.old[code].parent
            if parent not in divided:
                self._problem(UNIT, 0, code, Refusal("org.place_lost", unit=code))

    def _check_cycles(self, tree: Tree) -> None:
        """Rows that hang below themselves, also those that are refused for another reason."""
        parents = {code: row.parent for code, row in self.out.after.items()}
        numbers: dict[str, int] = {}
        for number, cells in tree:
            code, parent = str(cells.get("code") or "").strip(), str(cells.get("parent_code") or "").strip()
            parents[code], numbers[code] = parent, number
        good: set[str] = set()
        for code in parents:
            way: list[str] = []
            while code in parents and code not in good and code not in way:
                way.append(code)
                code = parents[code]
            if code in way:
                self._report_cycle(way[way.index(code) :], numbers)
            good.update(way)

    def _report_cycle(self, ring: Sequence[str], numbers: Mapping[str, int]) -> None:
        for code in ring:
            refusal = Refusal("org.tree_cycle", field="parent_code", unit=code, way=" → ".join([*ring[:6], ring[0]]))
            self._problem(TREE if code in numbers else UNIT, numbers.get(code, 0), code, refusal)

    # Sum -------------------------------------------------------------------------------------

    def _sum_up(self, ends: set[str]) -> None:
        out, old = self.out, self.case.old
        for code in sorted(ends):
            if code not in self.by_old:
                unit = old[code]
                refusal = Refusal("org.left_without_successor", unit=code, name=unit.name)
                self._problem(UNIT, 0, code, refusal)
        out.ended = tuple(code for code in old if code in ends)
        out.founded = tuple(code for code in out.after if code not in old)
        out.changed = tuple(code for code in out.after if code in old and _differs(old[code], out.after[code]))
        out.heirs = {code: self._heirs(code, steps, ends) for code, steps in self.by_old.items() if code in old}
        out.heirs |= {code: (Heir(code, True),) for code in self._taking_in(out.heirs)}
        for code in (*out.ended, *out.changed, *(code for code in out.heirs if code not in ends)):
            start = old[code].valid_from
            if start is not None and start >= self.case.day:
                self._problem(UNIT, 0, code, Refusal("org.plan_unit_later", unit=code, start=start))
        out.operations = tuple(operations_of(self.case, out))
        if not (out.ended or out.founded or out.changed or out.heirs or out.problems):
            self._problem(UNIT, 0, "", Refusal("org.plan_empty"))
        out.problems.sort(key=lambda one: ((PLAN, TREE, UNIT).index(one.where), one.number, one.code))

    def _taking_in(self, heirs: Mapping[str, tuple[Heir, ...]]) -> set[str]:
        """Units that take others in and of which the plan itself says nothing: they go on, and that is on record."""
        news = {heir.new for ways in heirs.values() for heir in ways if heir.step}
        return {code for code in news if code in self.case.old and code not in heirs}

    def _heirs(self, code: str, steps: Sequence[Step], ends: set[str]) -> tuple[Heir, ...]:
        heirs = [Heir(step.new, step.whole, step.number) for step in steps if step.new]
        if heirs:
            return tuple(heirs)
        above = self._follow(code, code, ends)
        return (Heir(above, True, 0),) if above and above != code else ()

    def _problem(self, where: str, number: int, code: str, refusal: Refusal) -> None:
        self.out.problems.append(Problem(where, number, code, refusal))


def _differs(old: OldUnit, new: UnitRow) -> bool:
    return (old.level, old.kind, old.name, old.parent) != (new.level, new.kind, new.name, new.parent)
