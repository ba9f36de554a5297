"""What stands between a congress and its next step: the actions refuse it, the pages say it beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conventus.core.rules import N_, Finding, Refusal, each_of, refusal_texts
from conventus.cycle import rules
from conventus.cycle.facts import notice_findings
from conventus.cycle.models import Congress
from conventus.cycle.terms import milestone_words

refusal_texts(
    "cycle",
    {
        "no_date_yet": N_("The congress has no date. Set one first."),
        "too_early": N_("The congress opens on %(start)s. It cannot be opened before that day."),
        "children_not_held": N_("%(count)s congresses below have not been held (%(units)s). They go first."),
    },
)

State = Congress.State
HELD_STATES = (State.HELD, State.FILED, State.SENT_BACK, State.RECOGNISED)
NAMES_SHOWN = 5


def submitting(congress: Congress) -> list[Refusal]:
    """What is missing before the preparation can be submitted: a date, required milestones."""
    missing = [Refusal("cycle.no_date_yet", field="starts_on")] if congress.starts_on is None else []
    rows = congress.milestones.all()
    states = [rules.MilestoneState(row.key, _words(congress, row.key), row.required, row.reported_on) for row in rows]
    try:
        rules.check_ready_to_submit(states)
    except Refusal as refusal:
        missing += each_of(refusal)
    return missing


def _words(congress: Congress, key: str) -> str:
    from conventus.cycle.models import Milestone

    return milestone_words(Milestone(congress=congress, key=key))


def opening(congress: Congress, today: date) -> tuple[list[Refusal], list[Finding]]:
    """What bars the opening today, and what the law only warns of."""
    findings = [*_children(congress, today), *notice_findings(congress, today)]
    barred = [*_day(congress, today), *(one.refusal() for one in findings if one.severity == "error")]
    return barred, [one for one in findings if one.severity != "error"]


def _day(congress: Congress, today: date) -> Iterator[Refusal]:
    if congress.starts_on is None:
        yield Refusal("cycle.no_date_yet")
    elif today < congress.starts_on:
        yield Refusal("cycle.too_early", start=congress.starts_on)


def _children(congress: Congress, today: date) -> Iterator[Finding]:
    """The congresses directly below come first (CAL-11)."""
    below = Congress.objects.filter(cycle=congress.cycle_id, unit__parent=congress.unit_id)
    names = list(below.exclude(state__in=HELD_STATES).order_by("unit__path").values_list("unit__name", flat=True))
    if names:
        rule = congress.law.child_precedence.at(today)
        shown = ", ".join(names[:NAMES_SHOWN]) + ("…" if len(names) > NAMES_SHOWN else "")
        yield Finding("cycle.children_not_held", rule.value, rule.cite, {"count": len(names), "units": shown})
