"""A judged plan carried out: units, their former states, successions, memberships, posts; set by set, not by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from conventus.core.jobs import Progress, silent
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org.imports.bulk import insert_rows, update_rows
from conventus.org.models import Displaced, Holding, Membership, Placement, Succession, Unit, UnitState
from conventus.org.names import fold, step
from conventus.org.reorganisation.judge import Judgement, Stored, living, placed_people
from conventus.org.rules import Step, UnitRow, shared_out

refusal_texts(
    "org",
    {
        "members_lost": N_(
            "%(before)s members before, %(after)s after: the plan was not carried out. Report this with the plan."
        ),
    },
)

BATCH = 2000
STAGES = 6


@dataclass
class Written:
    """What was written: the units by code as they were, the successions, and the counts."""

    before: Mapping[str, Stored]
    places: dict[str, tuple[int, str]]
    """By code: the key and the path of every unit, new ones among them."""
    changed: list[str] = field(default_factory=list)
    """The units that go on otherwise than before, by code; not those that merely hang below a moved one."""
    successions: list[Succession] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def carry_out(found: Judgement, progress: Progress = silent) -> Written:
    """Write everything that the plan does. The caller has judged it, and holds the organisation in a transaction."""
    plan, out = found.plan, Written(found.stored, {one.code: (one.pk, one.path) for one in found.stored.values()})
    before = _living_members(found)
    progress(0, STAGES, _("Units"))
    _found_units(found, out)
    _change_units(found, out)
    progress(1, STAGES, _("Successions"))
    _write_successions(found, out)
    progress(2, STAGES, _("Divided units"))
    _place_by_rule(found)
    progress(3, STAGES, _("Memberships"))
    moved = _move_memberships(found)
    progress(5, STAGES, _("Posts"))
    ended = _end_posts(found)
    after = _living_members(found)
    if before != after:
        raise Refusal("org.members_lost", before=before, after=after)
    _count_members(found, out)
    out.counts = {
        "ended": len(found.reform.ended),
        "founded": len(found.reform.founded),
        "changed": len(found.reform.changed),
        "successions": len(out.successions),
        "members": after,
        "moved": moved,
        "posts": ended,
    }
    progress(STAGES, STAGES, plan.name)
    return out


def _living_members(found: Judgement) -> int:
    rows = Membership.objects.filter(living(found.plan.effective), unit__organisation=found.plan.organisation_id)
    return rows.count()


# Units ----------------------------------------------------------------------------------------


def _found_units(found: Judgement, out: Written) -> None:
    """New units, those above first; their paths come last, because their superiors may move."""
    waiting = [found.reform.after[code] for code in found.reform.founded]
    while waiting:
        ready = [row for row in waiting if not row.parent or row.parent in out.places]
        waiting = [row for row in waiting if row.parent and row.parent not in out.places]
        assert ready, "a judged plan has no unit without its superior"
        for start in range(0, len(ready), BATCH):
            _create(found, out, ready[start : start + BATCH])


def _create(found: Judgement, out: Written, rows: Sequence[UnitRow]) -> None:
    units = [
        Unit(
            organisation=found.plan.organisation,
            parent_id=out.places[row.parent][0] if row.parent else None,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            **_described(row),
            code=row.code,
        )
        for row in rows
    ]
    for unit in Unit.objects.bulk_create(units):
        out.places[unit.code] = (unit.pk, "")


def _described(row: UnitRow) -> dict[str, str]:
    return {"level": row.level, "kind": row.kind, "name": row.name, "folded": fold(f"{row.name} {row.code}")}


def _change_units(found: Judgement, out: Written) -> None:
    """Those that end, go on otherwise, or hang below one that moves; how each stood is kept."""
    parents = _parents(found, out)
    paths = _paths(found, out, parents)
    eve = found.plan.effective - timedelta(days=1)
    ended, changed = set(found.reform.ended), set(found.reform.changed)
    rows, kept = [], []
    for one in found.stored.values():
        pk, path = one.pk, paths[one.pk]
        if one.code in ended or one.code in changed or path != one.path:
            row = found.reform.after.get(one.code) if one.code in changed else None
            rows.append((_values(one, row, parents[pk], path, eve if one.code in ended else one.valid_to), pk))
            kept.append(one)
    _keep_states(found, kept, eve)
    update_rows(Unit, rows)
    new = [(paths[out.places[code][0]], out.places[code][0]) for code in found.reform.founded]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE org_unit SET path = %s WHERE id = %s", new)
    out.places = {code: (pk, paths[pk]) for code, (pk, _path) in out.places.items()}
    out.changed = [code for code in found.reform.after if code in changed]


def _values(one: Stored, row: UnitRow | None, parent: int | None, path: str, until: date | None) -> dict[str, Any]:
    level, kind, name = (row.level, row.kind, row.name) if row else (one.level, one.kind, one.name)
    values = {"level": level, "kind": kind, "name": name, "folded": fold(f"{name} {one.code}")}
    return values | {"parent_id": parent, "path": path, "valid_to": until}


def _parents(found: Judgement, out: Written) -> dict[int, int | None]:
    """The superior of every unit afterwards, by key."""
    after = found.reform.after
    parents = {one.pk: one.parent for one in found.stored.values()}
    for code in (*found.reform.changed, *found.reform.founded):
        pk, above = out.places[code][0], after[code].parent
        if found.plan.unit is None or pk != found.plan.unit.pk:
            parents[pk] = out.places[above][0] if above else None
    return parents


def _paths(found: Judgement, out: Written, parents: Mapping[int, int | None]) -> dict[int, str]:
    """The path of every unit afterwards: that of its superior and its own step."""
    top = found.plan.unit
    paths: dict[int, str] = {top.pk: top.path} if top else {}
    for pk in parents:
        way: list[int] = []
        here: int | None = pk
        while here is not None and here not in paths:
            way.append(here)
            here = parents[here]
        path = paths[here] if here is not None else ""
        for one in reversed(way):
            path += step(one)
            paths[one] = path
    return paths


STATE = ("unit_id", "plan_id", "level", "kind", "name", "parent_id", "path", "valid_from", "valid_to", "unit_until",
         "unit_version")  # fmt: skip


def _keep_states(found: Judgement, units: Sequence[Stored], eve: date) -> None:
    last = dict(
        UnitState.objects.filter(unit__organisation=found.plan.organisation_id)
        .order_by()
        .values_list("unit_id")
        .annotate(last=Max("valid_to"))
    )
    rows = []
    for one in units:
        begun = last[one.pk] + timedelta(days=1) if one.pk in last else one.valid_from
        state = (one.level, one.kind, one.name, one.parent, one.path, begun, eve, one.valid_to, one.version + 1)
        rows.append((one.pk, found.plan.pk, *state))
    insert_rows(UnitState, STATE, rows)


# Successions ----------------------------------------------------------------------------------


def _write_successions(found: Judgement, out: Written) -> None:
    rows = [
        Succession(
            plan=found.plan,
            step=found.rows.get(heir.step),
            old_id=out.places[old][0],
            new_id=out.places[heir.new][0],
            whole=heir.whole,
            day=found.plan.effective,
        )
        for old, heirs in found.reform.heirs.items()
        for heir in heirs
    ]
    out.successions = Succession.objects.bulk_create(rows, batch_size=BATCH)


def _count_members(found: Judgement, out: Written) -> None:
    """Say at each succession how many members went that way."""
    codes = {pk: code for code, (pk, _path) in out.places.items()}
    placed = found.plan.placements.filter(person__isnull=False).order_by().values_list("step_id")
    by_step = dict(placed.annotate(count=Count("pk")))
    for row in out.successions:
        whole = found.case.old[codes[row.old_id]].members
        row.members = whole if row.whole else by_step.get(row.step_id, 0)
    values = [(row.members, row.pk) for row in out.successions]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE org_succession SET members = %s WHERE id = %s", values)


def _place_by_rule(found: Judgement) -> None:
    """Write down where each member of a divided unit goes whom no person has placed."""
    by_old: dict[str, list[Step]] = {}
    for one in found.steps:
        by_old.setdefault(one.old, []).append(one)
    divided = {found.stored[code].pk: steps for code, steps in by_old.items() if len(steps) > 1}
    if not divided:
        return
    placed = placed_people(found.plan)
    stale = found.plan.placements.filter(person__isnull=False).exclude(person__in=_people_in(placed))
    stale.delete()
    rows: list[tuple[Any, ...]] = []
    for pk, people in _members_of(divided, found.plan.effective):
        code = divided[pk][0].old
        free = [person for person in people if person not in placed.get(code, ())]
        for number, taken in shared_out(free, divided[pk]).items():
            rows += ((found.plan.pk, found.rows[number].pk, person, True) for person in taken)
    insert_rows(Placement, ("plan_id", "step_id", "person_id", "by_rule"), rows)


def _people_in(placed: Mapping[str, set[int]]) -> list[int]:
    return [person for people in placed.values() for person in people]


def _members_of(units: Iterable[int], day: date) -> Iterable[tuple[int, list[int]]]:
    """The members of each unit that live on at `day`, in the order of their numbers."""
    for pk in units:
        rows = Membership.objects.filter(living(day), unit=pk).order_by("person__code")
        yield pk, list(rows.values_list("person_id", flat=True))


# Memberships ----------------------------------------------------------------------------------

MOVING = """
    (unit_id IN (SELECT old_id FROM org_succession WHERE plan_id = %(plan)s AND whole AND new_id <> old_id)
     OR (unit_id IN (SELECT old_id FROM org_succession WHERE plan_id = %(plan)s AND NOT whole)
         AND person_id IN (SELECT placed.person_id FROM org_placement placed
                           JOIN org_succession way ON way.step_id = placed.step_id
                           WHERE placed.plan_id = %(plan)s AND placed.person_id IS NOT NULL
                             AND way.plan_id = %(plan)s AND way.new_id <> way.old_id)))
    AND (valid_to IS NULL OR valid_to >= %(day)s)
"""
UNUSUAL = f"""
    SELECT id, person_id, unit_id, valid_from, valid_to FROM org_membership
    WHERE (valid_to IS NOT NULL OR valid_from >= %(day)s) AND {MOVING}
"""  # noqa: S608
END = f"""
    UPDATE org_membership SET valid_to = %(eve)s, ended_by_id = %(plan)s, version = version + 1
    WHERE valid_from < %(day)s AND {MOVING}
"""  # noqa: S608
BEGIN = """
    INSERT INTO org_membership (version, person_id, unit_id, kind, valid_from, valid_to, begun_by_id, ended_by_id)
    SELECT 1, old.person_id, way.new_id, old.kind, %(day)s, NULL, %(plan)s, NULL
"""
# The plus signs keep planners without statistics from walking the index of all ended rows once for every unit.
BEGIN_WHOLE = f"""{BEGIN}
    FROM org_succession way JOIN org_membership old ON old.unit_id = way.old_id AND +old.ended_by_id = %(plan)s
    WHERE way.plan_id = %(plan)s AND way.whole AND way.new_id <> way.old_id
"""
BEGIN_PARTS = f"""{BEGIN}
    FROM org_placement placed JOIN org_succession way ON way.step_id = placed.step_id AND way.plan_id = placed.plan_id
    JOIN org_membership old ON old.person_id = placed.person_id AND +old.unit_id = way.old_id
                           AND +old.ended_by_id = %(plan)s
    WHERE placed.plan_id = %(plan)s AND NOT way.whole AND way.new_id <> way.old_id
"""


def _move_memberships(found: Judgement) -> int:
    """End the memberships that go elsewhere and begin those that follow; gives how many went.

    The few that end later anyway, or begin on the day or after it, are kept as they stood, for undoing.
    """
    day = found.plan.effective
    values = {"plan": found.plan.pk, "day": _sql(day), "eve": _sql(day - timedelta(days=1))}
    with connection.cursor() as cursor:
        cursor.execute(UNUSUAL, values)
        unusual = list(cursor.fetchall())
        _keep_unusual(found, unusual)
        cursor.execute(END, values)
        moved = int(cursor.rowcount)
        cursor.execute(BEGIN_WHOLE, values)
        cursor.execute(BEGIN_PARTS, values)
    return moved + _set_unusual(found, unusual)


def _sql(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _keep_unusual(found: Judgement, rows: Sequence[tuple[Any, ...]]) -> None:
    kept = [
        Displaced(
            plan=found.plan,
            table="membership",
            key=pk,
            before={"unit": unit, "valid_to": str(_date(until)) if until else None},
        )
        for pk, _person, unit, _since, until in rows
    ]
    Displaced.objects.bulk_create(kept, batch_size=BATCH)


def _set_unusual(found: Judgement, rows: Sequence[tuple[Any, ...]]) -> int:
    """Those that end later end in the new unit; those that begin later begin there."""
    whole = dict(found.plan.successions.filter(whole=True).values_list("old_id", "new_id"))
    parts = dict(found.plan.placements.filter(person__in=[row[1] for row in rows]).values_list("person_id", "step_id"))
    by_step = dict(found.plan.successions.filter(whole=False).values_list("step_id", "new_id"))
    begun_later = 0
    for pk, person, unit, since, until in rows:
        if (_date(since) or date.min) >= found.plan.effective:
            to = whole.get(unit) or by_step[parts[person]]
            Membership.objects.filter(pk=pk).update(unit_id=to)
            begun_later += 1
        else:
            Membership.objects.filter(begun_by=found.plan, person_id=person).update(valid_to=_date(until))
    return begun_later


# Posts ----------------------------------------------------------------------------------------


def _end_posts(found: Judgement) -> int:
    """End the posts of units that end, and in divided units those of the people who leave them."""
    day = found.plan.effective
    ended = Q(post__unit__states__plan=found.plan, post__unit__valid_to=day - timedelta(days=1))
    held = Holding.objects.filter(living(day), post__unit__organisation=found.plan.organisation_id)
    rows = list(held.filter(ended | Q(pk__in=_left_behind(found, held))).distinct())
    kept = [
        Displaced(
            plan=found.plan,
            table="holding",
            key=row.pk,
            before={"valid_to": row.valid_to.isoformat() if row.valid_to else None},
        )
        for row in rows
    ]
    Displaced.objects.bulk_create(kept, batch_size=BATCH)
    update_rows(Holding, [({"valid_to": day - timedelta(days=1)}, row.pk) for row in rows])
    return len(rows)


def _left_behind(found: Judgement, held: Any) -> list[int]:
    """The holdings in units that go on, of people who go to another one."""
    away = Membership.objects.filter(ended_by=found.plan).values_list("person_id", "unit_id")
    parts = [row.old_id for row in found.plan.successions.filter(whole=False)]
    gone = set(away.filter(unit__in=parts)) if parts else set()
    rows = held.filter(post__unit__in=parts).values_list("pk", "person_id", "post__unit_id")
    return [pk for pk, person, unit in rows if (person, unit) in gone]
