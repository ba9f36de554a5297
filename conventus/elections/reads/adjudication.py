"""Ballots that people must look at: who has which left, what a member may see of the others, what they are ruled."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import Http404

from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import rules
from conventus.elections.models import Adjudication, Ballot, Candidate, CountEntry, ScanBatch, Sheet
from conventus.elections.reads.contests import ballot_for, board_seat, seat_for
from conventus.elections.reads.count import AGREED, entries_now, may_compare
from conventus.elections.reads.judged import Judged, judged_sheets
from conventus.elections.reads.kept import kept_of
from conventus.elections.reads.scanning import sheet_for, sheets_counted

refusal_texts(
    "elections",
    {
        "sheet_void": N_("The stack of this ballot does not count. Go on with the next ballot."),
        "judging_over": N_("The ballots are not being counted now, so none is ruled on."),
    },
)

RUNNING = (Ballot.State.ISSUED, Ballot.State.COUNTING)


# Who may ------------------------------------------------------------------------------------------


def board_ballot_for(reader: User, pk: int) -> Ballot:
    """A ballot on whose counting board the reader sits; for anybody else there is no such page."""
    ballot = ballot_for(reader, pk)
    if board_seat(reader, ballot.contest.congress) is None:
        raise Http404
    return ballot


def ballot_sheet_for(reader: User, pk: int) -> tuple[Sheet, Ballot]:
    """A scanned ballot of a count on whose board the reader sits, and its ballot; 404 for everybody else."""
    sheet = sheet_for(reader, pk)
    if sheet.batch.purpose != ScanBatch.Purpose.COUNT or sheet.batch.form.ballot_id is None:
        raise Http404
    return sheet, board_ballot_for(reader, sheet.batch.form.ballot_id)


def judges_of(ballot: Ballot) -> list[User]:
    """The members of the board who may rule on ballots: those with an account who do not stand in the contest."""
    standing = set(
        Candidate.objects.filter(contest=ballot.contest, withdrawn=False).values_list("person__user_id", flat=True)
    )
    seats = ballot.contest.congress.board.select_related("user")
    return [one.user for one in seats if one.user and one.user_id not in standing]


def check_judge(actor: User, ballot: Ballot) -> None:
    """Refuse whoever is not on the board or stands in the contest, and everybody once the scan is closed."""
    seat_for(actor, ballot)
    if actor not in judges_of(ballot):
        raise Refusal("elections.counter_is_candidate")
    if ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).exists():
        raise Refusal("elections.scan_closed")
    if ballot.state not in RUNNING:
        raise Refusal("elections.judging_over")


def check_counted(sheet: Sheet, ballot: Ballot) -> None:
    """Refuse a sheet that belongs to no present count: a void stack, a trial, an earlier count."""
    batch = sheet.batch
    if batch.attempt != ballot.attempt:
        raise Refusal("elections.recounted_meanwhile")
    if batch.state != ScanBatch.State.READ or batch.purpose != ScanBatch.Purpose.COUNT:
        raise Refusal("elections.sheet_void")


# The queue ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far the board is with the ballots in doubt: numbers and names, never what anybody says."""

    asked: int = 0
    """Ballots on which people must rule."""
    ruled: int = 0
    waiting: int = 0
    disputed: int = 0
    scanned: int = 0
    left: Mapping[User, int] = field(default_factory=dict)
    """By member: ballots on which this member may still speak first."""
    disputed_with: Mapping[User, int] = field(default_factory=dict)
    """By member: ballots in dispute on which this member has spoken."""

    @property
    def open(self) -> int:
        """Ballots that keep the scan from being closed."""
        return self.waiting + self.disputed


def progress_of(ballot: Ballot, sheets: Sequence[Judged] | None = None) -> Progress:
    """How far the board is; for its members."""
    found = judged_sheets(ballot) if sheets is None else sheets
    states = Counter(one.state for one in found)
    judges = judges_of(ballot) if found else []
    return Progress(
        asked=sum(one.reader is None for one in found),
        ruled=sum(one.reader is None and not one.open for one in found),
        waiting=states[rules.WAITING],
        disputed=states[rules.DISPUTED],
        scanned=len(found),
        left={one: sum(sheet.open and not sheet.of(one) for sheet in found) for one in judges},
        disputed_with={one: sum(sheet.disputed_with(one) for sheet in found) for one in judges},
    )


def in_order_of(member: User, sheets: Sequence[Judged]) -> list[Judged]:
    """An order that is the member's own and stays the same, so that no two go through the ballots alike."""
    return sorted(sheets, key=lambda one: hashlib.sha256(f"{one.sheet.pk}:{member.pk}".encode()).digest())


def queue_of(reader: User, sheets: Sequence[Judged]) -> list[Judged]:
    """The ballots that wait for this member, in the member's own order; those in dispute with the member come last."""
    new = [one for one in sheets if one.open and not one.of(reader)]
    again = [one for one in sheets if one.disputed_with(reader)]
    return [*in_order_of(reader, new), *in_order_of(reader, again)]


def before(reader: User, ballot: Ballot, sheet: Sheet | None) -> Sheet | None:
    """The ballot that the reader has ruled on before this one (or last); one may look at it again."""
    said = Adjudication.objects.filter(by=reader, sheet__in=sheets_counted(ballot))
    own = said.order_by("-pk").select_related("sheet")
    mine = own.filter(sheet=sheet).first() if sheet else None
    last = (own.filter(pk__lt=mine.pk) if mine else own).first()
    return last.sheet if last else None


# Keying in from the pictures ----------------------------------------------------------------------


@dataclass(frozen=True)
class Keying:
    """How far a member is with keying in every ballot from its picture: the next one, how many are done."""

    next: Judged | None
    done: int
    total: int

    @property
    def left(self) -> int:
        """How many ballots are left."""
        return self.total - self.done


def keying_of(reader: User, ballot: Ballot, sheets: Sequence[Judged] | None = None) -> Keying:
    """The reader's own way through all ballots."""
    found = judged_sheets(ballot) if sheets is None else sheets
    left = in_order_of(reader, [one for one in found if not one.of(reader)])
    return Keying(left[0] if left else None, len(found) - len(left), len(found))


def own_verdicts(reader: User, ballot: Ballot) -> list[rules.Verdict]:
    """What the ballots count for in the reader's own count: as keyed in; one in doubt as the board has ruled on it.

    The board, not one of its members, rules on doubtful ballots (ELE-22): whoever was outvoted counts them so too.
    """
    mine = [one for one in judged_sheets(ballot) if one.of(reader)]
    return [rules.counted_by(str(reader.pk), one.reader is not None, one.verdicts, one.least) for one in mine]


# Ballot by ballot ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Voice:
    """What one path says of a ballot: the reader alone, the scan as it counts, a member who keyed in every ballot."""

    path: str
    by: User | None
    verdict: rules.Verdict | None


@dataclass(frozen=True)
class Differing:
    """A ballot of which paths say different things: `names` are the keys of the candidates whose marks differ."""

    sheet: Sheet
    voices: tuple[Voice, ...]
    names: tuple[str, ...]


def differing_sheets(reader: User, ballot: Ballot, name: str = "") -> list[Differing]:
    """The ballots that make the counts differ, those of one name if wanted; nothing unless all counts may be seen."""
    if board_seat(reader, ballot.contest.congress) is None or not may_compare(reader, ballot):
        return []
    keyed = [one for one in entries_now(ballot) if one.method == CountEntry.Method.SHEETS]
    found = (_differing(one, keyed) for one in judged_sheets(ballot))
    return [one for one in found if one and (not name or name in one.names)]


def _differing(sheet: Judged, keyed: Sequence[CountEntry]) -> Differing | None:
    voices = [Voice("reader", None, sheet.reader), Voice(rules.SCAN, None, sheet.standing)]
    said = {one.by_id: one for one in sheet.said}
    for entry in keyed:
        if entry.by_id in said:
            voices.append(Voice(entry.slot, entry.by, said[entry.by_id].facts()))
    spoken = [one.verdict for one in voices if one.verdict]
    if len({one.content for one in spoken}) < 2:
        return None
    return Differing(sheet.sheet, tuple(voices), tuple(_differing_names(spoken)))


def _differing_names(verdicts: Sequence[rules.Verdict]) -> Iterator[str]:
    """Names for which the verdicts do not count alike; all of them where one calls the ballot invalid."""
    counted = [dict(one.marks) if one.ruling == rules.VALID else {} for one in verdicts]
    for key in dict.fromkeys(key for marks in counted for key in marks):
        if len({marks.get(key) for marks in counted}) > 1:
            yield key


# The record ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grounds:
    """How the scanned ballots of an agreed count were ruled on: for the record, numbers only."""

    scanned: int = 0
    unseen: int = 0
    """Counted as read, without a person."""
    ruled: int = 0
    """Ruled on by members."""
    invalid: Mapping[str, int] = field(default_factory=dict)
    """By ground (rules.GROUNDS)."""
    not_counted: Mapping[str, int] = field(default_factory=dict)
    """By reason (rules.NO_BALLOT)."""


def grounds_of(ballot: Ballot) -> Grounds:
    """How the scanned ballots were ruled on; all 0 as long as the count is not agreed."""
    if kept := kept_of(ballot):
        return Grounds(**kept["grounds"])
    sheets = judged_sheets(ballot) if ballot.state in AGREED else []
    grounds: dict[str, Counter[str]] = {rules.INVALID: Counter(), rules.NOT_COUNTED: Counter()}
    for one in sheets:
        if one.standing and one.standing.ruling in grounds:
            grounds[one.standing.ruling][one.standing.ground] += 1
    ruled = sum(one.state == rules.RULED for one in sheets)
    invalid, not_counted = dict(grounds[rules.INVALID]), dict(grounds[rules.NOT_COUNTED])
    return Grounds(len(sheets), len(sheets) - ruled, ruled, invalid, not_counted)
