"""What the preview of a reorganisation tells of this room and of the plans below it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from conventus.org.hooks import affected_in
from tests.rooms.cycle.conftest import World


def test_congresses_and_obligations_of_units_that_end_are_counted(world: World) -> None:
    wards = [unit for unit in world.units.values() if unit.level == "base"]
    first = wards[0]
    world.date(first.code, date(2025, 4, 10))
    found = {str(one.what): one for one in affected_in(world.people["province"], [unit.pk for unit in wards])}
    assert found["Congresses planned or prepared"].count == len(wards)
    assert found["Congresses planned or prepared"].url == reverse("cycle:cycle", args=[world.cycle.pk])
    assert found["Open obligations"].count >= 1
    assert "Congresses held" not in found


def test_a_stranger_is_told_nothing(world: World) -> None:
    keys = [unit.pk for unit in world.units.values()]
    assert affected_in(world.people["stranger"], keys) == []
