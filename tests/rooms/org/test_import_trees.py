"""Whatever tree is imported: nothing that the law forbids, no order that matters, no change the second time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conventus.core.accounts import system_account
from conventus.core.models import Entry
from conventus.org import actions
from conventus.org.imports.columns import UNITS
from conventus.org.imports.files import sheet_of
from conventus.org.imports.report import ImportRefused, Report
from conventus.org.models import Organisation, Unit
from tests.rooms.org.house import stored

pytestmark = pytest.mark.once

Rows = list[dict[str, str]]
LEVELS = ("province", "district", "base", "cell")


@st.composite
def trees(draw: st.DrawFn) -> Rows:
    """Rows of a tree with a few faults: wrong levels, unknown superiors, codes that come twice."""
    rows: Rows = []
    codes = [f"U{number}" for number in range(draw(st.integers(1, 9)))]
    for code in codes:
        parents = st.sampled_from(["", "", "NO", *codes])
        level = draw(st.sampled_from([*LEVELS, "commune", "planet"]))
        ends = draw(st.sampled_from(["", "", "2025-01-31"]))
        name = draw(st.sampled_from(["Xã Đông Khê", "Phường Ấm", ""]))
        rows.append({"code": code, "parent_code": draw(parents), "level": level, "name": name, "valid_to": ends})
    return rows + draw(st.lists(st.sampled_from(rows), max_size=1))


def bring_in(organisation: Organisation, rows: Rows) -> Report:
    """Import what can be imported; an import without any good row changes nothing."""
    try:
        return actions.import_units(system_account("tests"), organisation, sheet=sheet_of(rows, UNITS), skip_bad=True)
    except ImportRefused as refused:
        return refused.report


def paths_hold() -> bool:
    """Whether every path is its superior's path and a step more."""
    paths = dict(Unit.objects.values_list("pk", "path"))
    return all(
        unit.path[:-6] == (paths[unit.parent_id] if unit.parent_id else "") and unit.ancestor_ids[-1] == unit.pk
        for unit in Unit.objects.all()
    )


def fresh() -> Organisation:
    Unit.objects.update(parent=None)
    Entry.objects.all().delete()
    Unit.objects.all().delete()
    Organisation.objects.all().delete()
    return Organisation.objects.create(key="p", name="P", pack="vn-party-2024")


@pytest.mark.django_db
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=trees())
def test_an_import_is_idempotent_and_its_order_does_not_matter(data: st.DataObject, rows: Rows) -> None:
    first = bring_in(fresh(), rows)
    tree = stored()
    assert paths_hold()
    assert first.new + first.rejected == len(rows)
    again = bring_in(Organisation.objects.get(), rows)
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    assert stored() == tree
    shuffled = data.draw(st.permutations(rows))
    other = bring_in(fresh(), shuffled)
    assert other.counts() == first.counts()
    assert stored() == tree


@pytest.mark.django_db
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=trees(), second=trees())
def test_no_import_ever_makes_a_tree_that_the_law_forbids(first: Rows, second: Rows) -> None:
    organisation = fresh()
    levels = organisation.rules.core.levels
    for rows in (first, second):
        bring_in(organisation, rows)
        assert paths_hold()
        for unit in Unit.objects.select_related("parent"):
            above = unit.parent
            if above is not None:
                assert levels[unit.level].order > levels[above.level].order
                assert above.valid_to is None or (unit.valid_to is not None and unit.valid_to <= above.valid_to)
