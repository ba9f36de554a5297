"""Opening a cycle and generating its congresses."""

from __future__ import annotations

from datetime import date

import pytest

from conventus.core.accounts import system_account
from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.cycle import actions, reads
from conventus.cycle.models import Congress
from conventus.org.actions import found_unit
from conventus.org.models import Unit

from .conftest import World, open_cycle


def test_one_congress_for_each_unit(world: World) -> None:
    assert Congress.objects.count() == 12
    ward, pilot = world.congress("W1"), world.congress("W5")
    assert (ward.window_from, ward.window_to) == (date(2025, 3, 3), date(2025, 4, 29))
    assert (pilot.pilot, pilot.window_to) == (True, date(2025, 2, 27))
    assert ward.contents == 4
    assert ward.half_days == 4
    assert ward.milestones.count() == 5
    assert ward.pack.startswith("vn-party-2024@")
    assert world.congress("W1-1").form == "members"
    assert ward.window_why[-1]["document"] == "268-KH/TU@2024-09-20"


def test_again_changes_nothing(world: World) -> None:
    found = actions.generate(world.people["province"], world.cycle)
    assert found.counts == {"created": 0, "refreshed": 0, "flipped": 0, "kept": 12, "problems": 0}
    assert Entry.objects.filter(action="cycle.generate").count() == 2


def test_directive_must_be_above_and_in_force(bare: World) -> None:
    with pytest.raises(Refusal) as refused:
        actions.open_cycle(
            bare.people["province"], bare.units["38"], name="X", term_from=2025, term_to=2030, directive=bare.plan
        )
    assert refused.value.code == "cycle.directive_not_above"
    open_cycle(bare)
    with pytest.raises(Refusal, match="already a cycle"):
        open_cycle(bare)


def test_preview_says_what_would_be_done(bare: World) -> None:
    cycle = open_cycle(bare)
    found = reads.generation_preview(cycle)
    assert found.by_level == {
        "province": {"created": 1}, "district": {"created": 2}, "base": {"created": 7}, "cell": {"created": 2},
    }  # fmt: skip
    assert found.pilots == 2
    assert not Congress.objects.exists()


def test_a_part_by_those_who_answer_for_it(bare: World) -> None:
    bare.cycles.append(open_cycle(bare))
    with pytest.raises(Refusal, match="no role of yours"):
        actions.generate(bare.people["organiser"], bare.cycle)
    found = actions.generate_part(bare.people["organiser"], bare.units["D380"], cycle=bare.cycle)
    assert found.counts["created"] == 9
    assert not Congress.objects.filter(unit__code="N1").exists()
    with pytest.raises(Refusal, match="no role of yours"):
        actions.generate_part(bare.people["viewer"], bare.units["D380"], cycle=bare.cycle)
    with pytest.raises(Refusal, match="does not belong to this cycle"):
        actions.generate_part(system_account("installer"), bare.units["TW"], cycle=bare.cycle)


def test_new_units_are_added_and_gone_ones_told(world: World) -> None:
    system = system_account("installer")
    found_unit(system, world.units["D380"], code="W9", level="base", kind="phường", name="Phường Mới")
    Unit.objects.filter(code="W4").update(valid_to=date(2025, 2, 1))
    found = actions.generate(system, world.cycle)
    assert [unit.code for unit, _draft in found.created] == ["W9"]
    assert [(one.unit.code, one.refusal.code) for one in found.problems] == [("W4", "cycle.unit_gone")]
    assert Congress.objects.filter(unit__code="W4").exists()
