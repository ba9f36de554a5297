"""Stacks counted again by hand: by two members, each alone; what differs from the scan is explained by name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import ERROR, N_, Refusal, raise_all, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.actions.count import refusal_at
from conventus.elections.models import (
    Ballot,
    BatchCount,
    ScanBatch,
    StackExplanation,
    count_of,
    figures_of,
    seal_of,
)

refusal_texts(
    "elections",
    {
        "stack_elsewhere": N_("This stack does not belong to the present count, or it is not read yet."),
        "hand_counted_already": N_("You have counted this stack already. Another member of the board counts it now."),
        "stack_counted": N_("Two members have counted this stack and agree. There is nothing more to count."),
        "stack_reason": N_("Say why the stack is counted again; the reason stands in the record."),
        "stack_not_differing": N_("The hand count of this stack does not differ from its scan: nothing to explain."),
        "explain_reason": N_("Say where the difference comes from and why the scan stands all the same."),
    },
)


@action("elections.count", phases=("session",))
def count_batch(actor: User, batch: ScanBatch, *, figures: Mapping[str, Any], reason: str = "") -> BatchCount:
    """Key in a stack counted by hand, as one of two members; nobody sees the figures before two agree."""
    ballot = held_ballot(batch)
    if ballot.state == Ballot.State.DECLARED:
        raise Refusal("elections.declared_already")
    stack = stack_of(ballot, batch)
    _check_counter(actor, ballot, stack)
    why = reason.strip() or (stack.hands[0].reason if stack.hands else "")
    if not why:
        raise Refusal("elections.stack_reason", field="reason")
    count = count_of(dict(figures))
    _check_stack(ballot, count)
    kept = _keep(actor, batch, count, why)
    compared = stack_of(ballot, batch)
    if compared.agreed:
        note(compared=compared.state, differing=len(compared.differences))
    return kept


def held_ballot(batch: ScanBatch) -> Ballot:
    """The stack's ballot, locked: two hand counts that come in at once follow each other."""
    if batch.form.ballot_id is None:
        raise Refusal("elections.stack_elsewhere")
    return Ballot.objects.select_for_update().get(pk=batch.form.ballot_id)


def stack_of(ballot: Ballot, batch: ScanBatch) -> reads.StackCount:
    """The stack as it stands; refuses one that is void, not read, or of an earlier count."""
    found = next((one for one in reads.stack_counts(ballot) if one.batch.pk == batch.pk), None)
    if found is None:
        raise Refusal("elections.stack_elsewhere")
    return found


def _check_counter(actor: User, ballot: Ballot, stack: reads.StackCount) -> None:
    """Two members who have not counted it yet; where no two agree, whoever has counted may count once more."""
    reads.seat_for(actor, ballot)
    if actor not in reads.judges_of(ballot):
        raise Refusal("elections.counter_is_candidate")
    if stack.agreed:
        raise Refusal("elections.stack_counted")
    people = {one.by_id for one in stack.hands}
    if people == {actor.pk}:
        raise Refusal("elections.hand_counted_already")


def _check_stack(ballot: Ballot, count: rules.Count) -> None:
    """Refuse figures that cannot be right for a part of the ballots."""
    facts = replace(ballot.facts(), present=None, base=None, needed=None)
    findings = rules.check_count(ballot.contest.law, facts, count, ballot.contest.day)
    raise_all(refusal_at(one) for one in findings if one.severity == ERROR)


def _keep(actor: User, batch: ScanBatch, count: rules.Count, reason: str) -> BatchCount:
    figures, salt = figures_of(count), secrets.token_hex(16)
    kept = BatchCount.objects.create(
        batch=batch,
        by=actor,
        figures=figures,
        reason=reason,
        salt=salt,
        seal=seal_of(figures, salt),
        at=clock.now(),
    )
    note(seal=kept.seal)
    return kept


@action("elections.resolve", phases=("session",))
def explain_stack(actor: User, batch: ScanBatch, *, reason: str) -> StackExplanation:
    """Say, as head of the board, why a stack's hand count differs and its scan stands; otherwise count anew."""
    ballot = held_ballot(batch)
    reads.seat_for(actor, ballot, head=True)
    if ballot.state != Ballot.State.AGREED:
        raise Refusal("elections.not_agreed")
    if stack_of(ballot, batch).state != "differs":
        raise Refusal("elections.stack_not_differing")
    if not reason.strip():
        raise Refusal("elections.explain_reason", field="reason")
    return StackExplanation.objects.create(batch=batch, by=actor, reason=reason.strip(), at=clock.now())
