"""`conventus import`: founding, dry runs, reports for people and machines, plain words for all that fails."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from conventus.core.packs import PACKS
from conventus.core.rules import Refusal
from conventus.org.models import Membership, Organisation, Unit
from tests.rooms.org.house import House

NATION = PACKS / "vn-party-2024" / "data" / "units-2025-01.csv"


def run(*words: Any, **options: Any) -> str:
    out = StringIO()
    call_command("import", *map(str, words), stdout=out, **options)
    return out.getvalue()


def as_json(*words: Any) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run(*words, "--json"))
    return report


def file(folder: Path, text: str, name: str = "đơn vị.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


UNITS = "code,parent_code,level,name\nW9,C1,commune,Xã Đông Khê\n"


def test_rows_go_below_the_unit_that_is_named(house: House, tmp_path: Path) -> None:
    path = file(tmp_path, "code,level,name\nW9,base,Xã Đông Khê\n")
    assert "1 new" in run("units", path, "--under", "C1")
    assert house.unit("W9").parent == house.city
    with pytest.raises(Refusal) as refused:
        run("units", path, "--under", "NO")
    assert refused.value.code == "imports.no_such_unit"


def test_rejected_rows_are_printed_and_filed(house: House, tmp_path: Path) -> None:
    path = file(tmp_path, UNITS + "W8,NO,commune,Xã Hai\n" + "W7,C1,planet,Xã Ba\n")
    out = StringIO()
    rejects = tmp_path / "rejects.csv"
    with pytest.raises(Refusal) as refused:
        call_command("import", "units", str(path), "--rejects", str(rejects), stdout=out)
    assert refused.value.code == "org.rows_rejected"
    assert "row 3, parent_code “NO”" in out.getvalue()
    assert not Unit.objects.filter(code="W9").exists()
    lines = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["row", "3", "4"]
    report = as_json("units", path, "--skip-bad")
    assert (report["ok"], report["new"], report["rejected"]) == (True, 1, 2)
    assert {(reject["row"], reject["column"]) for reject in report["rejects"]} == {(3, "parent_code"), (4, "level")}
    corrected = rejects.read_text(encoding="utf-8-sig").replace("NO", "C1").replace("planet", "commune")
    assert as_json("units", file(tmp_path, corrected, "again.csv"))["new"] == 2


def test_rejects_in_json_end_with_the_status_of_failure(house: House, tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(Refusal):
        call_command("import", "units", str(file(tmp_path, UNITS.replace("C1", "NO"))), "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["ok"], report["written"], report["rejected"]) == (False, False, 1)


def test_people_are_imported_by_the_command(house: House, tmp_path: Path) -> None:
    text = "Số thẻ;Họ và tên;Mã đơn vị;Loại đảng viên;Từ ngày\nM1;Đặng Thị Mẫu;L1;chính thức;01/02/2010\n"
    assert as_json("people", file(tmp_path, text))["new"] == 1
    assert Membership.objects.get().person.name == "Đặng Thị Mẫu"


def test_one_of_several_organisations_must_be_named(house: House, tmp_path: Path) -> None:
    Organisation.objects.create(key="second", name="Hai", pack="vn-party-2024")
    path = file(tmp_path, UNITS)
    for words, code in (([], "imports.which_one"), (["--organisation", "third"], "imports.not_that_one")):
        with pytest.raises(Refusal) as refused:
            run("units", path, *words)
        assert refused.value.code == code
    assert "1 new" in run("units", path, "--organisation", "tests")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "imports.empty"), (b"\x00\x01\x02" * 99, "imports.not_a_table"), (b"code,level,name\n", "imports.no_rows")],
)
def test_what_cannot_be_read_is_said_in_words_and_in_json(
    house: House, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "tệp.csv"
    path.write_bytes(content)
    out = StringIO()
    with pytest.raises(Refusal) as refused:
        call_command("import", "units", str(path), "--json", stdout=out)
    assert refused.value.code == code
    assert json.loads(out.getvalue()) == {"ok": False, "error": str(refused.value)}


def test_a_place_for_rejects_that_is_none(house: House, tmp_path: Path) -> None:
    path = file(tmp_path, UNITS)
    for place in (tmp_path, tmp_path / "none" / "r.csv", path):
        with pytest.raises(Refusal) as refused:
            run("units", path, "--rejects", place)
        assert refused.value.code == "imports.no_place"
    assert path.read_text(encoding="utf-8") == UNITS
    assert not Unit.objects.filter(code="W9").exists()
