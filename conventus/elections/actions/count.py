"""The count: made apart by two people and, if wanted, a scan; another member settles what differs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import ERROR, N_, WARNING, Finding, Refusal, raise_all, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.models import Ballot, CountEntry, count_of, figures_of, seal_of

refusal_texts(
    "elections",
    {
        "recounted_meanwhile": N_("The count is being repeated. Open the page anew and key in the new count."),
        "nothing_differs": N_("There is nothing to settle: the counts do not wait for a decision."),
        "choice_missing": N_("Decide “%(figure)s”: take a figure of one of the counts, or enter your own."),
        "own_figure_missing": N_("Enter your own figure for “%(figure)s”, 0 or more."),
        "own_reason_missing": N_("Say where your own figure for “%(figure)s” comes from."),
        "not_agreed": N_("The count is not agreed yet."),
        "no_such_warning": N_("There is no warning “%(number)s” on this count."),
        "nothing_to_repeat": N_("Nothing was counted yet, so there is nothing to repeat."),
        "repeat_reason": N_("Say why the count is repeated; the reason stands in the record."),
        "accept_reason": N_("Say why this warning is right as it is; the reason stands in the record."),
    },
)

OWN = "own"


@dataclass(frozen=True)
class Choice:
    """How one differing figure is settled: `take` that of a path (rules.PATHS), or an `own` figure with its reason."""

    take: str
    value: int | None = None
    reason: str = ""


@action("elections.count", phases=("session",))
def enter_count(actor: User, ballot: Ballot, *, figures: Mapping[str, Any], attempt: int | None = None) -> Ballot:
    """Key in the count, as the first or the second of two members; nobody sees the figures before both are in.

    `figures`: `collected`, `valid`, `invalid`, `votes` and `against` by candidate's key. Figures that cannot be right
    are refused. `attempt` is the count that the page was made for.
    """
    slot = reads.slot_for(actor, ballot)
    if attempt is not None and attempt != ballot.attempt:
        raise Refusal("elections.recounted_meanwhile")
    count = count_of(dict(figures))
    check_figures(ballot, count)
    entry = write_entry(ballot, actor, slot, count)
    note(slot=slot, seal=entry.seal)
    move_on(ballot)
    return ballot


def check_figures(ballot: Ballot, count: rules.Count) -> None:
    """Refuse figures that cannot be right, each at its field."""
    findings = reads.findings_on(ballot, count)
    raise_all(refusal_at(finding) for finding in findings if finding.severity == ERROR)


def refusal_at(finding: Finding) -> Refusal:
    """A finding as a refusal that points at its field: `votes_12`, `valid`."""
    refusal = finding.refusal()
    refusal.field = field_of(finding)
    return refusal


def field_of(finding: Finding) -> str:
    """The field of the count form that a finding is about."""
    if candidate := finding.params.get("candidate"):
        return f"votes_{candidate}"
    named = str(finding.params.get("figure", ""))
    if named in ("collected", "valid", "invalid"):
        return named
    return {"E05": "collected", "E06": "valid"}.get(finding.code.rpartition(".")[2], "")


def write_entry(
    ballot: Ballot,
    actor: User,
    slot: str,
    count: rules.Count,
    *,
    method: str = CountEntry.Method.TOTALS,
    choices: dict[str, Any] | None = None,
    reason: str = "",
) -> CountEntry:
    """Keep a count of the present attempt under its seal; `move_on` draws what follows from it."""
    figures, salt = figures_of(count), secrets.token_hex(16)
    return CountEntry.objects.create(
        ballot=ballot,
        attempt=ballot.attempt,
        slot=slot,
        method=method,
        by=actor,
        figures=figures,
        choices=choices or {},
        reason=reason,
        salt=salt,
        seal=seal_of(figures, salt),
        at=clock.now(),
    )


def move_on(ballot: Ballot) -> None:
    """The state that the entries lead to; an agreed count opens the seals of all entries in the book."""
    entries = [one.facts() for one in reads.entries_now(ballot)]
    agreed = rules.agreed_count(entries, ballot.ways)
    if agreed is None:
        waiting = rules.next_slot(entries, ballot.ways) == CountEntry.Slot.RESOLUTION
        ballot.state = Ballot.State.DIFFERING if waiting else Ballot.State.COUNTING
    else:
        ballot.state = Ballot.State.AGREED
        ballot.collected, ballot.valid, ballot.invalid = agreed.collected, agreed.valid, agreed.invalid
        note(agreed=figures_of(agreed), entries=list(_opened(ballot)))
    ballot.save()


def _opened(ballot: Ballot) -> Iterator[dict[str, Any]]:
    """Every entry of every attempt with the figures and salt behind its seal."""
    for one in ballot.entries.all():
        yield {"entry": one.pk, "attempt": one.attempt, "slot": one.slot, "salt": one.salt, "figures": one.figures}


# Settling a difference ----------------------------------------------------------------------------


@action("elections.resolve", phases=("session",))
def resolve(actor: User, ballot: Ballot, *, choices: Mapping[str, Choice], reason: str) -> Ballot:
    """Settle what differs, as another member who sees all counts; every choice and its reason is kept.

    `choices` are by figure: `collected`, `valid`, `invalid`, `votes_<candidate>`, `against_<candidate>`.
    """
    if ballot.state != Ballot.State.DIFFERING:
        raise Refusal("elections.nothing_differs")
    slot = reads.slot_by_law(actor, ballot)
    made = {one.slot: one.figures for one in reads.entries_now(ballot)}
    count = settled(ballot, {path: count_of(made[path]) for path in ballot.ways}, choices)
    rules.check_resolution(reason)
    check_figures(ballot, count)
    kept = {key: {"take": one.take, "reason": one.reason.strip()} for key, one in choices.items()}
    entry = write_entry(ballot, actor, slot, count, choices=kept, reason=reason.strip())
    note(slot=slot, seal=entry.seal, reason=reason.strip(), choices=kept)
    move_on(ballot)
    return ballot


def settled(ballot: Ballot, counts: Mapping[str, rules.Count], choices: Mapping[str, Choice]) -> rules.Count:
    """The count that the choices make; refuses, all at once, every difference that is not decided properly."""
    figures = figures_of(next(iter(counts.values())))
    labels = ballot.facts().names
    refusals: list[Refusal] = []
    for difference in rules.compare_entries(counts):
        key, words = figure_key(difference), labels.get(difference.candidate, difference.figure)
        try:
            value = _chosen(key, words, difference, choices.get(key))
        except Refusal as refusal:
            refusals.append(refusal)
            continue
        if difference.candidate:
            figures[difference.figure][difference.candidate] = value
        else:
            figures[difference.figure] = value
    raise_all(refusals)
    return count_of(figures)


def figure_key(difference: rules.Difference) -> str:
    """The name of a differing figure: `valid`, `votes_12`."""
    return f"{difference.figure}_{difference.candidate}" if difference.candidate else difference.figure


def _chosen(key: str, words: str, difference: rules.Difference, choice: Choice | None) -> int | None:
    if choice is None or choice.take not in (*difference.values, OWN):
        raise Refusal("elections.choice_missing", field=key, figure=words)
    if choice.take != OWN:
        return difference.values[choice.take]
    if choice.value is None or choice.value < 0:
        raise Refusal("elections.own_figure_missing", field=key, figure=words)
    if not choice.reason.strip():
        raise Refusal("elections.own_reason_missing", field=key, figure=words)
    return choice.value


# Again, and warnings ------------------------------------------------------------------------------


@action("elections.resolve", phases=("session",))
def repeat_count(actor: User, ballot: Ballot, *, reason: str) -> Ballot:
    """Count the ballots again: the head orders it, and what was entered before is kept."""
    if ballot.state not in (Ballot.State.COUNTING, Ballot.State.DIFFERING, Ballot.State.AGREED):
        raise Refusal("elections.nothing_to_repeat")
    reads.seat_for(actor, ballot, head=True)
    reads.check_no_audit(ballot)
    if not reason.strip():
        raise Refusal("elections.repeat_reason", field="reason")
    ballot.repeats = [*ballot.repeats, _remark(actor, attempt=ballot.attempt, reason=reason.strip())]
    ballot.attempt += 1
    ballot.state, ballot.accepted = Ballot.State.ISSUED, []
    ballot.collected = ballot.valid = ballot.invalid = None
    ballot.save()
    return ballot


@action("elections.declare", phases=("session",))
def accept_warning(actor: User, ballot: Ballot, *, code: str, reason: str) -> Ballot:
    """Accept one warning on the agreed count, with the reason that will stand in the record."""
    if ballot.state != Ballot.State.AGREED:
        raise Refusal("elections.not_agreed")
    reads.seat_for(actor, ballot, head=True)
    found = {one.code: str(one) for one in reads.findings_of(ballot) if one.severity == WARNING}
    if code not in found:
        raise Refusal("elections.no_such_warning", number=code.rpartition(".")[2])
    if not reason.strip():
        raise Refusal("elections.accept_reason", field="reason")
    others = [one for one in ballot.accepted if one["code"] != code]
    ballot.accepted = [*others, _remark(actor, code=code, reason=reason.strip(), found=found[code])]
    ballot.save()
    return ballot


def _remark(actor: User, **details: Any) -> dict[str, Any]:
    return details | {"by": actor.pk, "at": clock.now().isoformat(timespec="seconds")}
