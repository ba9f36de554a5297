"""Ballot papers: designed, printed, withdrawn; the stock of a ballot; trials with a deck whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.elections import press, reads
from conventus.elections.models import Ballot, Contest, PaperForm, PrintRun, ScanBatch, Trial
from conventus.elections.reads import printing, trials

refusal_texts(
    "elections",
    {
        "form_there": N_(
            "There is such a paper already, and all ballots must look alike. Withdraw it before you design another."
        ),
        "paper_reason": N_("Say why; the reason stands in the minute book."),
        "paper_withdrawn": N_("This paper was withdrawn. Print another one, or design it anew."),
        "run_withdrawn": N_("This print run was withdrawn already."),
        "paper_frozen": N_(
            "%(copies)s ballots of this paper were printed, so it stays as it is. Withdraw the print runs first."
        ),
        "paper_being_read": N_("A stack of this paper is being scanned. Complete it or make it void first."),
        "print_over": N_("The count has begun: no ballot may be added to those that were handed out."),
        "copies_wrong": N_("Print at least 1 and at most %(most)s ballots in one run; for more, record several runs."),
        "batch_too_small": N_(
            "A label on so few ballots would tell whose they are. Leave it empty, or print at least %(least)s."
        ),
        "printed_by_hand": N_(
            "The number printed elsewhere is entered (%(printed)s). Remove it before a print run is recorded here."
        ),
        "printed_by_runs": N_("The number follows from the print runs. Record or withdraw a run instead."),
        "printed_none": N_("Enter at least 1, or leave the field empty if the number is not known."),
        "printed_too_few": N_(
            "%(issued)s ballots were handed out, so no fewer can have been printed. Check both numbers."
        ),
        "deck_of_ballot": N_(
            "Marked sheets of a real ballot paper could get into the count. Design a paper for a trial, and mark that."
        ),
        "stock_negative": N_("The number cannot be below 0."),
        "trial_not_read": N_("This stack is not read yet. Complete the reading first."),
        "trial_elsewhere": N_("This stack belongs to another paper, or to a count. Choose a stack of this trial."),
        "trial_recorded": N_("This trial is on record already. To try again, scan the deck into another stack."),
    },
)

PREPARING = ("preparation", "session")
MOST_COPIES = 10_000
LABEL_LEAST = 20
"""Copies from which on a batch label does not single anybody out."""
LABEL_LONGEST = 40


# Designs ------------------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def design_form(
    actor: User,
    subject: Contest | Ballot,
    *,
    variant: str = PaperForm.Variant.STANDARD,
    paper: str = PaperForm.Paper.A4,
    language: str = "vi",
    stamp_box: bool = True,
) -> PaperForm:
    """Design the paper of a ballot, or with a contest that of a trial from its list as it stands now."""
    ballot = subject if isinstance(subject, Ballot) else None
    contest = subject.contest if isinstance(subject, Ballot) else subject
    if ballot:
        _check_before_count(ballot)
    elif contest.state == Contest.State.DECIDED:
        raise Refusal("elections.contest_decided")
    live = contest.forms.filter(ballot=ballot, withdrawn="", variant=variant, language=language)
    if live.exists():
        raise Refusal("elections.form_there", field="variant")
    spec = printing.spec_of(subject, variant=variant, paper=paper, language=language, stamp_box=stamp_box)
    made = press.designed(spec)
    return PaperForm.objects.create(
        contest=contest,
        ballot=ballot,
        variant=variant,
        paper=paper,
        language=language,
        stamp_box=stamp_box,
        spec=spec,
        layout=made.layout,
        fingerprint=made.fingerprint,
        pages=made.pages,
    )


def _check_before_count(ballot: Ballot) -> None:
    if ballot.state not in (Ballot.State.PREPARED, Ballot.State.ISSUED):
        raise Refusal("elections.print_over")


@action("elections.prepare", phases=PREPARING)
def withdraw_form(actor: User, form: PaperForm, *, reason: str) -> PaperForm:
    """Take a paper out of use; one of which ballots were printed stays as it is."""
    if form.withdrawn:
        raise Refusal("elections.paper_withdrawn")
    printed = sum(form.runs.filter(withdrawn="", deck=False).values_list("copies", flat=True)) if form.ballot_id else 0
    if printed:
        raise Refusal("elections.paper_frozen", copies=printed)
    if form.batches.filter(state__in=(ScanBatch.State.OPEN, ScanBatch.State.READING)).exists():
        raise Refusal("elections.paper_being_read")
    form.withdrawn = _reason(reason)
    form.save(update_fields=["withdrawn"])
    return form


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refusal("elections.paper_reason", field="reason")
    return reason.strip()


# Print runs ---------------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def record_print_run(actor: User, form: PaperForm, *, copies: int, batch: str = "") -> PrintRun:
    """Record that so many copies are printed in one go; those of a ballot's paper count as printed ballots."""
    _check_printing(form)
    raise_all(_run_refusals(form, copies, batch.strip()))
    run = _printed(actor, form, copies, batch=batch.strip())
    _follow_runs(form)
    return run


def _printed(actor: User, form: PaperForm, copies: int, **more: Any) -> PrintRun:
    """A new run. It raises the form's version too, so that a page sent twice does not record it twice."""
    form.version += 1
    form.save(update_fields=["version"])
    return PrintRun.objects.create(form=form, copies=copies, by=actor, at=clock.now(), **more)


def _check_printing(form: PaperForm) -> None:
    if form.withdrawn:
        raise Refusal("elections.paper_withdrawn")
    if form.ballot:
        _check_before_count(form.ballot)
    press.checked(form)


def _run_refusals(form: PaperForm, copies: int, batch: str) -> Iterator[Refusal]:
    if not 1 <= copies <= MOST_COPIES:
        yield Refusal("elections.copies_wrong", field="copies", most=MOST_COPIES)
    if batch and copies < LABEL_LEAST:
        yield Refusal("elections.batch_too_small", field="batch", least=LABEL_LEAST)
    ballot = form.ballot
    if ballot and ballot.printed is not None and printing.printed_by_runs(ballot) is None:
        yield Refusal("elections.printed_by_hand", field="copies", printed=ballot.printed)


def _follow_runs(form: PaperForm) -> None:
    """Let the number printed follow the runs. The door guards form or run, so the ballot's version is raised here."""
    if form.ballot_id is None:
        return
    ballot = Ballot.objects.select_for_update().get(pk=form.ballot_id)
    ballot.printed = printing.printed_by_runs(ballot)
    _check_enough(ballot)
    ballot.version += 1
    ballot.save()
    note(ballot=ballot.pk, printed=ballot.printed)


def _check_enough(ballot: Ballot) -> None:
    """No more can be in the hands of voters than were printed, as far as both numbers are known."""
    if ballot.printed is not None and ballot.issued is not None and ballot.printed < ballot.issued:
        raise Refusal("elections.printed_too_few", issued=ballot.issued)


@action("elections.prepare", phases=PREPARING)
def print_deck(actor: User, form: PaperForm) -> PrintRun:
    """Print the marked sheets of a trial; their codes are those of the trial, so that no count can take them."""
    if form.ballot_id:
        raise Refusal("elections.deck_of_ballot")
    _check_printing(form)
    return _printed(actor, form, len(press.known_sheets(form)), deck=True)


@action("elections.prepare", phases=PREPARING)
def withdraw_print_run(actor: User, run: PrintRun, *, reason: str) -> PrintRun:
    """Say that the copies of a run do not count, such as misprints that were destroyed."""
    if run.withdrawn:
        raise Refusal("elections.run_withdrawn")
    ballot = run.form.ballot
    if ballot and ballot.state == Ballot.State.DECLARED:
        raise Refusal("elections.declared_already")
    run.withdrawn = _reason(reason)
    run.save(update_fields=["withdrawn"])
    if not run.deck:
        _check_handed_out(run)
        _follow_runs(run.form)
    return run


def _check_handed_out(run: PrintRun) -> None:
    """The last run of ballots that voters hold cannot be taken back either."""
    ballot = run.form.ballot
    if ballot and ballot.issued and printing.printed_by_runs(ballot) is None:
        raise Refusal("elections.printed_too_few", issued=ballot.issued)


# Stock --------------------------------------------------------------------------------------------


@action("elections.prepare", phases=("session",))
def set_printed(actor: User, ballot: Ballot, *, printed: int | None) -> Ballot:
    """Enter how many ballots another hand printed or the board wrote out (ELE-18); None = not known."""
    if ballot.state == Ballot.State.DECLARED:
        raise Refusal("elections.declared_already")
    if printing.counting_runs(ballot).exists():
        raise Refusal("elections.printed_by_runs", field="printed")
    if printed is not None and printed < 1:
        raise Refusal("elections.printed_none", field="printed")
    ballot.printed = printed
    _check_enough(ballot)
    ballot.save()
    return ballot


@action("elections.count", phases=("session",))
def record_stock(actor: User, ballot: Ballot, *, spoilt: int, unused: int) -> Ballot:
    """Record, as a member of the board, how many ballots were spoilt and exchanged, and how many are left over."""
    if ballot.state == Ballot.State.PREPARED:
        raise Refusal("elections.not_issued")
    if ballot.state == Ballot.State.DECLARED:
        raise Refusal("elections.declared_already")
    reads.seat_for(actor, ballot)
    figures = {"spoilt": spoilt, "unused": unused}
    raise_all(Refusal("elections.stock_negative", field=name) for name, number in figures.items() if number < 0)
    ballot.spoilt, ballot.unused = spoilt, unused
    ballot.save()
    return ballot


# Trials -------------------------------------------------------------------------------------------


@action("elections.prepare", phases=PREPARING)
def record_trial(actor: User, form: PaperForm, *, batch: ScanBatch, remark: str = "") -> Trial:
    """Put the result of a trial on record: the deck's known answer against what was read of it, passed or not."""
    if batch.form_id != form.pk or batch.purpose != ScanBatch.Purpose.TRIAL or form.ballot_id:
        raise Refusal("elections.trial_elsewhere")
    if batch.state != ScanBatch.State.READ:
        raise Refusal("elections.trial_not_read")
    if Trial.objects.filter(batch=batch).exists():
        raise Refusal("elections.trial_recorded")
    result = trials.trial_result(batch)
    number = Trial.objects.filter(form__contest=form.contest).count() + 1
    trial = Trial.objects.create(
        form=form,
        batch=batch,
        number=number,
        passed=result.passed,
        result=trials.trial_data(result),
        remark=remark.strip(),
        by=actor,
        at=clock.now(),
    )
    note(
        sheets={"known": result.sheets_known, "read": result.sheets_read},
        people={"known": result.people_known, "read": result.people_read, "asked": result.asked},
        totals=[[line.figure, line.candidate, line.known, line.read, line.waiting] for line in result.totals],
        faults=[[one.what, one.kind] for one in result.faults],
    )
    return trial
