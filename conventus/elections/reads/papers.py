"""The facts of the counting record, in the language of its form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from conventus.core import clock
from conventus.core.models import Entry, User
from conventus.core.words import refusal_words
from conventus.elections import record
from conventus.elections.models import Audit, Ballot, ScanBatch, StackExplanation, Trial, labels_of
from conventus.elections.reads.contests import board_of
from conventus.elections.reads.count import AGREED, agreed_of, entries_now, findings_of, outcome_of
from conventus.elections.reads.evidence import rulings_of
from conventus.elections.reads.kept import evidence_of, kept_of
from conventus.elections.reads.scanning import stacks_of
from conventus.org.models import Person

FORM = "counting_record"
DECLARED = "elections.declare_result"


def record_language(ballot: Ballot, wanted: str) -> tuple[str, Path]:
    """The language of the record and its form: the wanted one if the pack has it, else the pack's first."""
    pack = ballot.contest.congress.rules
    for code in (wanted, *pack.core.languages):
        path = pack.folder / "forms" / f"{FORM}.{code}.toml"
        if path.is_file():
            return code, path
    raise FileNotFoundError(f"the pack {pack.key} has no form {FORM}")


def record_facts(ballot: Ballot, language: str) -> record.RecordFacts:
    """Everything the record of an agreed or declared ballot says; before it is declared it is a draft."""
    assert ballot.state in AGREED
    with translation.override(language):
        return _facts(ballot)


def _facts(ballot: Ballot) -> record.RecordFacts:
    contest, congress = ballot.contest, ballot.contest.congress
    unit = congress.unit
    outcome = outcome_of(ballot)
    relative = outcome.majority == "relative"
    return record.RecordFacts(
        superior=unit.parent.name if unit.parent else "",
        unit=unit.name,
        assembly=_("Congress of %(unit)s, %(cycle)s") % {"unit": unit.name, "cycle": congress.cycle.name},
        contest=contest.title,
        dated=_day(ballot),
        place=ballot.locality or unit.name,
        number=ballot.record_number,
        hall=congress.venue,
        seats=ballot.seats,
        results=tuple(_results(ballot, outcome.elected)),
        base_lines=tuple(_base_lines(ballot)),
        needed=None if relative else outcome.needed,
        issued=ballot.issued or 0,
        collected=ballot.collected or 0,
        valid=ballot.valid or 0,
        invalid=ballot.invalid or 0,
        board=tuple(_board(ballot)),
        round=ballot.kind,
        style=ballot.style,
        began=_local(ballot.issued_at),
        ended=_local(ballot.declared_at),
        attended=ballot.present,
        clause=str(outcome.article),
        entries=tuple(_entries(ballot)),
        warnings=tuple(_warnings(ballot)),
        printed=ballot.printed,
        spoilt=ballot.spoilt,
        unused=ballot.unused,
        scan=_scan(ballot),
        remarks=tuple(_remarks(ballot)),
        adopted=_local(ballot.adopted_at),
        presidium=tuple(ballot.presidium),
        draft=ballot.state != Ballot.State.DECLARED,
    )


def _board(ballot: Ballot) -> Iterator[record.BoardMember]:
    """The board that declared the result; as long as there is none, the present one."""
    if not ballot.board:
        seats = [(one.person.name, one.head) for one in board_of(ballot.contest.congress)]
    else:
        people = Person.objects.in_bulk([one["person"] for one in ballot.board])
        seats = [(people[one["person"]].name, one["head"]) for one in ballot.board]
    yield from (record.BoardMember(name, "head" if head else "member") for name, head in seats)


def _day(ballot: Ballot) -> date:
    return timezone.localtime(ballot.declared_at).date() if ballot.declared_at else clock.today()


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment) if moment else None


def _results(ballot: Ballot, elected: tuple[str, ...]) -> Iterator[record.Result]:
    votes = agreed_of(ballot).votes
    drawn = {str(pk) for pk in ballot.vote_counts.filter(elected=True).values_list("candidate_id", flat=True)}
    names = ballot.names()
    for one, label in zip(names, labels_of(names), strict=True):
        key = str(one.pk)
        yield record.Result(one.order, label, votes[key] or 0, key in elected or key in drawn)


def _base_lines(ballot: Ballot) -> Iterator[record.BaseLine]:
    for line in ballot.base_now().lines:
        yield record.BaseLine(line.code, (line.sign or 1) * line.number, shown=not line.sign)


def _entries(ballot: Ballot) -> Iterator[record.Entry]:
    for one in entries_now(ballot):
        at = timezone.localtime(one.at)
        yield record.Entry(one.slot, str(one.by), at, one.reason, one.method)


def _warnings(ballot: Ballot) -> Iterator[record.AcceptedWarning]:
    accepted = {one["code"]: one for one in ballot.accepted}
    people = {one.pk: str(one) for one in User.objects.filter(pk__in=[one["by"] for one in ballot.accepted])}
    for finding in findings_of(ballot):
        kept = accepted.get(finding.code)
        if kept:
            number = finding.code.rpartition(".")[2]
            yield record.AcceptedWarning(number, refusal_words(finding.refusal()), kept["reason"], people[kept["by"]])


def _scan(ballot: Ballot) -> record.ScanFacts | None:
    """Stacks, and what members ruled, by number; the same before and after the pictures are gone."""
    kept = kept_of(ballot)
    stacks = [one for one in stacks_of(ballot) if one.state == ScanBatch.State.READ]
    if not stacks:
        return None
    told = kept.get("rulings") if kept else rulings_of(ballot)
    counts = kept["stacks"] if kept else {str(one.pk): one.sheets.count() for one in stacks}
    sizes = tuple((str(one), counts[str(one.pk)]) for one in stacks)
    rulings = tuple(_ruled(told or []))
    sheets, ruled = sum(size for _name, size in sizes), sum(one.number for one in rulings)
    return record.ScanFacts(sizes, sheets, sheets - ruled, ruled, rulings)


def _ruled(told: list[dict[str, Any]]) -> Iterator[record.Ruled]:
    people = User.objects.in_bulk({pk for one in told for pk in one["by"]})
    for one in told:
        names = tuple(str(people[pk]) for pk in one["by"])
        yield record.Ruled(one["ruling"], one["ground"], one["number"], names)


def _remarks(ballot: Ballot) -> Iterator[str]:
    """What the board found and the congress decided besides: repeats, ties, alternates, open seats."""
    yield from _trial_remarks(ballot)
    for one in ballot.repeats:
        yield _("The count was repeated: %(reason)s") % {"reason": one["reason"]}
    yield from _stack_remarks(ballot)
    yield from _audit_remarks(ballot)
    if ballot.decision:
        yield _("The congress decided to hold this ballot: %(decision)s") % {"decision": ballot.decision}
    counts = list(ballot.vote_counts.select_related("candidate"))
    if tied := [one.candidate.name for one in counts if one.tied]:
        yield _("Equal votes for the last seat: %(names)s.") % {"names": ", ".join(tied)}
    if alternates := [one.candidate.name for one in counts if one.alternate]:
        yield _("Elected as alternates, in this order: %(names)s.") % {"names": ", ".join(alternates)}
    if ballot.contest.decision and ballot == ballot.contest.ballots.last():
        yield _("Decision on what remained open: %(decision)s") % {"decision": ballot.contest.decision}
    if line := Entry.objects.filter(subject_type="elections.ballot", subject_id=ballot.pk, action=DECLARED).last():
        yield _("Declared in line %(number)s of the minute book, seal %(seal)s.") % {
            "number": line.seq,
            "seal": line.hash,
        }
    if sealed := evidence_of(ballot):
        figures = {"sheets": sealed.sheets, "pictures": sealed.pictures}
        yield (
            _(
                "The evidence is sealed: %(sheets)s ballots, %(pictures)s pictures. "
                "The SHA-256 of its list of files and of the sealed file are:"
            )
            % figures
        )
        yield from (sealed.manifest, sealed.sha256)


def _trial_remarks(ballot: Ballot) -> Iterator[str]:
    """The trial before: whether the deck with a known answer was read as it was marked."""
    for trial in Trial.objects.filter(form__contest=ballot.contest, passed=True).order_by("-pk")[:1]:
        day = timezone.localtime(trial.at).strftime("%d/%m/%Y")
        yield _("A trial with marked sheets of known content was passed on %(day)s (trial %(number)s).") % {
            "day": day,
            "number": trial.number,
        }


def _stack_remarks(ballot: Ballot) -> Iterator[str]:
    """Stacks counted again by hand, those made void, and why a difference was let stand."""
    for batch in stacks_of(ballot, void=True):
        names = dict.fromkeys(str(one.by) for one in batch.hand_counts.select_related("by").order_by("pk"))
        if names:
            yield _("Stack %(stack)s was counted again by hand by %(names)s.") % {
                "stack": batch,
                "names": ", ".join(names),
            }
        if batch.state == ScanBatch.State.VOID:
            yield _("Stack %(stack)s does not count: %(reason)s") % {"stack": batch, "reason": batch.void}
        for said in StackExplanation.objects.filter(batch=batch).select_related("by"):
            yield _("Stack %(stack)s, explained by %(name)s: %(reason)s") % {
                "stack": batch,
                "name": said.by,
                "reason": said.reason,
            }


def _audit_remarks(ballot: Ballot) -> Iterator[str]:
    """The sample audit of the count, when there was one."""
    for audit in Audit.objects.filter(ballot=ballot, attempt=ballot.attempt):
        drawn = audit.measured[-1]["drawn"] if audit.measured else 0
        yield _(
            "Sample audit (%(method)s) with a risk limit of %(risk)s %%: %(state)s; %(drawn)s drawn, dice %(seed)s."
        ) % {
            "method": audit.get_method_display(),
            "risk": audit.risk_percent,
            "state": audit.get_state_display(),
            "drawn": drawn,
            "seed": audit.seed,
        }
