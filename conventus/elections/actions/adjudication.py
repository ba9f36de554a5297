"""Members of the board rule on scanned ballots, each alone; one who has ruled on all of them has a count."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from conventus.core.door import action
from conventus.core.door import note as to_book
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.actions.count import check_figures, move_on, write_entry
from conventus.elections.models import Adjudication, Ballot, CountEntry, ScanBatch, Sheet, seal_of

refusal_texts(
    "elections",
    {
        "no_sheets": N_("No ballot was scanned yet. Scan the ballots first, or key in totals."),
        "sheets_left": N_("%(left)s ballots are not keyed in yet. Key them in first; then they make a count."),
        "sheets_coming": N_("Not all stacks are read: %(stacks)s. Wait for them; their ballots belong to the count."),
    },
)


@action("elections.count", phases=("session",))
def adjudicate(
    actor: User,
    sheet: Sheet,
    *,
    ruling: str,
    ground: str = "",
    marks: Mapping[str, str] | None = None,
    note: str = "",
) -> Adjudication:
    """Rule on one scanned ballot, blind to the other members; the minute book keeps a seal of it, no mark.

    `ruling` is `valid` with the marks by candidate's key, `invalid` on a ground of the law, or `not_counted` with the
    reason. One's own verdict may be given anew as long as no agreement rests on it.
    """
    ballot = _locked(sheet)
    reads.check_judge(actor, ballot)
    reads.check_counted(sheet, ballot)
    verdict = _verdict(ballot, actor, ruling, ground, marks or {})
    contest = ballot.contest
    rules.check_verdict(contest.law, ballot.facts(), verdict, contest.day)
    judged = reads.judged_sheet(sheet)
    rules.check_change(judged.verdicts, verdict, judged.least)
    return _kept(sheet, actor, verdict, note.strip())


def _locked(sheet: Sheet) -> Ballot:
    """The ballot, held so that the scan is not closed while a verdict comes in."""
    found = Ballot.objects.select_for_update(of=("self",)).select_related("contest__congress__unit__organisation")
    ballot = sheet.batch.form.ballot
    if ballot is None:
        raise Refusal("elections.sheet_void")
    return found.get(pk=ballot.pk)


def _verdict(ballot: Ballot, actor: User, ruling: str, ground: str, marks: Mapping[str, str]) -> rules.Verdict:
    """The verdict with what belongs to its ruling and nothing else."""
    if ruling != rules.VALID:
        return rules.Verdict(ruling, ground, by=str(actor.pk))
    kept = {key: marks[key] for key in ballot.facts().candidates if key in marks}
    return rules.Verdict(ruling, marks=kept, by=str(actor.pk))


def _kept(sheet: Sheet, actor: User, verdict: rules.Verdict, remark: str) -> Adjudication:
    said = {"ruling": verdict.ruling, "ground": verdict.ground, "marks": dict(verdict.marks), "note": remark}
    salt = secrets.token_hex(16)
    kept, _new = Adjudication.objects.update_or_create(
        sheet=sheet, by=actor, defaults={**said, "salt": salt, "seal": seal_of(said, salt)}
    )
    return kept


@action("elections.count", phases=("session",))
def enter_by_sheets(actor: User, ballot: Ballot) -> Ballot:
    """Hand in one's count made ballot by ballot from the pictures: the sum of one's own verdicts on all of them."""
    slot = reads.slot_for(actor, ballot)
    count = rules.sum_of(ballot.facts(), _own_verdicts(actor, ballot))
    check_figures(ballot, count)
    entry = write_entry(ballot, actor, slot, count, method=CountEntry.Method.SHEETS)
    to_book(slot=slot, seal=entry.seal)
    move_on(ballot)
    return ballot


def _own_verdicts(actor: User, ballot: Ballot) -> list[rules.Verdict]:
    """What the actor says of every ballot of this count; refuses while there is one to come or left."""
    under_way = (ScanBatch.State.OPEN, ScanBatch.State.READING)
    if stacks := [str(one) for one in reads.stacks_of(ballot) if one.state in under_way]:
        raise Refusal("elections.sheets_coming", stacks=", ".join(stacks))
    total, verdicts = reads.sheets_counted(ballot).count(), reads.own_verdicts(actor, ballot)
    if not total:
        raise Refusal("elections.no_sheets")
    if left := total - len(verdicts):
        raise Refusal("elections.sheets_left", left=left)
    return verdicts
