"""Verbs of obligations: report done, open again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conventus.core import clock
from conventus.core.door import action
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.directives import reads
from conventus.directives.models import Obligation
from conventus.org.rules import clean_text

refusal_texts(
    "directives",
    {
        "fulfilled_elsewhere": N_("This is reported done by itself when the congress has been held."),
        "evidence_missing": N_("Say what shows that it is done: a document's symbol, a date, where it is kept."),
        "done_in_future": N_("%(day)s is still to come. Enter the day on which it was done."),
        "done_before_plan": N_("%(day)s lies before the plan was issued (%(issued)s). Enter the day it was done."),
        "not_open": N_("This duty is not open any more. Look at its new state."),
        "not_done": N_("This duty has not been reported done."),
    },
)


@action(reads.FULFIL)
def fulfil(actor: User, obligation: Obligation, *, evidence: str, on: date | None = None) -> Obligation:
    """Report a duty done, with what shows it; a congress is reported by the room that holds it."""
    day = on or clock.today()
    if obligation.state != Obligation.State.OPEN:
        raise Refusal("directives.not_open")
    if obligation.item.by_itself and not actor.is_system:
        raise Refusal("directives.fulfilled_elsewhere")
    raise_all(_fulfil_refusals(obligation, evidence, day))
    obligation.state, obligation.done_on, obligation.done_by = Obligation.State.DONE, day, actor
    obligation.evidence = clean_text(evidence)
    obligation.save()
    return obligation


def _fulfil_refusals(obligation: Obligation, evidence: str, day: date) -> Iterator[Refusal]:
    issued = obligation.item.document.issued_on
    if not evidence.strip():
        yield Refusal("directives.evidence_missing", field="evidence")
    if day > clock.today():
        yield Refusal("directives.done_in_future", field="on", day=day)
    elif day < issued:
        yield Refusal("directives.done_before_plan", field="on", day=day, issued=issued)


@action(reads.FULFIL)
def reopen(actor: User, obligation: Obligation, *, reason: str) -> Obligation:
    """Open a duty again that was reported done by mistake."""
    if obligation.state != Obligation.State.DONE:
        raise Refusal("directives.not_done")
    if obligation.item.by_itself and not actor.is_system:
        raise Refusal("directives.fulfilled_elsewhere")
    if not reason.strip():
        raise Refusal("directives.reason_missing", field="reason")
    obligation.state, obligation.done_on, obligation.done_by = Obligation.State.OPEN, None, None
    obligation.evidence, obligation.reopened_because = "", clean_text(reason)
    obligation.save()
    return obligation
