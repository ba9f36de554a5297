"""The shipped packs' laws, for the property tests: rules are tried under real values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from conventus.core import packs
from conventus.core.rules import Citation, Confidence, Refusal, Rule, Value, each_of
from conventus.cycle import rules as cycle
from conventus.directives import rules as directives
from conventus.elections import rules as elections
from conventus.org import rules as org

for _room, _law in {"org": org, "directives": directives, "cycle": cycle, "elections": elections}.items():
    packs.register_law(_room, _law.Law)

PARTY = packs.load("vn-party-2024")
CLUB = packs.load("association")
DAY = date(2025, 3, 20)

ORG: org.Law = PARTY.laws["org"]
DIRECTIVES: directives.Law = PARTY.laws["directives"]
CYCLE: cycle.Law = PARTY.laws["cycle"]
ELECTIONS: elections.Law = PARTY.laws["elections"]
CLUB_CYCLE: cycle.Law = CLUB.laws["cycle"]
CLUB_ELECTIONS: elections.Law = CLUB.laws["elections"]


def always(value: Any) -> Rule[Any]:
    """A rule with this one value, for trying what a pack could choose."""
    return Rule((Value(value, Citation("test"), Confidence.DEFAULT),))


def refused(call: Callable[[], object]) -> list[str]:
    """The codes that the call is refused with, sorted; fails when it is not refused."""
    with pytest.raises(Refusal) as caught:
        call()
    points = each_of(caught.value)
    assert all("%(" not in str(point) for point in points)
    return sorted(point.code for point in points)
