"""What the congresses put on somebody's desk: own steps one by one, those of the units below in sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conventus.core.desk import DeskItem, in_order
from conventus.core.rights import Reader, scopes
from conventus.core.rules import Citation
from conventus.cycle.models import Congress, Milestone
from conventus.cycle.reads.congresses import (
    PREPARING,
    all_congresses_of,
    late,
    outside_window,
    to_appraise,
    to_recognise,
)
from conventus.directives.reads import open_obligations
from conventus.directives.terms import term

State = Congress.State
AHEAD = timedelta(days=14)
"""How long before its day a congress that is ready to be opened stands on the desk."""
ONE_BY_ONE = 8
"""Up to this many waiting congresses stand on the desk one by one; more are summed up."""


def desk_items(reader: Reader, today: date) -> list[DeskItem]:
    """What `reader` has to do about congresses, by due day."""
    return in_order([*_own(reader, today), *_below(reader, today), *_waiting(reader, today)])


# The reader's own units ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Own:
    """A congress of a unit that the reader answers for."""

    reader: Reader
    congress: Congress
    today: date
    result_due: tuple[date | None, Citation | str]
    """When a plan wants the result, and by which clause."""

    def may(self, permission: str) -> bool:
        """Whether the reader has this right at the unit in some phase."""
        return any(self.congress.unit.path.startswith(path) for path in scopes(self.reader, permission))

    def item(
        self, kind: str, title: str, verb: str, due: date | None, why: Citation | str = "", part: str = "", **more: Any
    ) -> DeskItem:
        """One thing to do about this congress; `part` is where on its page."""
        return _item(self.congress, kind, title, verb, due, why, self.today, part, **more)

    @property
    def findings(self) -> str:
        """The latest of what was found wrong."""
        texts = [text for one in self.congress.reviews.all() if not one.approved for text in one.findings]
        return texts[-1] if texts else ""

    @property
    def appraised(self) -> bool:
        """Whether the pack wants the preparation appraised."""
        return self.congress.law.appraisal_required.at(self.today).value


def _item(
    congress: Congress,
    kind: str,
    title: str,
    verb: str,
    due: date | None,
    why: Citation | str,
    today: date,
    part: str = "",
    **more: Any,
) -> DeskItem:
    url = reverse("cycle:congress", args=[congress.pk]) + part
    return DeskItem(title, congress.unit, due, why, url, verb, f"cycle.{kind}", today, state=congress.state, **more)


def _own(reader: Reader, today: date) -> Iterator[DeskItem]:
    roots = _roots(reader, "cycle.prepare", "cycle.schedule", "cycle.hold", "cycle.file")
    rows = all_congresses_of(reader).filter(unit__path__in=roots).exclude(state=State.RECOGNISED)
    congresses = list(rows.prefetch_related("milestones", "reviews"))
    results = _result_duties(congresses)
    for congress in congresses:
        own = _Own(reader, congress, today, results.get(congress.unit_id, (None, "")))
        for step in (_date, _milestones, _submit, _session, _file):
            yield from step(own)


def _roots(reader: Reader, *permissions: str) -> list[str]:
    return sorted({path for permission in permissions for path in scopes(reader, permission) if path})


def _date(own: _Own) -> Iterator[DeskItem]:
    congress = own.congress
    if not own.may("cycle.schedule"):
        return
    if congress.state == State.PLANNED:
        first = min((step.due for step in congress.milestones.all() if step.due), default=congress.window_to)
        why = _clause(congress, "closes")
        yield own.item("date", _("Set the date of the congress"), _("Set the date"), first, why, "#date")
    elif congress.state in PREPARING and congress.outside_window:
        early = (congress.starts_on or own.today) < congress.window_from
        title, why = (
            _("The window has changed: the date lies outside it"),
            _clause(congress, "opens" if early else "closes"),
        )
        yield own.item("window", title, _("Look at the date"), congress.starts_on, why, "#date")


def _clause(congress: Congress, side: str) -> Citation | str:
    """The clause that sets this side of the window."""
    clauses = [Citation(one["document"], one["article"]) for one in congress.window_why if one["side"] == side]
    return clauses[-1] if clauses else ""


def _milestones(own: _Own) -> Iterator[DeskItem]:
    congress = own.congress
    if congress.state not in PREPARING or congress.starts_on is None or not own.may("cycle.prepare"):
        return
    for step in congress.milestones.all():
        if step.reported_on is None and _is_own(congress, step):
            words, optional = term(congress.rules, f"milestone.{step.key}"), not step.required
            yield own.item("milestone", words, _("Report it"), step.due, _cite(step), "#milestones", optional=optional)


def _is_own(congress: Congress, step: Milestone) -> bool:
    one = congress.law.milestones.get(step.key)
    return one is None or one.reported


def _cite(step: Milestone) -> Citation | str:
    return Citation(step.why["document"], step.why["article"]) if step.why else ""


def _submit(own: _Own) -> Iterator[DeskItem]:
    congress = own.congress
    if not own.may("cycle.prepare"):
        return
    due, why = _approval_due(congress)
    if congress.state == State.RETURNED:
        title = _("Mend what was found and submit again")
        yield own.item("returned", title, _("See the findings"), due, why, "#reviews", detail=own.findings)
    elif congress.state == State.DATED and own.appraised and _is_ready(congress):
        yield own.item("submit", _("Submit the preparation"), _("Submit"), due, why)


def _is_ready(congress: Congress) -> bool:
    return all(step.reported_on for step in congress.milestones.all() if step.required)


def _approval_due(congress: Congress) -> tuple[date | None, Citation | str]:
    """By when the superior has to approve, and by which clause; the opening where the pack has no such step."""
    steps = [step for step in congress.milestones.all() if not _is_own(congress, step)]
    return (steps[0].due, _cite(steps[0])) if steps else (congress.starts_on, "")


def _session(own: _Own) -> Iterator[DeskItem]:
    congress, starts = own.congress, own.congress.starts_on
    if not own.may("cycle.hold"):
        return
    ready = State.APPROVED if own.appraised else State.DATED
    if congress.state == ready and starts and starts <= own.today + AHEAD:
        yield own.item("open", _("Open the congress"), _("Open"), starts)
    elif congress.state == State.OPEN:
        yield own.item("close", _("Close the congress"), _("Close the session"), congress.ends_on)


def _result_duties(congresses: Iterable[Congress]) -> dict[int, tuple[date | None, Citation | str]]:
    """By unit: when its plan wants the result, and by which clause."""
    waiting = [row.unit_id for row in congresses if row.state in (State.HELD, State.SENT_BACK)]
    duties = open_obligations(waiting).filter(task="report_result") if waiting else ()
    return {duty.unit_id: (duty.due, Citation(duty.item.document.key, duty.item.provision)) for duty in duties}


def _file(own: _Own) -> Iterator[DeskItem]:
    if not own.may("cycle.file"):
        return
    due, why = own.result_due
    if own.congress.state == State.HELD:
        yield own.item("file", _("File the result"), _("File"), due, why)
    elif own.congress.state == State.SENT_BACK:
        title = _("Mend what was found and file again")
        yield own.item("sent_back", title, _("See the findings"), due, why, "#reviews", detail=own.findings)


# The units below ----------------------------------------------------------------------------------


def _below(reader: Reader, today: date) -> Iterator[DeskItem]:
    """For planners: how many units directly below have no date, a date outside their window, or are late."""
    roots = _roots(reader, "cycle.schedule")
    rows = all_congresses_of(reader).filter(unit__parent__path__in=roots).order_by()
    sums = rows.values("cycle", "unit__parent").annotate(
        undated=Count("pk", filter=Q(state=State.PLANNED)),
        until=Min("window_to", filter=Q(state=State.PLANNED)),
        outside=Count("pk", filter=outside_window()),
        behind=Count("pk", filter=late(today)),
    )
    for group in sums:
        yield from _sums(group, today)


def _sums(group: Mapping[str, Any], today: date) -> Iterator[DeskItem]:
    where = f"?unit={group['unit__parent']}"
    page = reverse("cycle:cycle", args=[group["cycle"]]) + where
    dating = reverse("cycle:dating", args=[group["cycle"]]) + where
    if count := group["undated"]:
        words = ngettext("%(count)s congress below has no date", "%(count)s congresses below have no date", count)
        yield _sum("date_below", words, count, _("Set dates"), group["until"], dating, today)
    if count := group["outside"]:
        words = ngettext(
            "%(count)s congress below lies outside its window",
            "%(count)s congresses below lie outside their window",
            count,
        )
        yield _sum("window_below", words, count, _("See which"), today, f"{dating}&show=outside", today)
    if count := group["behind"]:
        words = ngettext("%(count)s congress below is late", "%(count)s congresses below are late", count)
        yield _sum("late_below", words, count, _("See which"), None, f"{page}&watch=late#rows", today)


def _sum(kind: str, words: str, count: int, verb: str, due: date | None, url: str, today: date) -> DeskItem:
    return DeskItem(words % {"count": count}, None, due, "", url, verb, f"cycle.{kind}", today)


# What waits for the reader's decision -------------------------------------------------------------


def _waiting(reader: Reader, today: date) -> Iterator[DeskItem]:
    """Preparations to appraise and results to recognise, of the units directly below the reader's own."""
    preparations = to_appraise(reader).filter(unit__parent__path__in=_roots(reader, "cycle.appraise"))
    yield from _decisions(preparations, today, "appraise")
    results = to_recognise(reader).filter(unit__parent__path__in=_roots(reader, "cycle.recognise"))
    yield from _decisions(results, today, "recognise")


def _decisions(rows: QuerySet[Congress], today: date, kind: str) -> Iterator[DeskItem]:
    """Each of `rows`, or one item for all of them when there are many."""
    found = list(rows.prefetch_related("milestones").order_by("starts_on", "pk")[: ONE_BY_ONE + 1])
    if len(found) > ONE_BY_ONE:
        yield _many(rows.count(), kind, _decision_due(found[0], kind)[0], today)
        return
    titles = {"appraise": _("Appraise the preparation"), "recognise": _("Recognise the result")}
    for row in found:
        due, why = _decision_due(row, kind)
        yield _item(row, kind, titles[kind], _verb(kind), due, why, today)


def _verb(kind: str) -> str:
    return _("Appraise") if kind == "appraise" else _("Recognise")


def _many(count: int, kind: str, due: date | None, today: date) -> DeskItem:
    words = {
        "appraise": _("%(count)s preparations wait for appraisal"),
        "recognise": _("%(count)s results wait for recognition"),
    }
    url = reverse("cycle:appraisals") + ("" if kind == "appraise" else "?show=results")
    return _sum(f"{kind}_many", words[kind], count, _verb(kind), due, url, today)


def _decision_due(congress: Congress, kind: str) -> tuple[date | None, Citation | str]:
    if kind == "appraise":
        return _approval_due(congress)
    return None, congress.law.recognition_required.at(congress.starts_on or congress.window_to).cite
