"""A nation reorganised in one go: 63 → 34 provinces, 10,051 → 3,321 communes, 441 divided, no district; and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.national import COMMUNES, DIVIDED, PROVINCES, TREE, national, units
from conventus.core.accounts import system_account
from conventus.org import actions
from conventus.org.imports.bulk import insert_rows
from conventus.org.imports.columns import UNITS
from conventus.org.imports.files import read_path
from conventus.org.models import Membership, Organisation, Person, Succession, Unit
from tests.rooms.org.house import START
from tests.rooms.org.test_reorganise import DAY, EVE
from tests.rooms.org.test_reorganise_command import exported, run


@pytest.mark.once
def test_a_nation_is_reorganised_to_the_last_member(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVENTUS_TODAY", "2025-07-02")
    house = actions.found_organisation(
        system_account("tests"), None, key="nation", name="Nation", pack="vn-party-2024", language="vi"
    )
    actions.import_units(system_account("tests"), house, sheet=read_path(TREE, UNITS))
    enrol_in_each_commune(house)
    day, eve = DAY.replace(month=7), EVE.replace(month=6, day=30)
    before = exported("units", eve, capsys), exported("people", eve, capsys)
    made = national()
    (tmp_path / "plan.csv").write_text(made.plan_csv(), "utf-8")
    (tmp_path / "tree.csv").write_text(made.tree_csv(), "utf-8")
    done = run(tmp_path / "plan.csv", "--tree", tmp_path / "tree.csv", "--effective", day.isoformat())
    assert done["done"], done["problems"][:5]
    levels = {level["level"]: (level["before"], level["after"]) for level in done["levels"]}
    assert levels == {"province": (63, PROVINCES), "district": (696, 0), "base": (10_051, COMMUNES)}
    assert done["operations"]["split"] == DIVIDED
    assert sum(way["members"] for way in done["successions"]) == done["counts"]["members"] == 2 * 10_051
    check_successors(day)
    assert (exported("units", eve, capsys), exported("people", eve, capsys)) == before
    assert run("--undo", done["plan"])["done"]
    assert (exported("units", eve, capsys), exported("people", eve, capsys)) == before
    assert Unit.objects.count() == len(units())


def enrol_in_each_commune(house: Organisation) -> None:
    """Two members in each commune, as bare rows."""
    communes = list(Unit.objects.filter(level="base").values_list("pk", flat=True))
    people = [(key, 1, house.pk, f"{key:07d}", f"Người {key}", "", "", "", True) for key in range(1, 20_103)]
    names = ("id", "version", "organisation_id", "code", "name", "folded", "gender", "email", "sample")
    insert_rows(Person, names, people)
    memberships = [(1, key, communes[key % len(communes)], "official", START) for key in range(1, 20_103)]
    insert_rows(Membership, ("version", "person_id", "unit_id", "kind", "valid_from"), memberships)


def check_successors(day: Any) -> None:
    """Each new unit has just the members that its successions say, each old unit one or more successors."""
    held: dict[int, int] = {}
    for unit in Membership.objects.filter(valid_to=None).values_list("unit_id", flat=True):
        held[unit] = held.get(unit, 0) + 1
    came: dict[int, int] = {}
    for new, members in Succession.objects.values_list("new_id", "members"):
        came[new] = came.get(new, 0) + members
    assert {unit: count for unit, count in came.items() if count} == held
    followed = set(Succession.objects.values_list("old_id", flat=True))
    assert set(Unit.objects.filter(valid_to__lt=day).values_list("pk", flat=True)) <= followed
