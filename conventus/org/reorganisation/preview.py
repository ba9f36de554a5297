"""What a plan would touch, in figures that lead to the rows, and what the pack decides by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.models import Grant
from conventus.core.rights import Reader
from conventus.core.rules import Value
from conventus.org.hooks import PART, Affected, affected_in
from conventus.org.models import Holding
from conventus.org.reads import law_of
from conventus.org.reorganisation.judge import Judgement, living
from conventus.org.rules import Operation


@dataclass(frozen=True)
class Decided:
    """What the pack says about a merged, divided or new unit, with its clause and confidence."""

    what: str
    value: Any
    rule: Value[Any]


def counts_of(found: Judgement) -> dict[str, int]:
    """The figures of a plan before it takes effect."""
    touched = set(found.reform.ended) | {code for code, ways in found.reform.heirs.items() if len(ways) > 1}
    return {
        "units_before": len(found.case.old),
        "units_after": len(found.reform.after),
        "ended": len(found.reform.ended),
        "founded": len(found.reform.founded),
        "changed": len(found.reform.changed),
        "divided": sum(len(ways) > 1 for ways in found.reform.heirs.values()),
        "members": sum(unit.members for unit in found.case.old.values()),
        "members_touched": sum(found.case.old[code].members for code in touched),
        "undecided_members": sum(found.undecided.values()),
        "unplaced_units": len(found.reform.unplaced),
        "problems": len(found.problems),
    }


def levels_of(found: Judgement) -> list[tuple[str, int, int]]:
    """For each level: how many units before and after."""
    before = Counter(unit.level for unit in found.case.old.values())
    after = Counter(row.level for row in found.reform.after.values())
    return [(level, before[level], after[level]) for level in found.case.levels if before[level] or after[level]]


def operations_by_kind(found: Judgement) -> dict[str, list[Operation]]:
    """What the plan does, by kind."""
    kinds: dict[str, list[Operation]] = {}
    for one in found.reform.operations:
        kinds.setdefault(one.kind, []).append(one)
    return kinds


def affected(reader: Reader, found: Judgement) -> list[Affected]:
    """Everything that belongs to units which end or are divided, in this room and in those above."""
    keys = touched_keys(found)
    own = [one for one in _own(found, keys) if one.count]
    return [*own, *affected_in(reader, keys)]


def touched_keys(found: Judgement) -> list[int]:
    """The keys of the units that end or are divided."""
    divided = {code for code, ways in found.reform.heirs.items() if len(ways) > 1}
    return [found.stored[code].pk for code in sorted(divided | set(found.reform.ended))]


def _own(found: Judgement, keys: list[int]) -> Iterator[Affected]:
    reform, plan = found.reform, found.plan
    url = reverse("org:plan_units", args=[plan.pk])
    members = counts_of(found)["members_touched"]
    yield Affected(_("Members who get another unit, or whose unit is divided"), members, url)
    followers = len(set(reform.changed) - {one.code for one in found.stored.values() if one.pk in set(keys)})
    yield Affected(_("Units that go on, changed or below another superior"), followers, f"{url}?show=changed")
    yield Affected(_("Posts that end"), _held(found, keys), url, _("Surplus posts are for people to settle."))
    grants = sum(
        Grant.objects.filter(unit__in=keys[start : start + PART], valid_to__isnull=True).count()
        for start in range(0, len(keys), PART)
    )
    yield Affected(_("Roles on units that end"), grants, "", _("Give new ones on the new units."))


def _held(found: Judgement, keys: list[int]) -> int:
    ended = {found.stored[code].pk for code in found.reform.ended}
    wanted = [key for key in keys if key in ended]
    rows = Holding.objects.filter(living(found.plan.effective))
    return sum(
        rows.filter(post__unit__in=wanted[start : start + PART]).count() for start in range(0, len(wanted), PART)
    )


def decided_by_pack(found: Judgement) -> list[Decided]:
    """What follows for merged, divided and new units (T6, CON-3), as the pack has it on the day of the plan."""
    law, day = law_of(found.plan.organisation).reorganised, found.plan.effective
    words = {
        "elected": _("elected by the congress"),
        "appointed": _("appointed by the superior"),
        "unchanged": _("unchanged"),
    }
    ordinal, contents = law.ordinal_restarts.at(day), law.contents.at(day)
    committee, delegates = law.committee_mode.at(day), law.delegates_mode.at(day)
    return [
        Decided(_("Number of the next congress"), _("begins again at I") if ordinal.value else _("goes on"), ordinal),
        Decided(_("Contents of the next congress"), contents.value, contents),
        Decided(_("Committee"), words.get(committee.value, committee.value), committee),
        Decided(_("Delegates to the level above"), words.get(delegates.value, delegates.value), delegates),
    ]
