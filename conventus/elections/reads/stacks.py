"""What each stack holds by its scan and by hand, and what papers, scans and count have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conventus.elections import rules
from conventus.elections.models import Ballot, BatchCount, ScanBatch, StackExplanation, count_of
from conventus.elections.reads.judged import Judged, judged_sheets
from conventus.elections.reads.kept import kept_of, kept_scan
from conventus.elections.reads.scanning import stacks_of
from conventus.elections.rules import reconcile


@dataclass(frozen=True)
class StackCount:
    """A stack: the sum of its sheets (None while some wait for a ruling or lack a mark) against its hand counts."""

    batch: ScanBatch
    sheets: int
    read: rules.Count | None
    hands: tuple[BatchCount, ...]
    explanation: StackExplanation | None

    @property
    def agreed(self) -> rules.Count | None:
        """The hand count that two members share."""
        return reconcile.agreed_by_hand([(str(one.by_id), count_of(one.figures)) for one in self.hands])

    @property
    def state(self) -> str:
        """`""` (not counted by hand), `waiting`, `equal`, `differs` or `explained`."""
        if not self.hands:
            return ""
        if self.agreed is None or self.read is None:
            return reconcile.WAITING
        if not self.differences:
            return reconcile.EQUAL
        return reconcile.EXPLAINED if self.explanation else reconcile.DIFFERS

    @property
    def differences(self) -> tuple[rules.Difference, ...]:
        """The figures that scan and hand count give differently."""
        if self.read is None or self.agreed is None:
            return ()
        return rules.compare_entries({"scan": self.read, "hand": self.agreed})

    def facts(self) -> rules.Stack:
        """The stack as the law reconciles it."""
        return rules.Stack(str(self.batch), self.batch.expected, self.sheets, self.state)


def stack_counts(ballot: Ballot, standings: Sequence[Judged] | None = None) -> list[StackCount]:
    """The stacks of the present count that were read, in the order of their numbers."""
    batches = [one for one in stacks_of(ballot) if one.state == ScanBatch.State.READ]
    if not batches:
        return []
    found, facts = judged_sheets(ballot) if standings is None else standings, ballot.facts()
    hands = BatchCount.objects.filter(batch__in=batches).select_related("by").order_by("pk")
    said = {one.batch_id: one for one in StackExplanation.objects.filter(batch__in=batches).select_related("by")}
    return [
        _stack(facts, batch, [one for one in found if one.sheet.batch_id == batch.pk], hands, said.get(batch.pk))
        for batch in batches
    ]


def _stack(
    facts: rules.BallotFacts,
    batch: ScanBatch,
    standings: Sequence[Judged],
    hands: Iterable[BatchCount],
    said: StackExplanation | None,
) -> StackCount:
    verdicts = [one.standing for one in standings if one.standing]
    whole = len(verdicts) == len(standings) and all(_has_every_mark(facts, one) for one in verdicts)
    read = rules.sum_of(facts, verdicts) if whole else None
    sheets = sum(_is_ballot(one) for one in standings)
    return StackCount(batch, sheets, read, tuple(one for one in hands if one.batch_id == batch.pk), said)


def _has_every_mark(facts: rules.BallotFacts, verdict: rules.Verdict) -> bool:
    """A valid sheet without a mark for some name cannot be counted; the check E15 names it."""
    return verdict.ruling != rules.VALID or set(facts.candidates) <= verdict.marks.keys()


def _is_ballot(one: Judged) -> bool:
    return one.standing is None or one.standing.ruling != rules.NOT_COUNTED


def scanned_of(ballot: Ballot) -> rules.Scanned | None:
    """What was scanned for the present count; None when no stack was read."""
    if kept := kept_of(ballot):
        return kept_scan(kept)
    standings = judged_sheets(ballot)
    stacks = stack_counts(ballot, standings)
    if not stacks:
        return None
    valid = [one.standing for one in standings if one.standing and one.standing.ruling == rules.VALID]
    keys = [str(one.pk) for one in ballot.names()]
    marks = {key: sum(key in verdict.marks for verdict in valid) for key in keys}
    sheets = sum(_is_ballot(one) for one in standings)
    return rules.Scanned(sheets, len(valid), marks, tuple(one.facts() for one in stacks))


def papers_of(ballot: Ballot) -> rules.Papers:
    """What became of the papers, as far as it is known."""
    return rules.Papers(ballot.printed, ballot.issued, ballot.spoilt, ballot.unused)


def facts_to_reconcile(ballot: Ballot) -> rules.BallotFacts:
    """What an agreed count is judged by, with what became of the papers and what was scanned."""
    return replace(ballot.facts(), papers=papers_of(ballot), scanned=scanned_of(ballot))
