"""Giving congresses their days, one or many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from conventus.core import clock
from conventus.core.door import action, can, note, write_each
from conventus.core.models import User
from conventus.core.rights import allowing
from conventus.core.rules import N_, Finding, Refusal, Refusals, each_of, raise_all, refusal_texts
from conventus.cycle.facts import Judged, Neighbours, Wish, judge, neighbours_of, schedule_of
from conventus.cycle.models import Congress, Cycle
from conventus.cycle.steps import recount, step
from conventus.org.models import Unit

refusal_texts(
    "cycle",
    {
        "date_with_superior": N_("The preparation is with the superior. Wait for its answer before you move the date."),
        "date_approved": N_(
            "The superior has approved this date. Only an organising officer of the superior moves it."
        ),
        "venue_missing": N_("Say where the congress meets."),
        "no_date": N_("There is no date to withdraw."),
        "nothing_dated": N_("No date was changed. Fill in at least one row."),
        "not_below": N_("“%(unit)s” is not directly below this unit. Date it on the page of its own superior."),
    },
)

State = Congress.State
DATABLE = (State.PLANNED, State.DATED, State.RETURNED, State.APPROVED)


class RowRefusals(Refusals):
    """What the law has against many dates at once, row by row; nothing was written."""

    def __init__(self, rows: Mapping[int, Sequence[Refusal]]) -> None:
        super().__init__([one for found in rows.values() for one in found])
        self.rows = rows


@action("cycle.schedule", phases=("preparation",))
def set_date(
    actor: User,
    congress: Congress,
    *,
    starts_on: date,
    start_half: str = "am",
    half_days: int | None = None,
    venue: str | None = None,
    preparatory: int | None = None,
) -> tuple[Finding, ...]:
    """Give a congress its day, length and place; returns what the law warns of."""
    wish = Wish(starts_on, start_half, half_days, preparatory, venue)
    raise_all(_state_refusals(actor, congress, wish))
    near = neighbours_of([congress])
    near.move(congress, starts_on, schedule_of(congress, wish, near).end)
    judged = judge(congress, wish, near, clock.today())
    moved = _moves(congress, wish)
    _take(congress, wish, judged)
    congress.save()
    if moved:
        recount([congress])
    note(warnings=_codes(judged.findings))
    return judged.findings


@action("cycle.view")
def set_dates(
    actor: User, unit: Unit, *, cycle: Cycle, wishes: Mapping[int, Wish], versions: Mapping[int, int] | None = None
) -> dict[int, tuple[Finding, ...]]:
    """Date many congresses directly below `unit` (wishes by their keys): all of them or, where one is refused, none.

    The right of `set_date` is judged on every single congress. All wishes are laid over what is on record before the
    first is judged, so that their order does not matter. Raises `RowRefusals`; returns the warnings by key.
    """
    rows = _rows(cycle, wishes)
    if not rows:
        raise Refusal("cycle.nothing_dated")
    near = neighbours_of(rows)
    for congress in rows:
        near.move(congress, wishes[congress.pk].starts_on, schedule_of(congress, wishes[congress.pk], near).end)
    judged = _judged(actor, unit, rows, wishes, near, versions or {})
    _write(actor, rows, wishes, judged)
    note(cycle=cycle.pk, dated=len(rows))
    return {pk: one.findings for pk, one in judged.items()}


@action("cycle.schedule", phases=("preparation",))
def withdraw_date(actor: User, congress: Congress) -> Congress:
    """Take the day of a congress back; it is to be dated anew."""
    if congress.starts_on is None:
        raise Refusal("cycle.no_date")
    raise_all(_state_refusals(actor, congress, None))
    congress.starts_on = congress.ends_on = None
    congress.start_half, congress.end_half = "am", ""
    step(congress, State.PLANNED)
    congress.save()
    recount([congress])
    return congress


def _state_refusals(actor: User, congress: Congress, wish: Wish | None) -> Iterable[Refusal]:
    if congress.state == State.SUBMITTED:
        yield Refusal("cycle.date_with_superior", field="starts_on")
    elif congress.state == State.APPROVED and not _above(actor, congress):
        yield Refusal("cycle.date_approved", field="starts_on")
    if wish is not None and not (congress.venue if wish.venue is None else wish.venue.strip()):
        yield Refusal("cycle.venue_missing", field="venue")


def _above(actor: User, congress: Congress) -> bool:
    return allowing(actor, "cycle.schedule", congress.superior, congress.phase) is not None


def _moves(congress: Congress, wish: Wish) -> bool:
    return congress.starts_on != wish.starts_on


def _take(congress: Congress, wish: Wish, judged: Judged) -> None:
    congress.starts_on, congress.start_half = wish.starts_on, wish.start_half
    congress.ends_on, congress.end_half = judged.schedule.end, judged.schedule.end_half
    for name in ("half_days", "preparatory", "venue"):
        value = getattr(wish, name)
        setattr(congress, name, getattr(congress, name) if value is None else value)
    congress.venue = congress.venue.strip()
    if congress.state == State.PLANNED:
        step(congress, State.DATED)


def _codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


# Many at once -------------------------------------------------------------------------------------


def _rows(cycle: Cycle, wishes: Mapping[int, Wish]) -> list[Congress]:
    rows = Congress.objects.select_for_update(of=("self",)).filter(cycle=cycle, pk__in=wishes)
    return list(rows.select_related("unit__organisation", "unit__parent__organisation", "cycle").order_by("unit__path"))


def _judged(
    actor: User,
    unit: Unit,
    rows: Iterable[Congress],
    wishes: Mapping[int, Wish],
    near: Neighbours,
    versions: Mapping[int, int],
) -> dict[int, Judged]:
    judged, refused, today = {}, {}, clock.today()
    for congress in rows:
        wish = wishes[congress.pk]
        try:
            raise_all(_row_refusals(actor, unit, congress, wish, versions.get(congress.pk)))
            judged[congress.pk] = judge(congress, wish, near, today)
        except Refusal as refusal:
            refused[congress.pk] = each_of(refusal)
    if refused:
        raise RowRefusals(refused)
    return judged


def _row_refusals(actor: User, unit: Unit, congress: Congress, wish: Wish, version: int | None) -> Iterable[Refusal]:
    if congress.unit.parent_id != unit.pk:
        yield Refusal("cycle.not_below", unit=congress.unit.name)
    elif refusal := can(actor, set_date, congress).refusal:
        yield refusal
    elif version is not None and version != congress.version:
        yield Refusal("core.changed_meanwhile")
    else:
        yield from _state_refusals(actor, congress, wish)


def _write(actor: User, rows: Sequence[Congress], wishes: Mapping[int, Wish], judged: Mapping[int, Judged]) -> None:
    """Save the rows, and give each its own line in the minute book, as if it had been dated alone."""
    moved = [congress for congress in rows if _moves(congress, wishes[congress.pk])]
    changes = []
    for congress in rows:
        before = congress.minutes()
        _take(congress, wishes[congress.pk], judged[congress.pk])
        congress.version += 1
        changes.append((congress, before, {"warnings": _codes(judged[congress.pk].findings)}))
    fields = "starts_on start_half ends_on end_half half_days preparatory venue state trail version".split()
    Congress.objects.bulk_update(rows, fields, batch_size=100)
    recount(moved)
    write_each(actor, set_date, changes)
