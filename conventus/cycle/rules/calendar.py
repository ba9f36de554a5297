"""Windows, working days, lengths and the order of congresses (rulebook CAL-1 to CAL-15). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from conventus.core.rules import ERROR, Citation, Confidence, Finding, Refusal, Rule, Value, raise_all
from conventus.cycle.rules.law import AM, PM, Law, LevelLaw

DAY = timedelta(days=1)
NAMES_SHOWN = 5

# Windows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """One clause that bounds a window: its side (`opens` or `closes`), the day, and where it is written."""

    side: str
    day: date
    cite: Citation
    confidence: Confidence
    note: str = ""


@dataclass(frozen=True)
class PlanWindow:
    """Days that a superior's plan sets (inclusive, None = open); `document` is its citation key."""

    start: date | None
    due: date | None
    document: str
    provision: str = ""


@dataclass(frozen=True)
class Window:
    """The days on which a congress may sit (both inclusive) and the clauses that made it, the binding ones last."""

    opens: date
    closes: date
    why: tuple[Limit, ...]

    def binding(self, side: str) -> Limit:
        """The clause that sets the window's `opens` or `closes`."""
        return [limit for limit in self.why if limit.side == side][-1]

    def __contains__(self, day: date) -> bool:
        return self.opens <= day <= self.closes


def level_law(law: Law, level: str) -> LevelLaw:
    """The law of one level's congress; refuses a level that has none."""
    if level not in law.levels:
        raise Refusal("cycle.level_without_congress", field="level", level=level)
    return law.levels[level]


def congress_window(law: Law, level: str, pilot: bool, plans: Iterable[PlanWindow], on: date) -> Window:
    """The window of a congress as the law stands on day `on`, narrowed by the superiors' plans.

    Each plan may only narrow; a clause that does narrow is kept in `why` (CAL-1 to CAL-5, CAL-12).
    Raises `cycle.level_without_congress`, and `cycle.window_empty` when no day is left.
    """
    one = level_law(law, level)
    limits = [
        _limit("opens", (one.pilot_opens if pilot else one.opens).at(on)),
        _limit("closes", (one.pilot_closes if pilot else one.closes).at(on)),
    ]
    for plan in plans:
        limits += _narrowing(plan, limits)
    opens = max(limit.day for limit in limits if limit.side == "opens")
    closes = min(limit.day for limit in limits if limit.side == "closes")
    if closes < opens:
        raise Refusal("cycle.window_empty", article=limits[-1].cite, opens=opens, closes=closes)
    return Window(opens, closes, tuple(limits))


def _limit(side: str, value: Value[date]) -> Limit:
    return Limit(side, value.value, value.cite, value.confidence, value.note)


def _narrowing(plan: PlanWindow, limits: Iterable[Limit]) -> list[Limit]:
    days: dict[str, list[date]] = {"opens": [], "closes": []}
    for limit in limits:
        days[limit.side].append(limit.day)
    cite, found = Citation(plan.document, plan.provision), []
    if plan.start is not None and plan.start > max(days["opens"]):
        found.append(Limit("opens", plan.start, cite, Confidence.STATED))
    if plan.due is not None and plan.due < min(days["closes"]):
        found.append(Limit("closes", plan.due, cite, Confidence.STATED))
    return found


# Days --------------------------------------------------------------------------------------------


def is_working_day(day: date, holidays: Collection[date], weekend: Collection[int] = (6, 7)) -> bool:
    """Whether `day` is neither a holiday nor on the weekend (ISO weekdays, 7 = Sunday)."""
    return day not in holidays and day.isoweekday() not in weekend


def working_days_before(day: date, number: int, holidays: Collection[date], weekend: Collection[int] = (6, 7)) -> date:
    """The last day that leaves `number` working days before `day`: itself counted, `day` not.

    With 0 it is `day` itself; otherwise it is a working day. `weekend` must leave at least one working weekday.
    """
    while number > 0:
        day -= DAY
        number -= is_working_day(day, holidays, weekend)
    return day


@dataclass(frozen=True)
class Schedule:
    """The days a congress sits and when it ends (`am` = at noon, `pm` = in the evening)."""

    days: tuple[date, ...]
    end: date
    end_half: str


def schedule_of(start: date, half: str, half_days: int, closed: Collection[date] = ()) -> Schedule:
    """The sittings of `half_days` ≥ 1 half days from `start`, `am` or `pm`, stepping over `closed` days.

    The first day is taken as it is, even a closed one: that is for `check_date` to refuse.
    """
    days, day, left = [start], start, half_days - (2 if half == AM else 1)
    while left > 0:
        day = _next_open(day, closed)
        days.append(day)
        left -= 2
    return Schedule(tuple(days), day, AM if left < 0 else PM)


def _next_open(day: date, closed: Collection[date]) -> date:
    day += DAY
    while day in closed:
        day += DAY
    return day


def closed_days(
    law: Law, start: date, holidays: Collection[date], on: date | None = None, span: int = 31
) -> frozenset[date]:
    """The days after `start` on which no congress sits: holidays and closed weekdays, for `span` days ahead."""
    weekdays = law.closed_weekdays.at(on or start).value
    days = (start + DAY * ahead for ahead in range(1, span + 1))
    return frozenset(day for day in days if day in holidays or day.isoweekday() in weekdays)


def official_half_days(half_days: int, preparatory: int) -> int:
    """Half days left for the congress itself once the preparatory session is taken off (CAL-6)."""
    return half_days - preparatory


# The date of one congress ------------------------------------------------------------------------


@dataclass(frozen=True)
class Dated:
    """Another unit's congress as far as dates go; `start` and `end` are None while it has no date."""

    unit: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class DateFacts:
    """What the date of a congress is judged by.

    `children` are the congresses directly below, `pilots` those of the sister units that go first, `parent` the one
    above (None at the top or when it has none). `announced` is the day of the notice, None while there is none.
    """

    level: str
    start: date
    window: Window
    half: str = AM
    half_days: int = 1
    preparatory: int = 0
    pilot: bool = False
    announced: date | None = None
    children: tuple[Dated, ...] = ()
    pilots: tuple[Dated, ...] = ()
    parent: Dated | None = None


def check_date(
    law: Law, facts: DateFacts, holidays: Mapping[date, str], today: date | None = None
) -> tuple[Finding, ...]:
    """Refuse a date that the law does not allow; return the warnings about one that it does.

    The law is read as it stands on the opening day. `holidays` maps days to names. `today` (default: the opening day)
    decides whether a missing notice is late already. Raises a `Refusal` or `Refusals`, each with field and citation.
    """
    end = end_of(law, facts, holidays).end
    findings = [*_order_findings(law, facts, end), *_notice_findings(law, facts, holidays, today or facts.start)]
    errors = [finding.refusal() for finding in findings if finding.severity == ERROR]
    raise_all([*_day_refusals(law, facts, end, holidays), *_length_refusals(law, facts), *errors])
    return tuple(findings)


def end_of(law: Law, facts: DateFacts, holidays: Collection[date]) -> Schedule:
    """The schedule of the congress, holidays and closed weekdays stepped over."""
    return schedule_of(facts.start, facts.half, max(facts.half_days, 1), closed_days(law, facts.start, holidays))


def _day_refusals(law: Law, facts: DateFacts, end: date, holidays: Mapping[date, str]) -> Iterator[Refusal]:
    start, window = facts.start, facts.window
    if start < window.opens:
        cite = window.binding("opens").cite
        yield _refusal("before_window", cite, start=start, opens=window.opens)
    if end > window.closes:
        cite = window.binding("closes").cite
        yield _refusal("after_window", cite, end=end, closes=window.closes)
    closed = law.closed_weekdays.at(start)
    if start in holidays:
        yield _refusal("on_holiday", None, start=start, holiday=holidays[start])
    elif start.isoweekday() in closed.value:
        yield _refusal("on_closed_weekday", closed.cite, start=start)


def _length_refusals(law: Law, facts: DateFacts) -> Iterator[Refusal]:
    one = level_law(law, facts.level)
    longest, session = one.half_days.at(facts.start), one.preparatory.at(facts.start)
    length: dict[str, Any] = {"field": "half_days", "half_days": facts.half_days, "longest": longest.value}
    if facts.half_days < 1:
        yield _refusal("too_short", longest.cite, **length)
    elif facts.half_days > longest.value:
        yield _refusal("too_long", longest.cite, **length)
    before: dict[str, Any] = {"field": "preparatory", "half_days": facts.preparatory, "longest": session.value}
    if facts.preparatory > session.value:
        yield _refusal("preparatory_too_long", session.cite, **before)
    elif 0 < facts.half_days <= facts.preparatory:
        yield _refusal("preparatory_whole", session.cite, **before)


def _refusal(code: str, article: Citation | None, field: str = "starts_on", **params: Any) -> Refusal:
    return Refusal(f"cycle.{code}", article=article, field=field, **params)


def _order_findings(law: Law, facts: DateFacts, end: date) -> Iterator[Finding]:
    """Children before their parent (CAL-11), pilots before the wave (CAL-12), each in both directions."""
    child_gap, pilot_gap = law.child_gap_days.at(facts.start), law.pilot_gap_days.at(facts.start)
    rule = law.child_precedence
    yield from _after(facts, facts.children, child_gap, rule, "before_child", "child_undated")
    if facts.parent is not None and facts.parent.start is not None:
        yield from _before_parent(facts.parent.unit, facts.parent.start, end, child_gap, rule.at(facts.start))
    if not facts.pilot:
        yield from _after(facts, facts.pilots, pilot_gap, law.pilot_precedence, "before_pilot", "pilot_undated")


def _after(
    facts: DateFacts, others: tuple[Dated, ...], gap: Value[int], rule: Rule[str], early: str, undated: str
) -> Iterator[Finding]:
    """The opening must lie more than `gap` days after the end of each of `others`; the last of them is named."""
    severity = rule.at(facts.start)
    ended = [(other.end, other.unit) for other in others if other.end is not None]
    if ended:
        end, unit = max(ended)
        earliest = end + DAY * gap.value
        if facts.start <= earliest:
            params = {"unit": unit, "end": end, "earliest": earliest}
            yield Finding(f"cycle.{early}", severity.value, severity.cite, params)
    missing = [other.unit for other in others if other.end is None]
    if missing:
        names = ", ".join(missing[:NAMES_SHOWN]) + ("…" if len(missing) > NAMES_SHOWN else "")
        yield Finding(f"cycle.{undated}", "warning", severity.cite, {"count": len(missing), "units": names})


def _before_parent(unit: str, start: date, end: date, gap: Value[int], severity: Value[str]) -> Iterator[Finding]:
    latest = start - DAY * gap.value
    if end >= latest:
        params = {"unit": unit, "start": start, "latest": latest}
        yield Finding("cycle.after_parent", severity.value, severity.cite, params)


def _notice_findings(law: Law, facts: DateFacts, holidays: Collection[date], today: date) -> Iterator[Finding]:
    """The notice must reach the units long enough before the opening (CAL-9)."""
    notice = law.milestones.get("notice")
    if notice is None or facts.level not in notice.lead:
        return
    lead = notice.lead[facts.level].at(facts.start)
    due = lead_day(law, notice.counted, facts.start, lead.value, holidays)
    severity = law.notice_severity.at(facts.start).value
    if facts.announced is not None and facts.announced > due:
        params = {"announced": facts.announced, "due": due}
        yield Finding("cycle.notice_short", severity, lead.cite, params)
    elif facts.announced is None and today > due:
        yield Finding("cycle.notice_missing", severity, lead.cite, {"due": due})


def lead_day(law: Law, counted: str, start: date, lead: int, holidays: Collection[date]) -> date:
    """The last day for something due `lead` working days or days (`counted`) before the opening on `start`."""
    if counted == "working_days":
        return working_days_before(start, lead, holidays, law.weekend.at(start).value)
    return start - DAY * lead


# Milestones --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MilestoneDue:
    """A dated step of the preparation; `order` counts from 1 by day."""

    key: str
    name: str
    due: date
    order: int
    reported: bool
    required: bool
    lead: Value[int]


def milestones_of(law: Law, level: str, start: date, holidays: Collection[date]) -> tuple[MilestoneDue, ...]:
    """The dated milestones of a congress opening on `start`, the earliest first."""
    due = [
        (lead_day(law, one.counted, start, lead.value, holidays), key, lead)
        for key, one in law.milestones.items()
        if level in one.lead
        for lead in [one.lead[level].at(start)]
    ]
    due.sort(key=lambda entry: entry[0])
    return tuple(_milestone(law, order, *entry) for order, entry in enumerate(due, 1))


def _milestone(law: Law, order: int, due: date, key: str, lead: Value[int]) -> MilestoneDue:
    one = law.milestones[key]
    return MilestoneDue(key, one.name, due, order, one.reported, one.required, lead)
