"""What goes into the evidence of a ballot, and what of it stays behind when it is sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from conventus.core import book
from conventus.core.models import Entry, User
from conventus.elections import evidence as bundle
from conventus.elections import rules
from conventus.elections.models import (
    Adjudication,
    Audit,
    AuditDraw,
    Ballot,
    BatchCount,
    CountEntry,
    Evidence,
    PaperForm,
    PrintRun,
    ScanBatch,
    Sheet,
    StackExplanation,
    labels_of,
)
from conventus.elections.reads.adjudication import grounds_of
from conventus.elections.reads.contests import board_seat
from conventus.elections.reads.count import agreed_of
from conventus.elections.reads.judged import Judged, judged_sheets
from conventus.elections.reads.kept import kept_of
from conventus.elections.reads.stacks import scanned_of

SHORT = 16
EXPLAINED = {"elections.W08": "printed", "elections.W09": "collected"}
"""Equations of the stock, by the warning whose acceptance explains that they do not close."""
BOOKED = "elections.ballot"


def batches_of(ballot: Ballot) -> list[ScanBatch]:
    """Every stack of the ballot's counts, void ones and those of earlier counts as well."""
    stacks = ScanBatch.objects.filter(form__ballot=ballot, purpose=ScanBatch.Purpose.COUNT)
    return list(stacks.select_related("form").order_by("attempt", "number", "pk"))


def sheets_of(ballot: Ballot) -> QuerySet[Sheet]:
    """Every sheet of all of them."""
    return Sheet.objects.filter(batch__in=batches_of(ballot))


def pictures_left(ballot: Ballot) -> list[ScanBatch]:
    """Stacks whose pictures still lie on the disk."""
    return [one for one in batches_of(ballot) if one.directory.exists()]


def may_open(reader: User, ballot: Ballot) -> bool:
    """Whether `reader` heads the counting board of this ballot: who seals, opens and destroys its evidence."""
    seat = board_seat(reader, ballot.contest.congress)
    return seat is not None and seat.head


def kept_until(ballot: Ballot) -> date | None:
    """The day from which the evidence may be destroyed (ELE-35)."""
    if ballot.declared_at is None:
        return None
    months = ballot.contest.law.keep_ballots_months.at(ballot.contest.day).value
    return rules.months_after(timezone.localtime(ballot.declared_at).date(), months)


# The facts of a bundle ----------------------------------------------------------------------------


def evidence_facts(ballot: Ballot) -> bundle.EvidenceFacts:
    """Everything that goes into the bundle of a declared ballot."""
    judged = judged_sheets(ballot, sheets_of(ballot).select_related("batch__form").order_by("pk"))
    people = _people(ballot)
    name = _pseudonyms(people)
    pictures: dict[str, tuple[Path, str]] = {}
    scans = sorted((_scan(one, name, pictures) for one in judged), key=lambda one: one.sheet)
    return bundle.EvidenceFacts(
        election=_election(ballot),
        layouts={one.fingerprint[:SHORT]: one.layout for one in PaperForm.objects.filter(ballot=ballot)},
        people=tuple(bundle.Member(name(one.pk), one.pk, str(one)) for one in people),
        sheets=tuple(scans),
        totals=_totals(ballot, name),
        stock=_stock(ballot, Counter(one.stack for one in scans), name),
        log=tuple(log_of(ballot)),
        pictures=pictures,
        audits=tuple(_audit(one, name) for one in Audit.objects.filter(ballot=ballot)),
    )


Naming = Callable[[int], str]


def _pseudonyms(people: Iterable[User]) -> Naming:
    known = {one.pk: f"m{at}" for at, one in enumerate(people, 1)}
    return lambda pk: known[pk]


def _people(ballot: Ballot) -> list[User]:
    """Everybody who counted, ruled, accepted or repeated something."""
    found = set(ballot.entries.values_list("by", flat=True))
    found |= set(Adjudication.objects.filter(sheet__in=sheets_of(ballot)).values_list("by", flat=True))
    found |= set(BatchCount.objects.filter(batch__in=batches_of(ballot)).values_list("by", flat=True))
    found |= set(AuditDraw.objects.filter(audit__ballot=ballot).values_list("by", flat=True))
    found |= {one["by"] for one in (*ballot.accepted, *ballot.repeats)}
    return list(User.objects.filter(pk__in=found).order_by("pk"))


def _election(ballot: Ballot) -> bundle.Election:
    contest = ballot.contest
    names = ballot.names()
    assert ballot.declared_at
    return bundle.Election(
        ballot=str(ballot.pk),
        unit=contest.congress.unit.name,
        contest=contest.title,
        round=ballot.number,
        kind=ballot.kind,
        style=ballot.style,
        seats=ballot.seats,
        attempt=ballot.attempt,
        adjudicators=contest.law.adjudicators.at(contest.day).value,
        declared=ballot.declared_at.astimezone(UTC).isoformat(timespec="seconds"),
        candidates=tuple(bundle.Name(str(one.pk), label) for one, label in zip(names, labels_of(names), strict=True)),
    )


def _stack_id(batch: ScanBatch) -> str:
    """“1/2”: the second stack of the first counting; a second form has stacks of its own."""
    return f"{batch.attempt}/{batch.number}"


def _scan(judged: Judged, name: Naming, pictures: dict[str, tuple[Path, str]]) -> bundle.Scan:
    sheet = judged.sheet
    stack = _stack_id(sheet.batch)
    pages = []
    for page in sheet.pages:
        file = f"pages/{page['key']}.jpg" if page["picture"] else ""
        if file:
            pictures[file] = (sheet.batch.directory / page["picture"], page["sha256"])
        pages.append(bundle.Picture(file, page["form_page"] or 0))
    return bundle.Scan(
        sheet=f"{sheet.key}@{stack}",
        stack=stack,
        layout=sheet.batch.form.fingerprint[:SHORT],
        state=sheet.state,
        marks=sheet.marks,
        doubts=tuple(bundle.Doubt(one["candidate"], one["reason"]) for one in sheet.doubts),
        pages=tuple(pages),
        verdicts=tuple(_verdict(one, name) for one in judged.said),
        standing=_standing(judged),
    )


def _verdict(said: Adjudication, name: Naming) -> bundle.Verdict:
    sealed = {"ruling": said.ruling, "ground": said.ground, "marks": said.marks, "note": said.note}
    return bundle.Verdict(
        name(said.by_id), said.ruling, said.ground, said.marks, said.note, sealed, said.salt, said.seal
    )


def _standing(judged: Judged) -> bundle.Ruling | None:
    found = judged.standing
    if found is None:
        return None
    how = "agreed" if judged.state == rules.RULED else "read"
    return bundle.Ruling(how, found.ruling, found.ground, dict(found.marks) if found.ruling == rules.VALID else {})


def _totals(ballot: Ballot, name: Naming) -> bundle.Totals:
    agreed = agreed_of(ballot)
    counts = ballot.vote_counts.order_by("candidate__order", "candidate")
    figures = {"collected": agreed.collected, "valid": agreed.valid, "invalid": agreed.invalid}
    return bundle.Totals(
        paths=tuple(ballot.ways),
        entries=tuple(_entry(one, name) for one in ballot.entries.order_by("pk")),
        agreed={**figures, "votes": dict(agreed.votes), "against": dict(agreed.against)},
        accepted=tuple(bundle.Remark(one["code"], one["reason"], name(one["by"])) for one in ballot.accepted),
        repeats=tuple(bundle.Remark(str(one["attempt"]), one["reason"], name(one["by"])) for one in ballot.repeats),
        result=bundle.Result(
            ballot.base,
            ballot.needed,
            tuple(
                bundle.Counted(str(one.candidate_id), one.votes, one.against, one.elected, one.alternate, one.tied)
                for one in counts
            ),
        ),
    )


def _entry(one: CountEntry, name: Naming) -> bundle.Entry:
    return bundle.Entry(
        one.attempt, one.slot, one.method, name(one.by_id), one.figures, one.salt, one.seal, one.choices, one.reason
    )


def _stock(ballot: Ballot, sheets: Counter[str], name: Naming) -> bundle.Stock:
    accepted = {one["code"] for one in ballot.accepted}
    return bundle.Stock(
        printed=ballot.printed,
        issued=ballot.issued,
        spoilt=ballot.spoilt,
        unused=ballot.unused,
        collected=ballot.collected,
        valid=ballot.valid,
        invalid=ballot.invalid,
        explained=tuple(words for code, words in EXPLAINED.items() if code in accepted),
        stacks=tuple(_stack(one, ballot, sheets, name) for one in batches_of(ballot)),
    )


def _stack(batch: ScanBatch, ballot: Ballot, sheets: Counter[str], name: Naming) -> bundle.Stack:
    known, hands = _stack_id(batch), batch.hand_counts.order_by("pk")
    return bundle.Stack(
        id=known,
        label=batch.label,
        counts=batch.state == ScanBatch.State.READ and batch.attempt == ballot.attempt,
        expected=batch.expected,
        pages=batch.pages,
        sheets=sheets[known],
        void=batch.void,
        hand_counts=tuple(
            bundle.HandCount(name(one.by_id), one.figures, one.reason, one.salt, one.seal) for one in hands
        ),
    )


def _audit(audit: Audit, name: Naming) -> bundle.Audit:
    draws = (
        bundle.Draw(one.number, one.ruling, tuple(one.chosen), name(one.by_id), one.salt, one.seal)
        for one in audit.draws.order_by("number")
    )
    return bundle.Audit(
        audit.attempt,
        audit.method,
        audit.risk_percent,
        audit.seed,
        tuple(audit.stacks),
        audit.round_size,
        tuple(audit.statements),
        tuple(audit.measured),
        audit.state,
        audit.reason,
        tuple(draws),
    )


# The log ------------------------------------------------------------------------------------------


def log_subjects(ballot: Ballot) -> dict[str, set[int]]:
    """The rows that a line about this ballot may be about, by type."""
    forms, batches = PaperForm.objects.filter(ballot=ballot), batches_of(ballot)
    audits = Audit.objects.filter(ballot=ballot)
    rows: tuple[tuple[Any, Any], ...] = (
        (Ballot, [ballot.pk]),
        (PaperForm, forms.values_list("pk", flat=True)),
        (PrintRun, PrintRun.objects.filter(form__in=forms).values_list("pk", flat=True)),
        (ScanBatch, [one.pk for one in batches]),
        (Sheet, sheets_of(ballot).values_list("pk", flat=True)),
        (Adjudication, Adjudication.objects.filter(sheet__in=sheets_of(ballot)).values_list("pk", flat=True)),
        (BatchCount, BatchCount.objects.filter(batch__in=batches).values_list("pk", flat=True)),
        (StackExplanation, StackExplanation.objects.filter(batch__in=batches).values_list("pk", flat=True)),
        (Audit, audits.values_list("pk", flat=True)),
        (AuditDraw, AuditDraw.objects.filter(audit__in=audits).values_list("pk", flat=True)),
        (Evidence, Evidence.objects.filter(ballot=ballot).values_list("pk", flat=True)),
    )
    return {model._meta.label_lower: set(keys) for model, keys in rows}


def is_about(entry: Entry, subjects: dict[str, set[int]]) -> bool:
    """Whether a line is about one of these rows."""
    return entry.subject_id in subjects.get(entry.subject_type, ())


def first_line(ballot: Ballot) -> int:
    """The number of the line that prepared the ballot; 0 when it was prepared by another verb's line."""
    line = Entry.objects.filter(subject_type=BOOKED, subject_id=ballot.pk).order_by("seq").first()
    return line.seq if line else 0


def log_of(ballot: Ballot) -> Iterator[bundle.Line]:
    """The minute book from the ballot's first line to its end: in full what is about it, the rest as links only."""
    subjects = log_subjects(ballot)
    for entry in Entry.objects.filter(seq__gte=first_line(ballot)).order_by("seq").iterator(chunk_size=2000):
        yield bundle.Line(entry.seq, entry.prev_hash, entry.hash, _body(entry) if is_about(entry, subjects) else None)


def _body(entry: Entry) -> dict[str, Any]:
    body = book.body_of(entry)
    return {key: value for key, value in body.items() if key not in ("seq", "prev")}


def lines_about(ballot: Ballot) -> list[Entry]:
    """The lines about the ballot, in order; those about papers that are gone by now are known by their numbers."""
    subjects, known = log_subjects(ballot), set(kept_of(ballot).get("lines", ()))
    lines = Entry.objects.filter(seq__gte=first_line(ballot), subject_type__in=subjects).order_by("seq")
    found = lines.select_related("actor").iterator(chunk_size=1000)
    return [one for one in found if one.seq in known or is_about(one, subjects)]


def last_line(ballot: Ballot) -> int:
    """The number of the last line about the ballot."""
    lines = lines_about(ballot)
    return lines[-1].seq if lines else 0


# What stays ---------------------------------------------------------------------------------------


def rulings_of(ballot: Ballot) -> list[dict[str, Any]]:
    """What members ruled on ballots in doubt: by ruling and ground how many, and who agreed on any of them."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in judged_sheets(ballot):
        if one.state == rules.RULED and one.reader is None and one.standing:
            groups.setdefault((one.standing.ruling, one.standing.ground), []).append(one)
    return [
        {"ruling": ruling, "ground": ground, "number": len(sheets), "by": _agreeing(sheets)}
        for (ruling, ground), sheets in sorted(groups.items(), key=lambda item: _order(*item[0]))
    ]


def _order(ruling: str, ground: str) -> tuple[int, str]:
    return rules.RULINGS.index(ruling), ground


def _agreeing(sheets: Iterable[Judged]) -> list[int]:
    return sorted(
        {
            said.by_id
            for one in sheets
            for said in one.said
            if one.standing and said.facts().content == one.standing.content
        }
    )


def kept_facts(ballot: Ballot) -> dict[str, Any]:
    """The numbers that stand for the sheets once these are gone (Evidence.kept)."""
    scanned = scanned_of(ballot)
    counts = Counter(sheets_of(ballot).values_list("batch", flat=True))
    return {
        "scanned": asdict(scanned) if scanned else None,
        "grounds": asdict(grounds_of(ballot)),
        "rulings": rulings_of(ballot),
        "stacks": {str(one.pk): counts[one.pk] for one in batches_of(ballot)},
        "lines": [one.seq for one in lines_about(ballot)],
    }
