"""What the congresses put on somebody's desk: own steps one by one, those of the units below in sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conventus.core.desk import DeskItem, in_order
from conventus.core.rights import Reader, scopes, visible
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


def _own(reader: Reader, today: date) -> Iterator[DeskItem]:
    roots = _roots(reader, "cycle.prepare", "cycle.schedule", "cycle.hold", "cycle.file")
    if not roots:
        return
    rows = all_congresses_of(reader).filter(unit__path__in=roots).exclude(state=State.RECOGNISED)
    congresses = list(rows.prefetch_related("milestones", "reviews"))
    results = _result_duties(congresses)
    for congress in congresses:
        for step in OWN_STEPS:
            yield from step(reader, congress, today)
        yield from _file(reader, congress, today, results.get(congress.unit_id))


def _roots(reader: Reader, *permissions: str) -> list[str]:
    return sorted({path for permission in permissions for path in scopes(reader, permission) if path})


def _may(reader: Reader, permission: str, congress: Congress) -> bool:
    return any(congress.unit.path.startswith(path) for path in scopes(reader, permission))


def _item(congress: Congress, title: str, due: date | None, why: Citation | str, verb: str, kind: str, **more: Any) -> DeskItem:
    today, part = more.pop("today"), more.pop("part", "")
    url = reverse("cycle:congress", args=[congress.pk]) + part
    return DeskItem(title, congress.unit, due, why, url, verb, f"cycle.{kind}", today, state=congress.state, **more)


def _date(reader: Reader, congress: Congress, today: date) -> Iterator[DeskItem]:
    if not _may(reader, "cycle.schedule", congress):
        return
    if congress.state == State.PLANNED:
        why = _clause(congress.window_why, "closes")
        yield _item(
            congress, _("Set the date of the congress"), _least_due(congress) or congress.window_to, why, _("Set the date"),
            "date", today=today, part="#date",
        )  # fmt: skip
    elif congress.state in PREPARING and _outside(congress):
        why = _clause(congress.window_why, "opens" if (congress.starts_on or today) < congress.window_from else "closes")
        yield _item(
            congress, _("The window has changed: the date lies outside it"), congress.starts_on, why, _("Look at the date"),
            "window", today=today, part="#date",
        )  # fmt: skip


def _least_due(congress: Congress) -> date | None:
    return min((step.due for step in congress.milestones.all() if step.due), default=None)


def _outside(congress: Congress) -> bool:
    starts, ends = congress.starts_on, congress.ends_on
    return bool(starts and ends) and not (congress.window_from <= starts and ends <= congress.window_to)  # type: ignore[operator]


def _clause(kept: Iterable[dict[str, str]], side: str) -> Citation | str:
    clauses = [Citation(one["document"], one["article"]) for one in kept if one["side"] == side]
    return clauses[-1] if clauses else ""


def _milestones(reader: Reader, congress: Congress, today: date) -> Iterator[DeskItem]:
    if congress.state not in PREPARING or congress.starts_on is None or not _may(reader, "cycle.prepare", congress):
        return
    for step in congress.milestones.all():
        if step.reported_on is None and _is_own(congress, step):
            yield _item(
                congress, term(congress.rules, f"milestone.{step.key}"), step.due, cite_of(step), _("Report it"), "milestone",
                today=today, part="#milestones", optional=not step.required,
            )  # fmt: skip


def _is_own(congress: Congress, step: Milestone) -> bool:
    one = congress.law.milestones.get(step.key)
    return one is None or one.reported


def cite_of(step: Milestone) -> Citation | str:
    """The clause that sets a milestone."""
    return Citation(step.why["document"], step.why["article"]) if step.why else ""


def _submit(reader: Reader, congress: Congress, today: date) -> Iterator[DeskItem]:
    if not _may(reader, "cycle.prepare", congress):
        return
    steps = list(congress.milestones.all())
    ready = all(step.reported_on for step in steps if step.required)
    approval = next((step for step in steps if not _is_own(congress, step)), None)
    due, why = (approval.due, cite_of(approval)) if approval else (congress.starts_on, "")
    if congress.state == State.RETURNED:
        findings = [text for review in congress.reviews.all() if not review.approved for text in review.findings]
        yield _item(
            congress, _("Mend what was found and submit again"), due, why, _("See the findings"), "returned", today=today,
            part="#reviews", detail=findings[-1] if findings else "",
        )  # fmt: skip
    elif congress.state == State.DATED and ready and _appraised(congress, today):
        yield _item(congress, _("Submit the preparation"), due, why, _("Submit"), "submit", today=today)


def _appraised(congress: Congress, today: date) -> bool:
    return congress.law.appraisal_required.at(today).value


def _session(reader: Reader, congress: Congress, today: date) -> Iterator[DeskItem]:
    if not _may(reader, "cycle.hold", congress):
        return
    ready = State.APPROVED if _appraised(congress, today) else State.DATED
    if congress.state == ready and congress.starts_on and congress.starts_on <= today + AHEAD:
        yield _item(congress, _("Open the congress"), congress.starts_on, "", _("Open"), "open", today=today)
    elif congress.state == State.OPEN:
        yield _item(congress, _("Close the congress"), congress.ends_on, "", _("Close"), "close", today=today)


OWN_STEPS = (_date, _milestones, _submit, _session)


def _result_duties(congresses: Iterable[Congress]) -> dict[int, tuple[date, Citation]]:
    """By unit: when its plan wants the result, and by which clause."""
    waiting = [row.unit_id for row in congresses if row.state in (State.HELD, State.SENT_BACK)]
    duties = open_obligations(waiting).filter(task="report_result") if waiting else ()
    return {duty.unit_id: (duty.due, Citation(duty.item.document.key, duty.item.provision)) for duty in duties}


def _file(reader: Reader, congress: Congress, today: date, duty: tuple[date, Citation] | None) -> Iterator[DeskItem]:
    if congress.state not in (State.HELD, State.SENT_BACK) or not _may(reader, "cycle.file", congress):
        return
    due, why = duty or (None, "")
    if congress.state == State.HELD:
        yield _item(congress, _("File the result"), due, why, _("File"), "file", today=today)
        return
    findings = [text for review in congress.reviews.all() if not review.approved for text in review.findings]
    yield _item(
        congress, _("Mend what was found and file again"), due, why, _("See the findings"), "sent_back", today=today,
        part="#reviews", detail=findings[-1] if findings else "",
    )  # fmt: skip


# The units below ----------------------------------------------------------------------------------


def _below(reader: Reader, today: date) -> Iterator[DeskItem]:
    """For planners: how many units directly below have no date, a date outside their window, or are late."""
    for path in _roots(reader, "cycle.schedule"):
        rows = all_congresses_of(reader).filter(unit__parent__path=path).order_by()
        sums = rows.values("cycle", "unit__parent").annotate(
            undated=Count("pk", filter=Q(state=State.PLANNED)),
            until=Min("window_to", filter=Q(state=State.PLANNED)),
            outside=Count("pk", filter=outside_window()),
            behind=Count("pk", filter=late(today)),
        )
        for group in sums:
            yield from _sums(group, today)


def _sums(group: Mapping[str, Any], today: date) -> Iterator[DeskItem]:
    page = f"{reverse('cycle:cycle', args=[group['cycle']])}?unit={group['unit__parent']}"
    dating = f"{reverse('cycle:dating', args=[group['cycle']])}?unit={group['unit__parent']}"
    if count := group["undated"]:
        words = ngettext("%(count)s congress below has no date", "%(count)s congresses below have no date", count)
        yield _sum(words, count, group["until"], dating, _("Set dates"), "date_below", today)
    if count := group["outside"]:
        words = ngettext(
            "%(count)s congress below lies outside its window", "%(count)s congresses below lie outside their window", count
        )
        yield _sum(words, count, today, f"{page}&outside=1#rows", _("See which"), "window_below", today)
    if count := group["behind"]:
        words = ngettext("%(count)s congress below is late", "%(count)s congresses below are late", count)
        yield _sum(words, count, None, f"{page}&late=1#rows", _("See which"), "late_below", today)


def _sum(words: str, count: int, due: date | None, url: str, verb: str, kind: str, today: date) -> DeskItem:
    return DeskItem(words % {"count": count}, None, due, "", url, verb, f"cycle.{kind}", today)


# What waits for the reader's decision -------------------------------------------------------------


def _waiting(reader: Reader, today: date) -> Iterator[DeskItem]:
    """Preparations to appraise and results to recognise, of the units directly below the reader's own."""
    yield from _decisions(
        to_appraise(reader).filter(unit__parent__path__in=_roots(reader, "cycle.appraise")), today, "appraise",
        _("Appraise the preparation"), _("Appraise"), _("%(count)s preparations wait for appraisal"),
    )  # fmt: skip
    yield from _decisions(
        to_recognise(reader).filter(unit__parent__path__in=_roots(reader, "cycle.recognise")), today, "recognise",
        _("Recognise the result"), _("Recognise"), _("%(count)s results wait for recognition"),
    )  # fmt: skip


def _decisions(
    rows: QuerySet[Congress], today: date, kind: str, title: str, verb: str, many: str
) -> Iterator[DeskItem]:
    found = list(rows.prefetch_related("milestones").order_by("starts_on")[: ONE_BY_ONE + 1])
    if len(found) <= ONE_BY_ONE:
        yield from (_item(row, title, *_approval_due(row, kind), verb, kind, today=today) for row in found)
        return
    count = rows.count()
    due = _approval_due(found[0], kind)[0]
    yield DeskItem(many % {"count": count}, None, due, "", reverse("cycle:appraisals"), verb, f"cycle.{kind}_many", today)


def _approval_due(congress: Congress, kind: str) -> tuple[date | None, Citation | str]:
    if kind != "appraise":
        cite = congress.law.recognition_required.at(congress.starts_on or congress.window_to).cite
        return None, cite
    steps = [step for step in congress.milestones.all() if not _is_own(congress, step)]
    return (steps[0].due, cite_of(steps[0])) if steps else (congress.starts_on, "")
