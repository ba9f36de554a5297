"""`conventus reorganise` and `conventus export`: dirty rows by number, lists, shares, days, undone to the byte."""

from __future__ import annotations

import json
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conventus.org import reads
from conventus.org.models import Membership, ReorganisationPlan, Succession
from tests.rooms.org.house import House
from tests.rooms.org.test_reorganise import DAY, EVE, wards

PLAN = "level,old_code,new_code,whole_or_part\n"
TREE_HEAD = "code,parent_code,level,kind,name\n"


def run(*words: Any) -> dict[str, Any]:
    out = StringIO()
    with suppress(CommandError):
        call_command("reorganise", *map(str, words), "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def files(folder: Path, plan: str, tree: str = "") -> list[Any]:
    (folder / "plan.csv").write_text(PLAN + plan, "utf-8")
    words: list[Any] = [folder / "plan.csv", "--effective", DAY.isoformat(), "--under", "C1"]
    if tree:
        (folder / "tree.csv").write_text(TREE_HEAD + tree, "utf-8")
        words += ["--tree", folder / "tree.csv"]
    return words


def exported(what: str, day: Any, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    call_command("export", what, "--on", day.isoformat())
    return capsys.readouterr().out


WHOLE = "A,C1,base,phường,Phường A\nN,C1,base,phường,Phường Mới\nW1,C1,base,phường,Phường Đông Ngàn\n"


def test_a_plan_from_files_takes_effect_and_back(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wards(house)
    before = [exported(what, day, capsys) for what in ("units", "people") for day in (EVE, DAY)]
    words = files(tmp_path, "base,B,N,whole\nbase,C,N,part: 50%\nbase,C,A,part: rest\n", WHOLE)
    dry = run(*words, "--dry-run")
    assert (dry["done"], dry["dry_run"]) == (True, True)
    assert not ReorganisationPlan.objects.exists()
    done = run(*words)
    assert done["done"], done
    assert {(way["old"], way["new"]): way["members"] for way in done["successions"]} == {
        ("B", "N"): 4, ("C", "N"): 2, ("C", "A"): 2, ("A", "A"): 4,
    }  # fmt: skip
    assert done["counts"]["members"] == 24
    assert [exported(what, EVE, capsys) for what in ("units", "people")] == before[::2]
    assert exported("people", DAY, capsys) != before[3]
    assert run("--undo", done["plan"])["done"]
    assert [exported(what, day, capsys) for what in ("units", "people") for day in (EVE, DAY)] == before


def test_dirty_rows_are_reported_by_number_and_nothing_is_written(house: House, tmp_path: Path) -> None:
    wards(house)
    plan = (
        "base,X,N,whole\n"  # 2: unknown
        "base,A,NOWHERE,whole\n"  # 3: no such successor
        "base,B,N,whole\nbase,B,N,whole\n"  # 4, 5: named twice
        "base,C,N,half\n"  # 6: no such share
        "nonsense,W1,W1,whole\n"  # 7: no such level
    )
    tree = "N,C1,base,,New\nM,Q,base,,Newer\nN,C1,base,,Again\nQ,M,base,,Ring\n"
    result = run(*files(tmp_path, plan, tree))
    found = {(one["file"], one["row"], one["code"]) for one in result["problems"]}
    assert not result["done"]
    assert found >= {
        ("plan", 2, "org.plan_unit_unknown"),
        ("plan", 3, "org.successor_unknown"),
        ("plan", 5, "org.successor_twice"),
        ("plan", 6, "org.share_unknown"),
        ("plan", 7, "org.level_unknown"),
        ("tree", 2, "org.code_twice"),
        ("tree", 4, "org.code_twice"),
        ("tree", 3, "org.tree_cycle"),
        ("tree", 5, "org.tree_cycle"),
        ("unit", None, "org.left_without_successor"),
    }
    assert not ReorganisationPlan.objects.exists()
    assert not Succession.objects.exists()


def test_a_part_without_a_rule_is_reported_or_decided_by_a_list(house: House, tmp_path: Path) -> None:
    wards(house)
    words = files(tmp_path, "base,C,A,part\nbase,C,C,part\nbase,A,A,whole\n")
    result = run(*words)
    assert [(one["row"], one["code"]) for one in result["problems"]] == [
        (2, "org.part_without_rule"),
        (3, "org.part_without_rule"),
    ]
    who = tmp_path / "who.csv"
    who.write_text("number,unit_code,new_code\nC-0,,A\nC-1,,A\nC-2,,C\nC-3,,C\n,Cx,A\nC-9,,A\n", "utf-8")
    assert [(one["file"], one["row"]) for one in run(*words, "--who", who)["problems"]] == [("who", 7)]
    who.write_text("number,unit_code,new_code\nC-0,,A\nC-1,,A\nC-2,,C\nC-3,,C\n,Cx,A\n", "utf-8")
    assert run(*words, "--who", who)["done"]
    assert house.unit("Cx").parent == house.unit("A")
    assert Membership.objects.get(person__code="C-0", valid_to=None).unit == house.unit("A")


def test_parts_in_equal_shares(house: House, tmp_path: Path) -> None:
    wards(house)
    words = files(tmp_path, "base,C,A,part\nbase,C,B,part\nbase,A,A,whole\nbase,B,B,whole\n")
    done = run(*words, "--parts", "even")
    assert {way["new"]: way["members"] for way in done["successions"] if way["old"] == "C"} == {"A": 2, "B": 2}


def test_a_plan_for_later_waits(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wards(house)
    words = files(tmp_path, "base,A,B,whole\nbase,B,B,whole\n")
    words[2] = "2025-03-01"
    assert run(*words)["state"] == "waiting"
    assert run("--due")["plans"] == []
    monkeypatch.setenv("CONVENTUS_TODAY", "2025-03-02")
    assert len(run("--due")["plans"]) == 1
    assert reads.successors_on(house.unit("A")) == [house.unit("B")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name a plan, a new tree"),
        (["x.csv"], "Say when"),
        (["x.csv", "--effective", "2025-02-01"], "There is no file"),
        (["--undo", "77"], "There is no plan 77"),
        (["x.csv", "--effective", "2025-02-01", "--organisation", "nobody"], "There is no file"),
    ],
)
def test_what_cannot_be_read_is_said(house: House, words: list[str], said: str) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("reorganise", *words, stdout=out)
    assert said in out.getvalue()
