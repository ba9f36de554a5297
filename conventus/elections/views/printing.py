"""Ballot papers: designed, looked at, printed, withdrawn; what became of every copy."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core.forms import attempt
from conventus.core.models import Row, User
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.core.words import shown
from conventus.elections import actions, press, reads
from conventus.elections.forms.fields import ReasonForm
from conventus.elections.forms.printing import DesignForm, PrintedForm, PrintForm, StockForm
from conventus.elections.models import Ballot, Contest, PaperForm, PrintRun
from conventus.elections.reads import printing
from conventus.elections.views.page import (
    Crumbs,
    answer,
    ballot_crumbs,
    ballot_title,
    contest_crumbs,
    may,
    posted,
    require,
)

LARGE_RUN = 100
"""Copies from which on a print run is shown once more before it is recorded."""
RESERVE_PERCENT = 5
BEFORE_COUNT = (Ballot.State.PREPARED, Ballot.State.ISSUED)
HARD = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def crumbs_of(subject: Contest | Ballot, *steps: tuple[Any, str]) -> Crumbs:
    """The way to a ballot's paper, or to the trials of a contest, and below."""
    if isinstance(subject, Ballot):
        return ballot_crumbs(subject, (_("Ballot paper"), reverse("elections:paper", args=[subject.pk])), *steps)
    return contest_crumbs(subject, (_("Trial count"), reverse("elections:trials", args=[subject.pk])), *steps)


def subject_of(form: PaperForm) -> Contest | Ballot:
    """What a form is for."""
    return form.ballot or form.contest


def home_of(subject: Contest | Ballot) -> str:
    """The page on which the papers of a subject are listed."""
    return reverse("elections:paper" if isinstance(subject, Ballot) else "elections:trials", args=[subject.pk])


# A ballot's paper ---------------------------------------------------------------------------------


@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of a ballot: designs, print runs, and where all the copies are."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    runs = printing.runs_of(row)
    context = {
        "ballot": row,
        "title": ballot_title(row),
        "forms": form_rows(reader, printing.forms_of(row)),
        "runs": run_rows(reader, runs),
        "stock": printing.stock_of(row),
        "by_hand": row.printed is not None and not any(not run.withdrawn for run in runs),
        "may": _may(reader, row, runs),
        "breadcrumbs": ballot_crumbs(row, (_("Ballot paper"), "")),
    }
    return render(request, "elections/print_paper.html", context)


def _may(reader: User, row: Ballot, runs: list[PrintRun]) -> dict[str, bool]:
    on_board = reads.board_seat(reader, row.contest.congress) is not None
    counts = on_board and may(reader, actions.record_stock, row)
    open_one = row.state != Ballot.State.DECLARED
    return {
        "design": row.state in BEFORE_COUNT and may(reader, actions.design_form, row),
        "set_printed": open_one and all(run.withdrawn for run in runs) and may(reader, actions.set_printed, row),
        "stock": open_one and row.state != Ballot.State.PREPARED and counts,
    }


def form_rows(reader: User, forms: list[PaperForm]) -> list[dict[str, Any]]:
    """The forms with what the reader may do with each."""
    return [_form_row(reader, form) for form in forms]


def _form_row(reader: User, form: PaperForm) -> dict[str, Any]:
    live = not form.withdrawn
    in_time = form.ballot is None or form.ballot.state in BEFORE_COUNT
    printed = sum(form.runs.filter(withdrawn="", deck=False).values_list("copies", flat=True))
    prints = live and may(reader, actions.record_print_run, form)
    return {
        "form": form,
        "language": press.LANGUAGE_NAMES.get(form.language, form.language),
        "names": len(form.spec.get("candidates", ())),
        "printed": printed,
        "frozen": bool(printed and form.ballot_id),
        "list_changed": printing.list_changed(form),
        "may_look": live and may_print(reader, form),
        "may_print": prints and in_time,
        "may_withdraw": prints and not (printed and form.ballot_id),
    }


def run_rows(reader: User, runs: list[PrintRun]) -> list[dict[str, Any]]:
    """The print runs with what the reader may do with each."""
    return [
        {
            "run": run,
            "may_fetch": not run.withdrawn and not run.form.withdrawn and may_print(reader, run.form),
            "may_withdraw": not run.withdrawn and may(reader, actions.withdraw_print_run, run) and _open(run.form),
        }
        for run in runs
    ]


def _open(form: PaperForm) -> bool:
    return form.ballot is None or form.ballot.state != Ballot.State.DECLARED


def may_print(reader: User, form: PaperForm) -> bool:
    """Whether the reader gets files that print ballots: whoever prepares the election, while that is possible."""
    return may(reader, actions.record_print_run, form)


# Designing ----------------------------------------------------------------------------------------


def design(request: HttpRequest, pk: int) -> HttpResponse:
    """Design the paper of a ballot, with a proof beside the choices."""
    return _design(request, reads.ballot_for(me(request), pk), "design_proof")


def design_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Design the paper of a trial from the list as it stands."""
    return _design(request, reads.contest_for(me(request), pk), "design_trial_proof")


def _design(request: HttpRequest, subject: Contest | Ballot, picture: str) -> HttpResponse:
    reader = me(request)
    require(reader, actions.design_form, subject)
    wanted = _wanted(request.GET, subject)
    form = DesignForm(posted(request), subject=subject, initial=wanted)
    made: list[PaperForm] = []

    def keep() -> None:
        made.append(actions.design_form(reader, subject, **form.values()))

    if request.method == "POST" and attempt(form, keep, subject):
        messages.success(request, _("The paper is designed. Look at the proof before you print."))
        return redirect(home_of(subject))
    chosen = form.values() if request.method == "POST" and form.is_valid() else wanted
    context = {
        "subject": subject,
        "contest": subject.contest if isinstance(subject, Ballot) else subject,
        "trial": not isinstance(subject, Ballot),
        "proof": _proof_of(subject, chosen, reverse(f"elections:{picture}", args=[subject.pk])),
        "back": home_of(subject),
        "breadcrumbs": crumbs_of(subject, (_("New paper"), "")),
    }
    if request.headers.get("HX-Request"):
        return render(request, "elections/print_proof.html", context)
    return answer(request, "elections/print_design.html", context, form)


def _wanted(asked: QueryDict, subject: Contest | Ballot) -> dict[str, Any]:
    """The choices in the address; what is not chosen yet is the usual."""
    contest = subject.contest if isinstance(subject, Ballot) else subject
    own = contest.congress.unit.organisation.language
    return {
        "variant": asked.get("variant", PaperForm.Variant.STANDARD),
        "paper": asked.get("paper", PaperForm.Paper.A4),
        "language": asked.get("language", own if own in press.LANGUAGES else "en"),
        "stamp_box": "stamp_box" in asked if asked else True,
    }


def _proof_of(subject: Contest | Ballot, chosen: dict[str, Any], address: str) -> dict[str, Any]:
    """Where the picture of the first page is, and how many pages there are; or why it cannot be set."""
    try:
        pages = press.page_count(printing.spec_of(subject, **chosen))
    except Refusal as refusal:
        return {"refusals": shown(refusal)}
    query = QueryDict(mutable=True)
    query.update({key: str(value) for key, value in chosen.items() if value})
    return {"url": f"{address}?{query.urlencode()}", "pages": pages, **chosen}


@require_GET
def design_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The first page of a ballot's paper as it would be."""
    return _drawn(request, reads.ballot_for(me(request), pk))


@require_GET
def design_trial_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The first page of a trial's paper as it would be."""
    return _drawn(request, reads.contest_for(me(request), pk))


def _drawn(request: HttpRequest, subject: Contest | Ballot) -> HttpResponse:
    require(me(request), actions.design_form, subject)
    drawn, _pages = press.picture(printing.spec_of(subject, **_wanted(request.GET, subject)))
    return HttpResponse(drawn, content_type="image/png", headers=HARD)


@require_GET
def form_page(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """A page (from 0) of a designed form, unmarked, as the reader of scans knows it."""
    form = printing.form_for(me(request), pk)
    if page >= form.pages:
        raise Http404
    return HttpResponse(base64.b64decode(form.geometry["blank"][page]), content_type="image/png", headers=HARD)


@require_GET
def form_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """One copy as PDF, marked as a proof."""
    form = printing.form_for(me(request), pk)
    require(me(request), actions.record_print_run, form)
    return _pdf(form, "proof", press.proof(form))


def _pdf(form: PaperForm, kind: str, content: bytes) -> HttpResponse:
    """A file named after what it is: never after who fetched it or when."""
    ballot = form.ballot.number if form.ballot else "trial"
    name = f"{kind}-{form.contest.congress.unit.code}-{form.contest.body}-{ballot}-{form.variant}.pdf"
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type="application/pdf", headers={**HARD, "Content-Disposition": disposition})


@require_GET
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """How to set the printer for this paper, as a list to tick off beside the machine."""
    form = printing.form_for(me(request), pk)
    context = {
        "form": form,
        "subject": subject_of(form),
        "back": home_of(subject_of(form)),
        "sheets_of_paper": (form.pages + 1) // 2,
        "breadcrumbs": crumbs_of(subject_of(form), (_("Before printing"), "")),
    }
    return render(request, "elections/print_checklist.html", context)


@require_GET
def secrecy(request: HttpRequest) -> HttpResponse:
    """Why there is no number on a ballot."""
    language = (get_language() or "en").partition("-")[0]
    crumbs = [{"label": _("Why there is no number on a ballot"), "url": ""}]
    return render(request, "elections/print_secrecy.html", {"language": language, "breadcrumbs": crumbs})


# Print runs ---------------------------------------------------------------------------------------


def print_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a print run and fetch its file; a large one is shown once more before."""
    reader = me(request)
    form = printing.form_for(reader, pk)
    require(reader, actions.record_print_run, form)
    usual = _usual(form)
    asked = PrintForm(posted(request), subject=form, initial={"copies": usual.get("copies")})
    made: list[PrintRun] = []

    def keep() -> None:
        made.append(actions.record_print_run(reader, form, **asked.values()))

    context = {
        "paper": form,
        "usual": usual,
        "back": home_of(subject_of(form)),
        "large_run": LARGE_RUN,
        "breadcrumbs": crumbs_of(subject_of(form), (_("Print run"), "")),
    }
    if request.method == "POST" and asked.is_valid() and _must_confirm(request, asked.cleaned_data["copies"]):
        context |= {"copies": asked.cleaned_data["copies"], "sides": asked.cleaned_data["copies"] * form.pages}
        return answer(request, "elections/print_confirm.html", context, asked)
    if request.method == "POST" and attempt(asked, keep, form):
        copies = made[0].copies
        words = ngettext("%(count)s copy is on record.", "%(count)s copies are on record.", copies)
        messages.success(request, f"{words % {'count': copies}} {_('Now fetch the file and print it.')}")
        return redirect(home_of(subject_of(form)) + "#runs")
    return answer(request, "elections/print_run.html", context, asked)


def _must_confirm(request: HttpRequest, copies: int) -> bool:
    return LARGE_RUN <= copies <= actions.MOST_COPIES and request.POST.get("step") != "save"


def _usual(form: PaperForm) -> dict[str, int]:
    """How many copies are likely wanted: one for every voter and a reserve, less what is printed already."""
    ballot = form.ballot
    if ballot is None or not ballot.has_electorate:
        return {}
    voters = ballot.base_now().total
    wanted = voters + max(2, -(-voters * RESERVE_PERCENT // 100))
    return {"voters": voters, "percent": RESERVE_PERCENT, "copies": max(1, wanted - (ballot.printed or 0))}


@require_GET
def run_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The print file of a run: all its copies, or the deck of a trial."""
    run = printing.run_for(me(request), pk)
    if run.withdrawn:
        raise Http404
    require(me(request), actions.record_print_run, run.form)
    if run.deck:
        return _pdf(run.form, "deck", press.deck(run.form))
    if run.form.ballot_id is None:
        return _pdf(run.form, "practice", press.practice(run.form, run.copies))
    return _pdf(run.form, "ballots", press.ballots(run.form, run.copies, run.batch))


def withdraw_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a paper out of use."""
    form = printing.form_for(me(request), pk)
    words = {
        "title": _("Withdraw the paper"),
        "text": _("The paper stays on record, but nothing more is printed of it. Destroy proofs that lie about."),
        "done": _("The paper is withdrawn."),
    }
    return _withdraw(request, form, subject_of(form), actions.withdraw_form, words)


def withdraw_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the copies of a run do not count."""
    run = printing.run_for(me(request), pk)
    words = {
        "title": _("Withdraw the print run"),
        "text": _("First make sure that none of its copies can get into the hall: collect and destroy them."),
        "done": _("The print run is withdrawn; its copies do not count as printed."),
    }
    return _withdraw(request, run, subject_of(run.form), actions.withdraw_print_run, words)


def _withdraw(
    request: HttpRequest, row: Row, subject: Contest | Ballot, verb: Any, words: dict[str, str]
) -> HttpResponse:
    reader = me(request)
    require(reader, verb, row)
    form = ReasonForm(posted(request), subject=row)
    if request.method == "POST" and attempt(form, lambda: verb(reader, row, **form.values()), row):
        messages.success(request, words["done"])
        return redirect(home_of(subject))
    context = {
        "words": words,
        "row": row,
        "contest": subject.contest if isinstance(subject, Ballot) else subject,
        "back": home_of(subject),
        "breadcrumbs": crumbs_of(subject, (words["title"], "")),
    }
    return answer(request, "elections/print_withdraw.html", context, form)


# Stock --------------------------------------------------------------------------------------------


def set_printed(request: HttpRequest, pk: int) -> HttpResponse:
    """How many ballots another hand printed or the board wrote out."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.set_printed, row)
    form = PrintedForm(posted(request), subject=row, initial={"printed": row.printed})

    def keep() -> None:
        actions.set_printed(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("The number printed is recorded."))
        return redirect("elections:paper", pk=row.pk)
    crumbs = crumbs_of(row, (_("Printed elsewhere"), ""))
    return answer(request, "elections/print_elsewhere.html", {"ballot": row, "breadcrumbs": crumbs}, form)


def stock(request: HttpRequest, pk: int) -> HttpResponse:
    """How many ballots were spoilt and how many are left over."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.record_stock, row)
    initial = {"spoilt": row.spoilt, "unused": row.unused}
    form = StockForm(posted(request), subject=row, initial=initial)

    def keep() -> None:
        actions.record_stock(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("Spoilt and left-over ballots are recorded."))
        return redirect("elections:paper", pk=row.pk)
    context = {
        "ballot": row,
        "stock": printing.stock_of(row),
        "breadcrumbs": crumbs_of(row, (_("Spoilt and left over"), "")),
    }
    return answer(request, "elections/print_stock.html", context, form)
