"""Before anything is there: the whole nation comes in one go, and what needs an organisation says so."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from conventus.core.models import Entry
from conventus.core.packs import PACKS
from conventus.core.rules import Refusal
from conventus.org.models import Organisation, Unit

NATION = PACKS / "vn-party-2024" / "data" / "units-2025-01.csv"

pytestmark = pytest.mark.django_db


def run(*words: Any) -> str:
    out = StringIO()
    call_command("import", *map(str, words), stdout=out)
    return out.getvalue()


def as_json(*words: Any) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run(*words, "--json"))
    return report


def file(folder: Path, text: str) -> Path:
    path = folder / "đơn vị.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_national_tree_comes_in_one_go(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(250):
        report = as_json("units", NATION)
    assert (report["ok"], report["written"], report["rows"], report["new"]) == (True, True, 10_810, 10_810)
    assert (report["encoding"], report["delimiter"], report["rejects"]) == ("utf-8", ",", [])
    organisation = Organisation.objects.get()
    assert (organisation.key, organisation.pack, organisation.language) == ("vn-party-2024", "vn-party-2024", "vi")
    levels = {level: Unit.objects.filter(level=level).count() for level in ("province", "district", "base")}
    assert levels == {"province": 63, "district": 696, "base": 10_051}
    city = Unit.objects.get(code="D380")
    assert (city.name, city.parent and city.parent.name) == ("Thành phố Thanh Hóa", "Tỉnh Thanh Hóa")
    twins = Unit.objects.filter(parent=city, name="Xã Đông Khê").order_by("code")
    assert [unit.code for unit in twins] == ["W16387", "W16408"]
    assert Unit.objects.get(code="W16408").ancestor_ids[:-1] == city.ancestor_ids
    assert [entry.action for entry in Entry.objects.order_by("seq")] == ["org.found_organisation", "org.import_units"]
    with django_assert_max_num_queries(30):
        assert as_json("units", NATION)["unchanged"] == 10_810


def test_a_dry_run_writes_nothing_not_even_the_organisation(tmp_path: Path) -> None:
    path = file(tmp_path, "mã,cấp trên,cấp,tên\nP1,,tỉnh,Tỉnh Mẫu\nC1,P1,district,Thành phố Mẫu\n")
    report = as_json("units", path, "--dry-run")
    assert (report["ok"], report["written"], report["dry_run"], report["new"]) == (True, False, True, 2)
    assert not Organisation.objects.exists()
    assert not Entry.objects.exists()


def test_an_organisation_is_founded_as_it_is_told(tmp_path: Path) -> None:
    path = file(tmp_path, "mã,cấp,tên\nP1,tỉnh,Tỉnh Mẫu\n")
    run("units", path, "--organisation", "mau", "--name", "Tổ chức Mẫu", "--pack", "vn-party-2024")
    organisation = Organisation.objects.get()
    assert (organisation.key, organisation.name) == ("mau", "Tổ chức Mẫu")
    with pytest.raises(Refusal) as refused:
        run("units", path, "--pack", "association")
    assert refused.value.code == "imports.other_pack"


def test_a_level_that_no_pack_has(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        run("units", file(tmp_path, "code,level,name\nX,planet,Sao Hoả\n"))
    assert refused.value.code == "imports.no_fitting_pack"
    assert not Organisation.objects.exists()


def test_people_need_units_first(tmp_path: Path) -> None:
    text = "number,name,unit_code,membership,valid_from\nM1,Mẫu,L1,official,2010-01-01\n"
    with pytest.raises(Refusal) as refused:
        run("people", file(tmp_path, text))
    assert refused.value.code == "imports.none_yet"


def test_a_cycle_needs_an_organisation() -> None:
    with pytest.raises(CommandError, match="no organisation yet"):
        call_command("cycle", "generate")
