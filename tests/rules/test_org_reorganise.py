"""Reorganisation plans: what they make of a tree, and everything that can be wrong with them, row by row."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.core.rules import Refusal
from conventus.org.rules import (
    Case,
    OldUnit,
    PartRule,
    Reform,
    Step,
    check_step,
    part_rule,
    reorganised,
    shared_out,
    without_rule,
)
from tests.rules.laws import PARTY, refused

DAY = date(2025, 7, 1)
START = date(2020, 1, 1)
LEVELS = PARTY.core.levels
Row = dict[str, str | None]


def old(code: str, level: str, parent: str = "", members: int = 0, **more: Any) -> OldUnit:
    return OldUnit(code, level, more.pop("kind", ""), f"Unit {code}", parent, START, members=members, **more)


def row(code: str, level: str, parent: str = "", name: str = "", **more: str | None) -> Row:
    return {"code": code, "level": level, "parent_code": parent, "name": name or f"Unit {code}", **more}


def small(**more: Any) -> Case:
    """A province with two districts, three communes and a cell each."""
    units = [
        old("P", "province"),
        old("D1", "district", "P"),
        old("D2", "district", "P"),
        old("A", "base", "D1", 10),
        old("B", "base", "D1", 20),
        old("C", "base", "D2", 30),
        *(old(f"{code}c", "cell", code, 5) for code in "ABC"),
    ]
    return Case(old={unit.code: unit for unit in units}, levels=LEVELS, day=DAY, top="P", **more)


def step(number: int, code: str, new: str, rule: str = "", *, whole: bool = True, level: str = "base") -> Step:
    return Step(number, level, code, new, whole, part_rule(rule))


def made(case: Case, steps: list[Step], rows: list[Row] | None = None) -> Reform:
    return reorganised(case, steps, list(enumerate(rows or [], 2)))


def kinds(out: Reform) -> list[str]:
    return sorted(operation.kind for operation in out.operations)


def wrong(out: Reform) -> list[tuple[str, int, str]]:
    return [(problem.where, problem.number, problem.refusal.code.removeprefix("org.")) for problem in out.problems]


# What plans do ------------------------------------------------------------------------------------


def test_communes_merge_and_their_cells_follow() -> None:
    out = made(small(), [step(2, "A", "N"), step(3, "B", "N")], [row("N", "base", "D1", "New")])
    assert out.problems == []
    assert (out.ended, out.founded) == (("A", "B"), ("N",))
    assert out.after["Ac"].parent == out.after["Bc"].parent == "N"
    assert out.after["Cc"].parent == "C"
    assert kinds(out) == ["merge"]
    assert set(out.roots_in("N")) == {"A", "B"}


def test_a_commune_takes_another_in_under_its_own_code() -> None:
    out = made(small(), [step(2, "A", "A"), step(3, "B", "A")])
    assert out.problems == []
    assert (out.ended, out.founded) == (("B",), ())
    assert out.after["Bc"].parent == "A"
    assert kinds(out) == ["merge"]


def test_a_commune_is_divided_and_a_person_places_its_cells() -> None:
    parts = [step(2, "A", "A", whole=False), step(3, "A", "B", whole=False), step(4, "B", "B")]
    out = made(small(), parts)
    assert out.problems == []
    assert out.unplaced == ("Ac",)
    assert kinds(out) == ["merge_parts", "split"]
    placed = made(small(placed={"Ac": "B"}), parts)
    assert (placed.unplaced, placed.after["Ac"].parent) == ((), "B")
    by_rule = made(small(), [step(2, "A", "A", "rest", whole=False), *parts[1:]])
    assert by_rule.after["Ac"].parent == "A"


def test_a_level_is_abolished_and_what_stood_there_hangs_higher() -> None:
    steps = [step(2, "D1", "", level="district"), step(3, "D2", "P", level="district")]
    out = made(small(), steps)
    assert out.problems == []
    assert out.after["A"].parent == out.after["C"].parent == "P"
    assert out.heirs["D1"][0].new == "P"
    assert "abolish_level" in kinds(out)


def test_a_level_is_inserted() -> None:
    units = [old("P", "province"), old("A", "base", "P"), old("B", "base", "P")]
    case = Case(old={unit.code: unit for unit in units}, levels=LEVELS, day=DAY, top="P")
    rows = [row("D1", "district", "P"), row("D2", "district", "P"), row("A", "base", "D1"), row("B", "base", "D2")]
    out = made(case, [], rows)
    assert out.problems == []
    assert out.after["B"].parent == "D2"
    assert "insert_level" in kinds(out)


def test_units_are_renamed_retyped_and_moved() -> None:
    rows = [row("A", "base", "D2", kind="phường"), row("B", "base", "D1", "Renamed")]
    out = made(small(), [], rows)
    assert out.problems == []
    assert kinds(out) == ["move", "rename", "retype"]
    assert set(out.changed) == {"A", "B"}
    assert out.after["Ac"].parent == "A"


def test_a_plan_with_whole_tree_ends_what_it_leaves_out_only_with_a_successor() -> None:
    case = small(complete=True)
    out = made(case, [step(2, "A", "N"), step(3, "B", "N"), step(4, "C", "N")], [row("N", "base", "D1")])
    assert out.problems == []
    left = made(case, [step(2, "A", "N"), step(3, "B", "N")], [row("N", "base", "D1")])
    assert ("unit", 0, "left_without_successor") in wrong(left)


# What can be wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "rows", "expected"),
    [
        ([step(2, "X", "A")], [], ("plan", 2, "plan_unit_unknown")),
        ([step(2, "A", "X")], [], ("plan", 2, "successor_unknown")),
        ([step(2, "A", "B"), step(3, "A", "C")], [], ("plan", 3, "named_twice")),
        ([step(2, "A", "B"), step(3, "A", "B")], [], ("plan", 3, "successor_twice")),
        ([step(2, "A", "B", whole=False)], [], ("plan", 2, "part_alone")),
        ([step(2, "A", "")], [], ("plan", 2, "members_without_unit")),
        ([step(2, "A", "B", level="district")], [], ("plan", 2, "plan_level_differs")),
        ([step(2, "A", "B")], [row("A", "base", "D1")], ("plan", 2, "stands_and_ends")),
        (
            [step(2, "A", "A", "rest", whole=False), step(3, "A", "B", "rest", whole=False)],
            [],
            ("plan", 3, "rest_twice"),
        ),
        (
            [step(2, "A", "A", "70%", whole=False), step(3, "A", "B", "40%", whole=False)],
            [],
            ("plan", 3, "shares_sum"),
        ),
        ([], [row("N", "base", "NOWHERE")], ("tree", 2, "parent_unknown")),
        ([], [row("N", "base", "D1"), row("N", "base", "D2")], ("tree", 2, "code_twice")),
        ([], [row("N", "district", "A")], ("tree", 2, "parent_not_above")),
        ([], [row("N", "nonsense", "A")], ("tree", 2, "level_unknown")),
        ([], [row("N", "base", "D1", valid_from="2024-01-01")], ("tree", 2, "begins_elsewhen")),
        ([], [row("A", "base", "D1", valid_to="2024-01-01")], ("tree", 2, "ends_at_once")),
        ([step(2, "A", "B")], [row("N", "cell", "A")], ("tree", 2, "superior_ends")),
        ([], [row("OLD", "base", "D1")], ("tree", 2, "code_was_used")),
        ([step(2, "OLD", "A")], [], ("plan", 2, "plan_unit_ended")),
        ([], [row("D1", "district", "D2"), row("D2", "district", "D1")], ("tree", 2, "tree_cycle")),
        ([], [], ("unit", 0, "plan_empty")),
        ([step(2, "D1", "A", level="district")], [], ("unit", 0, "parent_not_above")),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(
    steps: list[Step], rows: list[Row], expected: tuple[str, int, str]
) -> None:
    out = made(small(gone={"OLD": date(2024, 12, 31)}), steps, rows)
    assert expected in wrong(out)
    assert all("%(" not in str(problem.refusal) for problem in out.problems)


def test_a_unit_that_begins_later_cannot_be_changed_before() -> None:
    case = small()
    later = OldUnit("L", "base", "", "Later", "D1", date(2025, 8, 1))
    case = Case(old={**case.old, "L": later}, levels=LEVELS, day=DAY, top="P")
    assert ("unit", 0, "plan_unit_later") in wrong(made(case, [step(2, "L", "A"), step(3, "A", "A")]))


def test_a_part_without_a_rule_is_reported_by_row() -> None:
    case = small()
    parts = [step(2, "A", "A", whole=False), step(3, "A", "B", "40%", whole=False)]
    out = made(case, parts)
    assert [(one.number, one.refusal.code) for one in without_rule(parts, case, out.unplaced, ())] == [
        (2, "org.part_without_rule")
    ]
    ruled = [step(2, "A", "A", "rest", whole=False), parts[1]]
    assert without_rule(ruled, case, made(case, ruled).unplaced, ()) == []


def test_rows_of_a_plan_are_read() -> None:
    cells = {"level": "Cấp cơ sở", "old_code": " A ", "new_code": "N", "whole_or_part": "part: 40 %"}
    cells["level"] = "commune"
    assert check_step(cells, 7, LEVELS) == Step(7, "base", "A", "N", False, PartRule("share", 40))
    assert check_step({**cells, "whole_or_part": "Whole"}, 7, LEVELS).whole
    assert refused(lambda: check_step({**cells, "whole_or_part": "half"}, 7, LEVELS)) == ["org.share_unknown"]
    assert refused(lambda: check_step({**cells, "rule": "dice"}, 7, LEVELS)) == ["org.rule_unknown"]
    assert refused(lambda: check_step({**cells, "whole_or_part": "whole", "rule": "rest"}, 7, LEVELS)) == [
        "org.rule_on_whole"
    ]
    assert refused(lambda: check_step({**cells, "new_code": ""}, 7, LEVELS)) == ["org.part_to_nobody"]
    assert (
        refused(lambda: check_step({"level": "", "old_code": "", "whole_or_part": ""}, 7, LEVELS))
        == ["core.required"] * 3
    )


# Properties ---------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(0, 500), st.booleans())
def test_shares_and_the_rest_place_everybody_at_most_once(percents: list[int], count: int, with_rest: bool) -> None:
    percents = percents[: next((i for i in range(len(percents)) if sum(percents[: i + 1]) > 100), len(percents))]
    steps = [Step(number, "base", "A", f"N{number}", False, PartRule("share", p)) for number, p in enumerate(percents)]
    if with_rest:
        steps.append(Step(99, "base", "A", "R", False, PartRule("rest")))
    taken = [person for people in shared_out(range(count), steps).values() for person in people]
    assert max(Counter(taken).values(), default=1) == 1
    if with_rest or sum(percents) == 100:
        assert sorted(taken) == list(range(count))


@st.composite
def plans(draw: st.DrawFn) -> tuple[Case, list[Step], list[Row]]:
    """A random tree of four levels, and steps that merge, divide, dissolve and abolish at random."""
    units = [old("P", "province")]
    for d in range(draw(st.integers(1, 3))):
        units.append(old(f"D{d}", "district", "P"))
        for b in range(draw(st.integers(0, 3))):
            units.append(old(f"B{d}{b}", "base", f"D{d}", draw(st.integers(0, 4))))
            units += [old(f"L{d}{b}{c}", "cell", f"B{d}{b}", 2) for c in range(draw(st.integers(0, 2)))]
    bases = [unit.code for unit in units if unit.level == "base"]
    targets = [*bases, "N1", "N2"]
    steps: list[Step] = []
    for code in bases:
        news = draw(st.lists(st.sampled_from(targets), max_size=3, unique=True))
        rules = ["rest", *["40%"] * 2][: len(news)] if draw(st.booleans()) else [""] * len(news)
        for new, rule in zip(news, rules, strict=True):
            rule = rule if len(news) > 1 else ""
            steps.append(step(len(steps) + 2, code, new, rule, whole=len(news) == 1))
    rows = [row(code, "base", draw(st.sampled_from(["P", "D0"]))) for code in ("N1", "N2")]
    if draw(st.booleans()):
        steps.append(step(len(steps) + 2, "D0", draw(st.sampled_from(["", "P"])), level="district"))
    case = Case(old={unit.code: unit for unit in units}, levels=LEVELS, day=DAY, top="P")
    return case, steps, rows


@given(plans())
def test_a_plan_without_problems_makes_a_tree(plan: tuple[Case, list[Step], list[Row]]) -> None:
    case, steps, rows = plan
    out = made(case, steps, rows)
    gone = set(case.old) - set(out.after)
    assert gone == set(out.ended)
    assert set(out.after) - set(case.old) == set(out.founded)
    for code in out.ended:
        assert all(heir.new in out.after for heir in out.heirs.get(code, ())) or out.problems
    if out.problems:
        return
    for code, unit in out.after.items():
        way, here = [], unit.parent
        while here:
            assert here not in way, "a cycle"
            assert LEVELS[out.after[here].level].order < LEVELS[unit.level].order
            way.append(here)
            here = out.after[here].parent
        assert way[-1:] == ["P"] or code == "P" or code in out.unplaced or set(way) & set(out.unplaced), "an orphan"
    ended_with_members = [code for code in out.ended if case.old[code].members]
    assert all(out.heirs[code] for code in ended_with_members)


@given(plans())
def test_judging_never_raises_and_names_real_rows(plan: tuple[Case, list[Step], list[Row]]) -> None:
    case, steps, rows = plan
    out = made(case, steps[:-1] + steps, rows + rows[:1])
    numbers = {one.number for one in steps}
    for problem in out.problems:
        assert isinstance(problem.refusal, Refusal)
        assert problem.where != "plan" or problem.number in numbers
        assert problem.where != "tree" or 2 <= problem.number <= len(rows) + 2
