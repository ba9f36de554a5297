"""Rows turned into what the law judges: holidays, windows, the dates of the congresses around one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language

from conventus.core.rules import (
    ERROR,
    N_,
    WARNING,
    Citation,
    Confidence,
    Finding,
    Refusal,
    each_of,
    raise_all,
    refusal_texts,
)
from conventus.cycle import rules
from conventus.cycle.models import Congress, Milestone

refusal_texts(
    "cycle",
    {
        "wave_before_pilot": N_("%(unit)s opens on %(start)s, and pilots go first. End before %(latest)s."),
        "date_past": N_("%(start)s has passed already. It is recorded as it is; check that it is meant."),
    },
)

NOTICE = "notice"
"""The milestone whose report announces the opening (CAL-9)."""


# Holidays -----------------------------------------------------------------------------------------


def holidays_around(congress: Congress) -> Mapping[date, str]:
    """The public holidays of the organisation's country in the years around the window."""
    country = congress.rules.core.country
    return holidays_in(country, congress.window_from.year - 1, congress.window_to.year + 1, get_language() or "en")


@lru_cache(maxsize=64)
def holidays_in(country: str, first: int, last: int, language: str) -> Mapping[date, str]:
    """Day → name for the years `first` to `last`, in `language` where the library speaks it, else in English."""
    import holidays

    known = holidays.country_holidays(country).supported_languages
    spoken = next((code for code in (language, f"{language}_US", "en_US") if code in known), None)
    return dict(holidays.country_holidays(country, years=range(first, last + 1), language=spoken))


# Windows ------------------------------------------------------------------------------------------


def why_of(window: rules.Window) -> list[dict[str, str]]:
    """The clauses of a window as the row keeps them."""
    return [
        {
            "side": limit.side,
            "day": limit.day.isoformat(),
            "document": limit.cite.document,
            "article": limit.cite.article,
            "confidence": str(limit.confidence),
            "text": limit.note,
        }
        for limit in window.why
    ]


def limit_of(kept: Mapping[str, str]) -> rules.Limit:
    """One clause of a window, read back from the row."""
    cite = Citation(kept["document"], kept["article"])
    return rules.Limit(
        kept["side"], date.fromisoformat(kept["day"]), cite, Confidence(kept["confidence"]), kept.get("text", "")
    )


def window_of(congress: Congress) -> rules.Window:
    """The window of a congress with its clauses."""
    limits = tuple(limit_of(kept) for kept in congress.window_why)
    return rules.Window(congress.window_from, congress.window_to, limits)


# The date of one congress among those around it ---------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """The day that somebody wants for a congress; None leaves length, preparatory session or venue as they are."""

    starts_on: date
    start_half: str = rules.AM
    half_days: int | None = None
    preparatory: int | None = None
    venue: str | None = None


def on_record(congress: Congress) -> Wish | None:
    """The date that a congress has, as a wish; None while it has none."""
    if congress.starts_on is None:
        return None
    return Wish(congress.starts_on, congress.start_half, congress.half_days, congress.preparatory, congress.venue)


@dataclass(frozen=True)
class Judged:
    """A wish that the law allows: its sittings, and the warnings about it."""

    schedule: rules.Schedule
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Near:
    unit: int
    parent: int | None
    name: str
    pilot: bool
    start: date | None
    end: date | None

    @property
    def dated(self) -> rules.Dated:
        return rules.Dated(self.name, self.start, self.end)


@dataclass
class Neighbours:
    """The dates around some congresses of one cycle. Wishes are laid over them before any of them is judged."""

    rows: dict[int, _Near] = field(default_factory=dict)
    below: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    pilots: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    announced: dict[int, date] = field(default_factory=dict)

    def move(self, congress: Congress, start: date, end: date) -> None:
        """Count with `congress` from `start` to `end` instead of what is on record."""
        if near := self.rows.get(congress.unit_id):
            self.rows[near.unit] = replace(near, start=start, end=end)

    def children(self, unit: int | None) -> list[_Near]:
        """The congresses directly below a unit."""
        return [self.rows[key] for key in self.below.get(unit, ())]

    def facts(self, congress: Congress, wish: Wish) -> rules.DateFacts:
        """What the date of `congress` is judged by."""
        pilots = (key for key in self.pilots.get(congress.unit.parent_id, ()) if key != congress.unit_id)
        parent = self.rows.get(congress.unit.parent_id or 0)
        return rules.DateFacts(
            level=congress.unit.level,
            start=wish.starts_on,
            window=window_of(congress),
            half=wish.start_half,
            half_days=congress.half_days if wish.half_days is None else wish.half_days,
            preparatory=congress.preparatory if wish.preparatory is None else wish.preparatory,
            pilot=congress.pilot,
            announced=None if congress.starts_on != wish.starts_on else self.announced.get(congress.pk),
            children=tuple(near.dated for near in self.children(congress.unit_id)),
            pilots=tuple(self.rows[key].dated for key in pilots),
            parent=parent.dated if parent else None,
        )


def neighbours_of(congresses: Sequence[Congress]) -> Neighbours:
    """The congresses directly above, beside and below some congresses of one cycle, in two queries."""
    near = Neighbours()
    units = [congress.unit_id for congress in congresses]
    parents = {congress.unit.parent_id for congress in congresses if congress.unit.parent_id}
    around = Q(unit__parent__in=[*units, *parents]) | Q(unit__in=[*units, *parents])
    rows = Congress.objects.filter(around, cycle=congresses[0].cycle_id).order_by("unit__path")
    for row in rows.values_list("unit_id", "unit__parent_id", "unit__name", "pilot", "starts_on", "ends_on"):
        near.rows[row[0]] = _Near(*row)
        near.below[row[1]].append(row[0])
        if row[3]:
            near.pilots[row[1]].append(row[0])
    notices = Milestone.objects.filter(congress__in=congresses, key=NOTICE, reported_on__isnull=False)
    near.announced = {pk: day for pk, day in notices.values_list("congress_id", "reported_on") if day}
    return near


def judge(congress: Congress, wish: Wish, near: Neighbours, today: date) -> Judged:
    """The sittings that a wish leads to, with the warnings; raises everything that the law has against it."""
    law, holidays, facts = congress.law, holidays_around(congress), near.facts(congress, wish)
    schedule = rules.end_of(law, facts, holidays)
    findings = [*_wave_findings(congress, near, schedule.end), *_past(wish, today)]
    problems = [one.refusal() for one in findings if one.severity == ERROR]
    try:
        findings += rules.check_date(law, facts, holidays, today)
    except Refusal as refusal:
        problems = [*each_of(refusal), *problems]
    raise_all(problems)
    return Judged(schedule, tuple(findings))


def schedule_of(congress: Congress, wish: Wish, near: Neighbours) -> rules.Schedule:
    """The sittings that a wish leads to, whatever the law says about it."""
    return rules.end_of(congress.law, near.facts(congress, wish), holidays_around(congress))


NOTICE_CODES = ("cycle.notice_short", "cycle.notice_missing")


def notice_findings(congress: Congress, today: date) -> tuple[Finding, ...]:
    """What the law says about the announcement of the date on record (CAL-9), error or warning as the pack has it."""
    wish = on_record(congress)
    if wish is None:
        return ()
    law, near = congress.law, neighbours_of([congress])
    facts = replace(near.facts(congress, wish), children=(), pilots=(), parent=None)
    try:
        findings = rules.check_date(law, facts, holidays_around(congress), today)
    except Refusal as refusal:
        found = [one for one in each_of(refusal) if one.code in NOTICE_CODES]
        return tuple(Finding(one.code, ERROR, one.article, one.params) for one in found)
    return tuple(one for one in findings if one.code in NOTICE_CODES)


def _wave_findings(congress: Congress, near: Neighbours, end: date) -> tuple[Finding, ...]:
    """A pilot must not be moved behind the sister units that were to follow it (CAL-12)."""
    if not congress.pilot:
        return ()
    sisters = near.children(congress.unit.parent_id)
    wave = [(one.start, one.name) for one in sisters if one.start and not one.pilot]
    if not wave:
        return ()
    start, name = min(wave)
    law = congress.law
    latest = start - timedelta(days=law.pilot_gap_days.at(end).value)
    if end < latest:
        return ()
    severity = law.pilot_precedence.at(end)
    params: dict[str, Any] = {"unit": name, "start": start.isoformat(), "latest": latest.isoformat()}
    return (Finding("cycle.wave_before_pilot", severity.value, severity.cite, params),)


def _past(wish: Wish, today: date) -> Iterable[Finding]:
    if wish.starts_on < today:
        yield Finding("cycle.date_past", WARNING, params={"start": wish.starts_on.isoformat()})
