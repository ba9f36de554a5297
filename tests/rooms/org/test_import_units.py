"""Units from a file: judged as a tree, written as a whole, the same whatever the order, and harmless when repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.org import actions
from conventus.org.imports.columns import UNITS
from conventus.org.imports.files import Sheet, sheet_of
from conventus.org.imports.report import ImportRefused, Report, rejects_csv
from conventus.org.imports.units import plan_units
from conventus.org.models import Unit
from tests.rooms.org.house import START, TODAY, House, stored

Rows = Sequence[Mapping[str, str]]


def row(code: str, parent: str = "", level: str = "base", name: str = "", **more: str) -> dict[str, str]:
    return {"code": code, "parent_code": parent, "level": level, "name": name or f"Xã {code}"} | more


def sheet(*rows: Mapping[str, str]) -> Sheet:
    return sheet_of(rows, UNITS)


def judged(house: House, *rows: Mapping[str, str], scope: Unit | None = None) -> Report:
    return plan_units(house.organisation, scope, sheet(*rows)).report


def reasons(report: Report) -> list[tuple[int, str, str]]:
    return [(one.row.number, one.column, one.refusal.code) for one in report.rejects]


# What is written --------------------------------------------------------------------------------------------------


def test_rows_may_come_before_their_superior(house: House) -> None:
    rows = [row("L9", "W9", "cell", "Chi bộ Một"), row("W9", "C1", "commune", "Xã Đông Khê", kind="xã")]
    report = actions.import_units(house.admin, house.city, sheet=sheet(*rows))
    assert report.counts() == {"rows": 2, "new": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    cell = house.unit("L9")
    assert cell.ancestor_ids == [house.province.pk, house.city.pk, house.unit("W9").pk, cell.pk]
    assert (house.unit("W9").level, house.unit("W9").folded) == ("base", "xa dong khe w9")


def test_one_import_is_one_line_in_the_book(house: House) -> None:
    before = Entry.objects.count()
    rows = sheet(row("W8"), row("W9"))
    actions.import_units(house.admin, house.city, sheet=rows)
    line = Entry.objects.latest("seq")
    assert Entry.objects.count() == before + 1
    assert (line.action, line.unit, line.office) == ("org.import_units", house.city, "administrator @ C1")
    assert line.after["sha256"] == rows.sha256
    assert (line.after["new"], line.after["rows"]) == (2, 2)


def test_rows_without_a_superior_hang_below_the_chosen_unit(house: House) -> None:
    actions.import_units(house.admin, house.city, sheet=sheet(row("W9")))
    assert house.unit("W9").parent == house.city


def test_at_the_top_they_are_roots_of_the_highest_level(house: House) -> None:
    rows = [row("P2", "", "province"), row("C9", "P2", "district"), row("C8", "", "district")]
    report = judged(house, *rows)
    assert reasons(report) == [(4, "parent_code", "org.parent_missing")]
    actions.import_units(house.system, house.organisation, sheet=sheet(*rows[:2]))
    assert house.unit("P2").parent is None


def test_a_row_changes_what_the_file_speaks_of(house: House) -> None:
    rows = [{"code": "W1", "level": "base", "name": "Phường Đông Sơn"}]
    report = actions.import_units(house.admin, house.city, sheet=sheet(*rows))
    assert report.counts()["changed"] == 1
    ward = house.unit("W1")
    assert (ward.name, ward.kind, ward.valid_from) == ("Phường Đông Sơn", "phường", START)
    assert (ward.version, ward.folded, ward.parent, ward.path) == (2, "phuong dong son w1", house.city, house.ward.path)
    assert report.examples_changed[0].changes == (("name", "Phường Đông Ngàn", "Phường Đông Sơn"),)
    again = actions.import_units(house.admin, house.city, sheet=sheet(*rows))
    assert again.counts()["unchanged"] == 1
    assert house.unit("W1").version == 2


def test_an_empty_cell_of_a_column_empties_the_field(house: House) -> None:
    actions.import_units(
        house.admin, house.city, sheet=sheet(row("W1", name="Phường Đông Ngàn", kind="", valid_from=""))
    )
    assert (house.unit("W1").kind, house.unit("W1").valid_from) == ("", None)


def test_the_unit_imported_into_may_be_in_the_file(house: House) -> None:
    rows = [row("C1", "", "district", "Thành phố Mới"), row("W9", "C1")]
    report = actions.import_units(house.admin, house.city, sheet=sheet(*rows))
    assert report.counts() | {"rows": 0} == {"rows": 0, "new": 1, "changed": 1, "unchanged": 0, "rejected": 0}
    assert house.unit("C1").parent == house.province
    assert reasons(judged(house, row("C1", "P1", "district"), scope=house.city)) == []
    above = judged(house, row("C1", "", "province"), row("L7", "C1", "cell"), scope=house.city)
    assert reasons(above) == [(2, "parent_code", "org.parent_not_above")]


# What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("W9", "NO")], [(2, "parent_code", "org.parent_unknown")]),
        ([row("W9", "C2")], [(2, "parent_code", "org.parent_unknown")]),
        ([row("W9", "P1")], [(2, "parent_code", "org.parent_unknown")]),
        ([row("W9", "W9")], [(2, "parent_code", "org.parent_itself")]),
        ([row("W9", "L1")], [(2, "parent_code", "org.parent_not_above")]),
        ([row("W9", level="planet")], [(2, "level", "org.level_unknown")]),
        ([row("W 9")], [(2, "code", "org.code_unreadable")]),
        ([row("W9", valid_from="31/02/2025")], [(2, "valid_from", "org.date_unreadable")]),
        ([row("W9", valid_from="2025-01-02", valid_to="2025-01-01")], [(2, "valid_to", "core.period_reversed")]),
        ([row("L1", "C1", "cell")], [(2, "parent_code", "org.import_moves")]),
        ([row("L1", "", "cell")], [(2, "parent_code", "org.import_moves")]),
        ([row("L2", "C1", "cell")], [(2, "code", "org.code_elsewhere")]),
        ([row("C2", "C1")], [(2, "code", "org.code_elsewhere")]),
        ([row("W9"), row("W9")], [(2, "code", "org.code_twice"), (3, "code", "org.code_twice")]),
        (
            [row("A1", "B1"), row("B1", "A1")],
            [(2, "parent_code", "org.parent_not_above"), (3, "parent_code", "org.parent_not_above")],
        ),
        (
            [row("L9", "W9", "cell"), row("W9", "C1", "planet"), row("L8", "W1", "cell")],
            [(2, "parent_code", "org.parent_unknown"), (3, "level", "org.level_unknown")],
        ),
        (
            [row("L9", "W9", "cell"), row("W9", "C1", valid_from="x"), row("L8", "W1", "cell")],
            [(2, "parent_code", "org.parent_rejected"), (3, "valid_from", "org.date_unreadable")],
        ),
        ([row("W1", level="cell")], [(2, "level", "org.level_blocks_children")]),
        ([row("W1", valid_to="2025-01-31")], [(2, "valid_to", "org.unit_in_use")]),
        (
            [row("W9", valid_to="2025-01-31"), row("L9", "W9", "cell", valid_to="")],
            [(3, "valid_to", "org.outlives_parent")],
        ),
        ([{"code": "", "level": "", "name": ""}, row("W9")], []),
    ],
)
def test_rows_that_are_wrong(house: House, rows: Rows, found: list[tuple[int, str, str]]) -> None:
    assert reasons(judged(house, *rows, scope=house.city)) == found


def test_a_unit_with_members_does_not_end_by_a_file(house: House) -> None:
    member = house.enrol(house.cell, "M1", "Nguyễn Thị Mẫu")
    ending = row("L1", "W1", "cell", valid_to=TODAY.isoformat())
    assert reasons(judged(house, ending)) == [(2, "valid_to", "org.unit_in_use")]
    actions.end_membership(house.system, member, on=TODAY)
    assert reasons(judged(house, ending)) == []


def test_a_unit_and_all_below_it_may_end_together(house: House) -> None:
    day = TODAY.isoformat()
    rows = [row("W1", "C1", valid_to=day), row("L1", "W1", "cell", valid_to=day)]
    assert reasons(judged(house, *rows)) == []


def test_nothing_is_written_while_a_row_is_wrong(house: House) -> None:
    before, lines = stored(), Entry.objects.count()
    rows = sheet(row("W9"), row("W8", "NO"))
    with pytest.raises(ImportRefused) as refused:
        actions.import_units(house.admin, house.city, sheet=rows)
    assert refused.value.report.rejected == 1
    assert (stored(), Entry.objects.count()) == (before, lines)
    report = actions.import_units(house.admin, house.city, sheet=rows, skip_bad=True)
    assert (report.written, report.counts()["new"], report.counts()["rejected"]) == (True, 1, 1)
    assert house.unit("W9")
    with pytest.raises(ImportRefused):
        actions.import_units(house.admin, house.city, sheet=sheet(row("W8", "NO")), skip_bad=True)


def test_importing_needs_the_right(house: House) -> None:
    for user in (house.organiser, house.viewer, house.below, house.beside, house.stranger):
        with pytest.raises(Refusal) as refused:
            actions.import_units(user, house.city, sheet=sheet(row("W9")))
        assert refused.value.code == "core.not_permitted"
    with pytest.raises(Refusal):
        actions.import_units(house.admin, house.organisation, sheet=sheet(row("P9", level="province")))


def test_rejected_rows_come_back_with_their_reasons(house: House) -> None:
    report = judged(house, row("W9", "NO", name="Xã Ấm"), row("W8"), scope=house.city)
    lines = rejects_csv(report).splitlines()
    assert lines[0] == "\ufeffrow,reason,code,parent_code,level,name"
    assert lines[1].startswith('2,"There is no unit “NO”.')
    assert lines[1].endswith(",W9,NO,base,Xã Ấm")
    assert len(lines) == 2
