"""What a worked-out plan does, in the words of people: merge, split, abolish a level; and what it leaves open. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from conventus.core.rules import Refusal
from conventus.org.rules.plans import REST, SHARE, Step
from conventus.org.rules.reform import PLAN, Case, Operation, Problem, Reform

# What people read ------------------------------------------------------------------------------


def operations_of(case: Case, out: Reform) -> Iterator[Operation]:
    """Everything that the plan does, levels first."""
    followed: dict[str, list[str]] = defaultdict(list)
    for code, heirs in out.heirs.items():
        for heir in heirs:
            if heir.step:
                followed[heir.new].append(code)
    levels = list(_levels_that_come_and_go(case, out))
    gone = {level for one in levels if one.kind == "abolish_level" for level in one.olds}
    yield from levels
    for new, olds in followed.items():
        if len(olds) > 1:
            parts = any(not heir.whole for old in olds for heir in out.heirs[old] if heir.new == new)
            yield Operation("merge_parts" if parts else "merge", tuple(olds), (new,))
        elif olds != [new] and len(out.heirs[olds[0]]) == 1:
            yield Operation("replace" if new in out.founded else "absorb", tuple(olds), (new,))
    for code, heirs in out.heirs.items():
        if len(heirs) > 1:
            yield Operation("split", (code,), tuple(heir.new for heir in heirs))
        elif code in out.ended and not (heirs and heirs[0].step) and case.old[code].level not in gone:
            yield Operation("dissolve", (code,), tuple(heir.new for heir in heirs))
    yield from (Operation("found", (), (code,)) for code in out.founded if code not in followed)
    yield from _changes(case, out)


def _levels_that_come_and_go(case: Case, out: Reform) -> Iterator[Operation]:
    before = Counter(unit.level for unit in case.old.values())
    after = Counter(row.level for row in out.after.values())
    for level in case.levels:
        if before[level] > 1 and not after[level]:
            yield Operation("abolish_level", (level,), ())
        if after[level] > 1 and not before[level]:
            yield Operation("insert_level", (), (level,))


def _changes(case: Case, out: Reform) -> Iterator[Operation]:
    for code in out.changed:
        old, new = case.old[code], out.after[code]
        if old.name != new.name:
            yield Operation("rename", (code,), (code,))
        if (old.level, old.kind) != (new.level, new.kind):
            yield Operation("retype", (code,), (code,))
        follows = code in out.unplaced or any(heir.new == new.parent for heir in out.heirs.get(old.parent, ()))
        if old.parent != new.parent and not follows:
            yield Operation("move", (code,), (code,))


# What is open ---------------------------------------------------------------------------------


def without_rule(
    steps: Iterable[Step], case: Case, unplaced: Collection[str], listed: Collection[str]
) -> list[Problem]:
    """The parts of which nothing says who goes along, though members or units are to be divided; one for each row.

    `listed` holds the old units of which every member is placed by name.
    """
    below = Counter(case.old[code].parent for code in unplaced if code in case.old)
    by_old: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_old[step.old].append(step)
    found = []
    for code, parts in by_old.items():
        unit = case.old.get(code)
        open_members = 0 if unit is None or code in listed or _is_ruled(parts) else unit.members
        if unit is None or not (open_members or below[code]):
            continue
        for step in parts:
            if not step.whole and not step.rule.kind:
                params: dict[str, Any] = {"members": open_members, "below": below[code], "unit": code, "new": step.new}
                refusal = Refusal("org.part_without_rule", field="rule", **params)
                found.append(Problem(PLAN, step.number, code, refusal))
    return found


def _is_ruled(parts: Sequence[Step]) -> bool:
    """Whether the rules alone place every member."""
    kinds = [step.rule.kind for step in parts]
    return REST in kinds or (bool(kinds) and all(kind == SHARE for kind in kinds)) or all(step.whole for step in parts)
