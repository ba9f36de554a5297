"""What the elections put on My desk: entries to key in, differences to settle, results to declare, lists to close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conventus.core.desk import DeskItem
from conventus.core.models import User
from conventus.core.rights import allowing, visible
from conventus.core.rules import Citation
from conventus.cycle.models import Congress
from conventus.elections import rules
from conventus.elections.models import Audit, Ballot, Contest
from conventus.elections.reads.adjudication import judges_of, queue_of
from conventus.elections.reads.audit import audit_of
from conventus.elections.reads.count import accepted_of, findings_of, may_compare, next_steps
from conventus.elections.reads.evidence_items import evidence_items
from conventus.elections.reads.judged import judged_sheets
from conventus.elections.reads.printing import paper_items
from conventus.elections.reads.scan_items import scan_items

OPEN = Congress.State.OPEN


def desk_items(reader: User, today: date) -> list[DeskItem]:
    """Everything that waits for `reader` at congresses in session, and evidence to be sealed or destroyed."""
    counting = (*_of_board(reader, today), *_of_organiser(reader, today))
    return [*counting, *paper_items(reader, today), *evidence_items(reader, today)]


# The counting board -------------------------------------------------------------------------------


def _of_board(reader: User, today: date) -> Iterator[DeskItem]:
    for ballot in _ballots(reader):
        yield from _counting(reader, ballot, today)


def _ballots(reader: User) -> QuerySet[Ballot]:
    """The ballots under way at the congresses on whose board the reader sits."""
    ballots = Ballot.objects.filter(contest__congress__board__user=reader, contest__congress__state=OPEN)
    return ballots.exclude(state=Ballot.State.DECLARED).select_related("contest__congress__unit__organisation")


def _counting(reader: User, ballot: Ballot, today: date) -> Iterator[DeskItem]:
    if allowing(reader, "elections.count", ballot.place, ballot.phase) is None:
        return
    if ballot.state == Ballot.State.PREPARED:
        if ballot.has_electorate:
            why = _("The counting board hands out the ballots.")
            yield _item(ballot, today, why, _("Record the ballots issued"), _("Issue"), "issue")
    elif ballot.state in (Ballot.State.ISSUED, Ballot.State.COUNTING):
        yield from scan_items(ballot, today)
        yield from _doubtful(reader, ballot, today)
        yield from _keying(reader, ballot, today)
    elif ballot.state == Ballot.State.DIFFERING:
        if may_compare(reader, ballot):
            why = _("A third member settles every figure with the ballots at hand.")
            yield _item(ballot, today, why, _("Resolve the differences between two entries"), _("Compare"), "compare")
    elif (audit := audit_of(ballot)) and audit.state == Audit.State.OPEN:
        why = _("A sample audit of the count is under way.")
        yield _item(ballot, today, why, _("Enter the drawn papers"), _("Audit"), "audit")
    elif ballot.contest.congress.board.filter(user=reader, head=True).exists():
        yield _declaring(ballot, today)


def _doubtful(reader: User, ballot: Ballot, today: date) -> Iterator[DeskItem]:
    """Scanned ballots that wait for this member to rule on them."""
    if ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).exists() or reader not in judges_of(ballot):
        return
    if left := len(queue_of(reader, judged_sheets(ballot))):
        title = ngettext("Rule on %(left)s ballot in doubt", "Rule on %(left)s ballots in doubt", left) % {"left": left}
        why = _("Each ballot in doubt is ruled on by members who agree, each blind to the others.")
        yield _item(ballot, today, why, title, _("Rule"), "adjudicate")


def _keying(reader: User, ballot: Ballot, today: date) -> Iterator[DeskItem]:
    made = list(ballot.entries.filter(attempt=ballot.attempt).values_list("by_id", flat=True))
    if reader.pk in made:
        return
    title = _("Enter the count (second entry)") if made else _("Enter the count (first entry)")
    why = _("Two members of the counting board key in the count, each alone.")
    yield _item(ballot, today, why, title, _("Enter"), "enter_count")


def _declaring(ballot: Ballot, today: date) -> DeskItem:
    findings = findings_of(ballot)
    accepted = accepted_of(ballot, findings)
    if any(one.code not in accepted for one in findings):
        why = _("A warning is accepted with a reason, or the count is repeated.")
        return _item(ballot, today, why, _("Accept the warnings on the count"), _("Look at them"), "ballot")
    rule = ballot.contest.law.majority[ballot.kind].at(ballot.contest.day)
    return _item(ballot, today, rule.cite, _("Declare the result"), _("Declare"), "ballot")


def _item(ballot: Ballot, today: date, why: Citation | str, title: str, verb: str, page: str) -> DeskItem:
    return DeskItem(
        title=title,
        unit=ballot.place,
        due=today,
        why=why,
        url=reverse(f"elections:{page}", args=[ballot.pk]),
        verb=verb,
        kind=f"elections.{page}",
        today=today,
        state=ballot.state,
        detail=str(ballot.contest),
    )


# The organiser ------------------------------------------------------------------------------------


def _of_organiser(reader: User, today: date) -> Iterator[DeskItem]:
    inside = visible(reader, "elections.prepare", "congress__unit__path")
    contests = Contest.objects.filter(inside, congress__state=OPEN).exclude(state=Contest.State.DECIDED)
    for contest in contests.select_related("congress__unit__organisation").prefetch_related("ballots"):
        if allowing(reader, "elections.prepare", contest.place, contest.phase):
            yield from _preparing(contest, today)


def _preparing(contest: Contest, today: date) -> Iterator[DeskItem]:
    ballots, listed = list(contest.ballots.all()), contest.law.surplus_least_percent.at(contest.day).cite
    steps = next_steps(ballots[-1]) if ballots else ()
    if contest.state == Contest.State.DRAFT:
        yield _step(contest, today, listed, _("Close the list of candidates"), _("Close the list"), "close_list")
    elif not ballots:
        yield _step(contest, today, listed, _("Prepare the first ballot"), _("Prepare"), "prepare_ballot")
    elif ballots[-1].state == Ballot.State.PREPARED and not ballots[-1].has_electorate:
        yield _electorate(ballots[-1], today)
    elif any(step.decision for step in steps):
        title = _("Record what the congress decides about open seats")
        yield _step(contest, today, steps[0].article, title, _("Record"), "decide")


def _electorate(ballot: Ballot, today: date) -> DeskItem:
    contest = ballot.contest
    why = contest.law.bases[contest.body_of_voters].at(contest.day).cite
    return _item(ballot, today, why, _("Enter who may vote"), _("Enter"), "electorate")


def _step(contest: Contest, today: date, why: Citation, title: str, verb: str, page: str) -> DeskItem:
    return DeskItem(
        title=title,
        unit=contest.place,
        due=today,
        why=why,
        url=reverse(f"elections:{page}", args=[contest.pk]),
        verb=verb,
        kind=f"elections.{page}",
        today=today,
        state=contest.state,
        detail=str(contest),
    )
